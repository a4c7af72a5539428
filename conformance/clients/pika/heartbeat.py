"""BlockingConnection with a heartbeat of 2 s: nothing but heartbeats for 7 s, and then it still works."""
import sys
import time

import pika

parameters = pika.URLParameters(f'{sys.argv[1]}?heartbeat=2')
connection = pika.BlockingConnection(parameters)
channel = connection.channel()
queue = channel.queue_declare(queue='', exclusive=True).method.queue
started = time.monotonic()
connection.process_data_events(time_limit=7)
print(f'silent for 7 s: {7 <= time.monotonic() - started < 10}')
channel.basic_publish('', queue, b'alive')
method, properties, body = channel.basic_get(queue, auto_ack=True)
print(body.decode())
connection.close()
