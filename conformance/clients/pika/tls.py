"""Over TLS: tls.py URL CA [CERT KEY]. With a certificate it logs in by EXTERNAL, without by the URL's password."""
import ssl
import sys

import pika

url, authority, *own = sys.argv[1:]
context = ssl.create_default_context(cafile=authority)
parameters = pika.URLParameters(url)
if own:
    context.load_cert_chain(*own)
    parameters.credentials = pika.credentials.ExternalCredentials()
parameters.ssl_options = pika.SSLOptions(context, parameters.host)
try:
    connection = pika.BlockingConnection(parameters)
except pika.exceptions.AMQPError as error:
    print(f'refused: {type(error).__name__}')
    sys.exit()
channel = connection.channel()
queue = channel.queue_declare('', exclusive=True).method.queue
channel.confirm_delivery()
channel.basic_publish('', queue, b'x' * 300_000)
method, properties, body = channel.basic_get(queue, auto_ack=True)
print(f'got {len(body)} octets')
connection.close()
