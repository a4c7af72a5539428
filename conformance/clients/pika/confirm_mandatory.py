"""BlockingConnection with confirm_delivery: a mandatory message that no queue wants raises UnroutableError."""
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.confirm_delivery()
queue = channel.queue_declare(queue='', exclusive=True).method.queue

channel.basic_publish('', queue, b'routable', mandatory=True)
print('routable: confirmed')

try:
    channel.basic_publish('amq.direct', 'no.such.key', b'unroutable', mandatory=True)
    print('unroutable: confirmed')
except pika.exceptions.UnroutableError as error:
    for returned in error.messages:
        method = returned.method
        print(f'unroutable: {method.reply_code} {method.reply_text} {method.exchange} {method.routing_key} {returned.body}')

channel.basic_publish('amq.direct', 'no.such.key', b'dropped')
print('not mandatory: confirmed')

method, properties, body = channel.basic_get(queue, auto_ack=True)
print(f'queue: {body}')
connection.close()
