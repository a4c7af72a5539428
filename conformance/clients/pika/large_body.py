"""BlockingConnection: a body of 5 MB there and back, by consume and by get."""
import hashlib
import os
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
queue = channel.queue_declare(queue='', exclusive=True).method.queue
sent = os.urandom(5 * 1000 * 1000)
channel.basic_publish('', queue, sent)
channel.basic_publish('', queue, sent)

for method, properties, body in channel.consume(queue):
    same = hashlib.sha256(body).digest() == hashlib.sha256(sent).digest()
    print(f'consumed {len(body)} bytes, same={same}')
    channel.basic_ack(method.delivery_tag)
    break
channel.cancel()

method, properties, body = channel.basic_get(queue, auto_ack=True)
print(f'got {len(body)} bytes, same={body == sent}')
connection.close()
