<?php
// Publishes with confirms and consumes with acks, with php-amqplib.
//
//   php confirms.php host port

require_once 'PhpAmqpLib/autoload.php';

use PhpAmqpLib\Connection\AMQPStreamConnection;
use PhpAmqpLib\Exception\AMQPProtocolChannelException;
use PhpAmqpLib\Message\AMQPMessage;
use PhpAmqpLib\Wire\AMQPTable;

const COUNT = 300;

[, $host, $port] = $argv;
$connection = new AMQPStreamConnection($host, (int) $port, 'guest', 'guest');
$queue = 'php-' . getmypid() . '-' . hrtime(true);

$publishing = $connection->channel();
$publishing->queue_declare($queue, false, true, false, false);
$publishing->queue_bind($queue, 'amq.direct', $queue);
$publishing->confirm_select();
$confirmed = 0;
$publishing->set_ack_handler(function () use (&$confirmed) { $confirmed++; });
$returned = [];
$publishing->set_return_listener(function ($code, $text) use (&$returned) { $returned[] = "$code $text"; });
for ($number = 0; $number < COUNT; $number++) {
    $properties = ['delivery_mode' => AMQPMessage::DELIVERY_MODE_PERSISTENT, 'application_headers' => new AMQPTable(['number' => $number])];
    $publishing->basic_publish(new AMQPMessage((string) $number, $properties), 'amq.direct', $queue);
}
$publishing->basic_publish(new AMQPMessage('unroutable'), 'amq.direct', "nowhere.$queue", true);
$publishing->wait_for_pending_acks_returns(30);
echo "confirmed: $confirmed\n";
echo 'returned: ', implode(', ', $returned), "\n";

$consuming = $connection->channel();
$consuming->basic_qos(0, 10, false);
$received = [];
$consuming->basic_consume($queue, '', false, false, false, false, function (AMQPMessage $message) use (&$received) {
    $number = $message->get('application_headers')->getNativeData()['number'];
    if ($number === 100 && !$message->isRedelivered()) {
        $message->nack(true);
        return;
    }
    $received[$number] = $message->getBody();
    $message->ack();
});
while (count($received) < COUNT) {
    $consuming->wait(null, false, 30);
}
echo 'received: ', count($received), "\n";
$consuming->close();

[, $left] = $publishing->queue_declare($queue, true);
echo "left: $left\n";
$publishing->queue_delete($queue);
try {
    $publishing->queue_declare($queue, true);
} catch (AMQPProtocolChannelException $error) {
    echo 'refused: ', $error->getCode(), "\n";
}
$connection->close();
