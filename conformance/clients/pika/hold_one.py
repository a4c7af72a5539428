"""BlockingConnection with a heartbeat of 2 s: takes one message, never acknowledges it, and waits to be cut off."""
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(f'{sys.argv[1]}?heartbeat=2'))
channel = connection.channel()
method, properties, body = next(channel.consume(sys.argv[2]))
print(f'holding {body.decode()}')
try:
    while True:
        connection.process_data_events(time_limit=None)
except pika.exceptions.AMQPConnectionError as error:
    print('cut off')
