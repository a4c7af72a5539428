// Publishes with confirms and consumes with acks, with RabbitMQ's own Java client (amqp-client).
//
//   java -cp /usr/share/java/amqp-client.jar:... Confirms.java amqp://host:port

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public class Confirms {
  static final int COUNT = 500;

  public static void main(String[] args) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(args[0]);
    factory.setAutomaticRecoveryEnabled(false);
    try (Connection connection = factory.newConnection("conformance")) {
      String queue = "java-" + System.nanoTime();
      publish(connection, queue);
      consume(connection, queue);
      dieAndSeeWhy(connection, queue);
      refuse(connection);
    }
  }

  static void publish(Connection connection, String queue) throws Exception {
    Channel channel = connection.createChannel();
    channel.queueDeclare(queue, true, false, false, Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", queue + ".dead"));
    channel.queueDeclare(queue + ".dead", true, false, false, null);
    channel.queueBind(queue, "amq.topic", queue + ".#");
    channel.confirmSelect();
    for (int number = 0; number < COUNT; number++) {
      byte[] body = Integer.toString(number).getBytes();
      channel.basicPublish("amq.topic", queue + "." + number, MessageProperties.PERSISTENT_TEXT_PLAIN, body);
    }
    System.out.println("confirmed: " + channel.waitForConfirms(30_000));
    BlockingQueue<String> returned = new LinkedBlockingQueue<>();
    channel.addReturnListener((code, text, exchange, key, properties, body) -> returned.add(code + " " + text));
    channel.basicPublish("", "nowhere." + queue, true, null, "unroutable".getBytes());
    System.out.println("returned: " + returned.poll(30, TimeUnit.SECONDS));
    channel.close();
  }

  static void consume(Connection connection, String queue) throws Exception {
    Channel channel = connection.createChannel();
    channel.basicQos(20);
    List<String> received = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(COUNT);
    String tag = channel.basicConsume(queue, false, new DefaultConsumer(channel) {
      @Override
      public void handleDelivery(String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
          throws IOException {
        String number = new String(body);
        if (number.equals("100") && !envelope.isRedeliver()) {
          channel.basicNack(envelope.getDeliveryTag(), false, true);
          return;
        }
        received.add(number);
        channel.basicAck(envelope.getDeliveryTag(), false);
        done.countDown();
      }
    });
    System.out.println("all received: " + done.await(30, TimeUnit.SECONDS));
    channel.basicCancel(tag);
    channel.close();
    System.out.println("different: " + received.stream().distinct().count());
  }

  static void dieAndSeeWhy(Connection connection, String queue) throws Exception {
    Channel channel = connection.createChannel();
    channel.basicPublish("", queue, new AMQP.BasicProperties.Builder().expiration("0").build(), "late".getBytes());
    List<?> deaths = null;
    while (deaths == null) {
      var got = channel.basicGet(queue + ".dead", true);
      if (got != null) deaths = (List<?>) got.getProps().getHeaders().get("x-death");
    }
    Map<?, ?> death = (Map<?, ?>) deaths.get(0);
    System.out.println("dead: " + death.get("reason") + " " + death.get("count"));
    System.out.println("left: " + channel.queueDelete(queue).getMessageCount());
    channel.queueDelete(queue + ".dead");
    channel.close();
  }

  static void refuse(Connection connection) throws Exception {
    Channel channel = connection.createChannel();
    CompletableFuture<String> closed = new CompletableFuture<>();
    channel.addShutdownListener(cause -> closed.complete(((AMQP.Channel.Close) cause.getReason()).getReplyText()));
    try {
      channel.queueDeclarePassive("no.such.queue");
    } catch (IOException | AlreadyClosedException expected) {
      System.out.println("refused: " + closed.get(30, TimeUnit.SECONDS));
    }
  }
}
