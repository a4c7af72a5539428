"""SelectConnection: everything by callbacks. Publishes 100 messages with confirms while it consumes and acks them."""
import sys

import pika

COUNT = 100


class Client:
    def __init__(self, url):
        self.received = []
        self.confirmed = 0
        self.connection = pika.SelectConnection(
            pika.URLParameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.on_channel),
            on_open_error_callback=self.on_open_error,
            on_close_callback=self.on_close,
        )

    def on_open_error(self, connection, error):
        sys.exit(f'not opened: {error!r}')

    def on_close(self, connection, reason):
        print(f'closed: {reason.reply_code} {reason.reply_text}')
        connection.ioloop.stop()

    def on_channel(self, channel):
        self.channel = channel
        channel.queue_declare('', exclusive=True, callback=self.on_queue)

    def on_queue(self, frame):
        self.queue = frame.method.queue
        self.channel.queue_bind(self.queue, 'amq.topic', routing_key='select.#', callback=self.on_bound)

    def on_bound(self, frame):
        self.channel.basic_qos(prefetch_count=10, callback=self.on_qos)

    def on_qos(self, frame):
        self.channel.confirm_delivery(ack_nack_callback=self.on_confirm, callback=self.on_confirming)

    def on_confirming(self, frame):
        self.channel.basic_consume(self.queue, self.on_message, callback=self.on_consuming)

    def on_consuming(self, frame):
        for number in range(COUNT):
            self.channel.basic_publish('amq.topic', f'select.{number}', str(number))

    def on_confirm(self, frame):
        if isinstance(frame.method, pika.spec.Basic.Nack):
            print(f'nacked {frame.method.delivery_tag}')
        tag = frame.method.delivery_tag
        self.confirmed = max(self.confirmed, tag) if frame.method.multiple else self.confirmed + 1
        self.finish_when_done()

    def on_message(self, channel, method, properties, body):
        self.received.append(body.decode())
        channel.basic_ack(method.delivery_tag)
        self.finish_when_done()

    def finish_when_done(self):
        if self.confirmed >= COUNT and len(self.received) == COUNT:
            self.confirmed = 0
            print(f'received {COUNT}, in order={self.received == [str(number) for number in range(COUNT)]}')
            self.channel.basic_cancel(self.channel.consumer_tags[0], callback=self.on_cancelled)

    def on_cancelled(self, frame):
        print('cancelled')
        self.connection.close()


Client(sys.argv[1]).connection.ioloop.start()
