"""BlockingConnection: basic_get one by one, nack with requeue back to the old place, an empty queue."""
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
queue = channel.queue_declare(queue='', exclusive=True).method.queue
for text in ('a', 'b', 'c', 'd', 'e'):
    channel.basic_publish('', queue, text)


def get():
    method, properties, body = channel.basic_get(queue)
    if method is None:
        print('empty')
        return None
    print(f'{body.decode()} tag={method.delivery_tag} redelivered={method.redelivered} left={method.message_count}')
    return method.delivery_tag


first, second, third = get(), get(), get()
channel.basic_nack(second, requeue=True)
again = get()
channel.basic_nack(third, multiple=True, requeue=True)
for tag in (get(), get(), get(), get()):
    channel.basic_ack(tag)
get()
channel.basic_reject(again, requeue=False)
get()
connection.close()
