// Publishes with confirms and consumes with acks, with RabbitMQ's own Go client (amqp091-go).
//
//	go run confirms.go amqp://host:port
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const count = 500

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := amqp.Dial(os.Args[1])
	check(err, "dial")
	defer connection.Close()
	queue := declare(connection)
	publish(ctx, connection, queue)
	returnUnroutable(ctx, connection)
	consume(ctx, connection, queue)
	fmt.Printf("left: %d\n", deleteQueue(connection, queue))
}

func open(connection *amqp.Connection) *amqp.Channel {
	channel, err := connection.Channel()
	check(err, "channel")
	return channel
}

func declare(connection *amqp.Connection) string {
	channel := open(connection)
	defer channel.Close()
	name := fmt.Sprintf("go-%d", time.Now().UnixNano())
	queue, err := channel.QueueDeclare(name, true, false, false, false, nil)
	check(err, "declare")
	check(channel.QueueBind(queue.Name, queue.Name, "amq.direct", false, nil), "bind")
	return queue.Name
}

func deleteQueue(connection *amqp.Connection, queue string) int {
	channel := open(connection)
	defer channel.Close()
	left, err := channel.QueueDelete(queue, false, false, false)
	check(err, "delete")
	return left
}

func publish(ctx context.Context, connection *amqp.Connection, queue string) {
	channel := open(connection)
	defer channel.Close()
	check(channel.Confirm(false), "confirm")
	var pending []*amqp.DeferredConfirmation
	for number := 0; number < count; number++ {
		confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, "amq.direct", queue, true, false,
			amqp.Publishing{
				DeliveryMode: amqp.Persistent,
				ContentType:  "text/plain",
				Headers:      amqp.Table{"number": int32(number)},
				Body:         []byte(fmt.Sprint(number)),
			})
		check(err, "publish")
		pending = append(pending, confirmation)
	}
	confirmed := 0
	for _, confirmation := range pending {
		if confirmation.Wait() {
			confirmed++
		}
	}
	fmt.Printf("confirmed: %d\n", confirmed)
}

func returnUnroutable(ctx context.Context, connection *amqp.Connection) {
	channel := open(connection)
	defer channel.Close()
	check(channel.Confirm(false), "confirm")
	returns := channel.NotifyReturn(make(chan amqp.Return, 1))
	confirmation, err := channel.PublishWithDeferredConfirmWithContext(ctx, "amq.direct", "no.such.key", true, false,
		amqp.Publishing{Body: []byte("unroutable")})
	check(err, "publish")
	returned := <-returns
	fmt.Printf("returned: %d %s %s, confirmed %t\n", returned.ReplyCode, returned.ReplyText, returned.Body,
		confirmation.Wait())
}

func consume(ctx context.Context, connection *amqp.Connection, queue string) {
	channel := open(connection)
	defer channel.Close()
	check(channel.Qos(20, 0, false), "qos")
	deliveries, err := channel.Consume(queue, "", false, false, false, false, nil)
	check(err, "consume")
	acked, requeued := 0, false
	for acked < count {
		select {
		case delivery := <-deliveries:
			number := string(delivery.Body)
			if number == "100" && !requeued {
				requeued = true
				check(delivery.Nack(false, true), "nack")
				continue
			}
			if number == "100" {
				fmt.Printf("requeued: redelivered %t\n", delivery.Redelivered)
			}
			acked++
			check(delivery.Ack(false), "ack")
		case <-ctx.Done():
			check(ctx.Err(), fmt.Sprintf("waiting for message %d", acked))
		}
	}
	fmt.Printf("acked: %d\n", acked)
}
