"""kombu: a topic exchange, JSON and compressed messages, acks and requeues, and a SimpleQueue."""
import socket
import sys
import uuid

from kombu import Connection, Consumer, Exchange, Producer, Queue

unique = uuid.uuid4().hex[:12]
exchange = Exchange(f'kombu-{unique}', 'topic', durable=True, auto_delete=True)
orders = Queue(f'orders-{unique}', exchange, routing_key='order.#', durable=True, auto_delete=True)
audit = Queue(f'audit-{unique}', exchange, routing_key='#', exclusive=True)

with Connection(sys.argv[1], transport_options={'confirm_publish': True}) as connection:
    audit(connection.channel()).declare()
    producer = Producer(connection.channel(), exchange, auto_declare=True)
    seen = []

    def on_message(body, message):
        if body['number'] == 3 and not message.delivery_info['redelivered']:
            message.requeue()
            return
        seen.append((body['number'], message.delivery_info['redelivered']))
        message.ack()

    with Consumer(connection.channel(), [orders], callbacks=[on_message], prefetch_count=1):
        for number in range(10):
            producer.publish(
                {'number': number, 'text': 'snow 雪'},
                routing_key=f'order.{number}',
                serializer='json',
                compression='zlib' if number % 2 else None,
                declare=[orders],
                retry=True,
            )
        producer.publish({'number': -1}, routing_key='other')
        while len(seen) < 10:
            connection.drain_events(timeout=10)
        try:
            connection.drain_events(timeout=0.2)
            print('an event too many')
        except socket.timeout:
            pass
    print('seen:', ' '.join(f'{number}{"*" if redelivered else ""}' for number, redelivered in seen))
    print('audited:', audit(connection.channel()).queue_declare(passive=True).message_count)

    with connection.SimpleQueue(f'simple-{unique}') as simple:
        for number in range(3):
            simple.put({'number': number})
        for _ in range(3):
            message = simple.get(timeout=10)
            print('simple:', message.payload)
            message.ack()
        try:
            simple.get_nowait()
        except simple.Empty:
            print('simple: empty')
    print('deleted:', connection.default_channel.queue_delete(f'simple-{unique}'))
print('connected:', connection.connected)
