"""BlockingConnection: two channels of one connection, interleaved message by message, each with its own delivery tags."""
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channels = [connection.channel(), connection.channel()]
queues = [channel.queue_declare(queue='', exclusive=True).method.queue for channel in channels]
received = [[], []]


def consume(index):
    def on_message(channel, method, properties, body):
        received[index].append((method.delivery_tag, body.decode()))
        channel.basic_ack(method.delivery_tag)
        if len(received[0]) + len(received[1]) == 20:
            channels[0].stop_consuming()

    channels[index].basic_qos(prefetch_count=1)
    channels[index].basic_consume(queues[index], on_message)


for number in range(10):
    # Each channel publishes to the queue that the other one consumes.
    channels[0].basic_publish('', queues[1], f'to second {number}')
    channels[1].basic_publish('', queues[0], f'to first {number}')
consume(0)
consume(1)
channels[0].start_consuming()

for index, name in enumerate(('first', 'second')):
    expected = [(number + 1, f'to {name} {number}') for number in range(10)]
    print(f'{name}: {len(received[index])} in order={received[index] == expected}')
channels[0].close()
print(f'second open after the first closed: {channels[1].is_open}')
print(f'messages left: {channels[1].queue_declare(queues[1], passive=True).method.message_count}')
connection.close()
