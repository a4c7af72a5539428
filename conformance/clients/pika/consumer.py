import pika
conn = pika.BlockingConnection(pika.ConnectionParameters('localhost'))
ch = conn.channel()
ch.queue_declare(queue='task_queue')
def callback(ch, method, properties, body):
    print(f" [x] Received {body}")
ch.basic_consume(queue='task_queue',
on_message_callback=callback,
auto_ack=True)
print(' [*] Waiting for messages. To exit press CTRL+C')
ch.start_consuming()
