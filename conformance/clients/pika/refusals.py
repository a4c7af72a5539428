"""BlockingConnection: what RabbitMQ refuses, as pika reports it."""
import sys

import pika

url = sys.argv[1]
connection = pika.BlockingConnection(pika.URLParameters(url))

try:
    connection.channel().queue_declare('no such queue', passive=True)
except pika.exceptions.ChannelClosedByBroker as error:
    print(error.reply_code, error.reply_text)

try:
    connection.channel().exchange_declare('amq.direct', 'fanout')
except pika.exceptions.ChannelClosedByBroker as error:
    print(error.reply_code, error.reply_text)

try:
    channel = connection.channel()
    channel.basic_ack(7)
    channel.basic_get('amq.nothing')
except pika.exceptions.ChannelClosedByBroker as error:
    print(error.reply_code, error.reply_text)

print(f'connection open: {connection.is_open}')
connection.close()

try:
    pika.BlockingConnection(pika.URLParameters(f'{url}/nowhere'))
except pika.exceptions.ProbableAccessDeniedError as error:
    print(error)

try:
    pika.BlockingConnection(pika.URLParameters(url.replace('amqp://', 'amqp://guest:wrong@')))
except pika.exceptions.ProbableAuthenticationError as error:
    print(error)
