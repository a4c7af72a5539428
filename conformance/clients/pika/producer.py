import pika
conn = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
ch = conn.channel()
ch.queue_declare(queue='task_queue')
ch.basic_publish(exchange='',
routing_key='task_queue',
body='Hello World!')
print(" [x] Sent 'Hello World!'")
conn.close()
