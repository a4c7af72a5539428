# Lives through every fault of a test broker, and prints one line for each: what pika had to say of it. The faults are asked
# for by the control API; where it is, and where the broker is, stands in the environment.
import json
import os
import time
import urllib.request

import pika
import pika.exceptions

URL = os.environ["AMQP_URL"]
HTTP = os.environ["LEVERET_HTTP_URL"] + "/api/leveret/test"


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {} if data is None else {"content-type": "application/json"}
    request = urllib.request.Request(HTTP + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        text = response.read().decode()
    return json.loads(text) if text else None


def fault(name, **options):
    ask("POST", "/faults", {"fault": name, **options})


def connect(**more):
    parameters = pika.URLParameters(URL)
    for name, value in more.items():
        setattr(parameters, name, value)
    return pika.BlockingConnection(parameters)


def channel_of(connection):
    channel = connection.channel()
    channel.queue_declare("q", durable=True)
    return channel


def outcome(work, *errors):
    try:
        return work()
    except errors as error:
        return type(error).__name__
    finally:
        ask("DELETE", "/faults")


def dropped(mode, **options):
    connection = connect()
    channel = channel_of(connection)
    fault("dropConnection", mode=mode, **options)

    def use():
        for number in range(3):
            channel.basic_publish("", "q", str(number))
        connection.process_data_events(time_limit=5)

    return outcome(use, pika.exceptions.AMQPConnectionError, pika.exceptions.AMQPChannelError)


def silent():
    connection = connect()
    channel = channel_of(connection)
    channel.queue_purge("q")
    arrived = []
    channel.basic_consume("q", lambda ch, method, properties, body: arrived.append(body))
    fault("dropConnection", mode="blackhole")
    # When whoever comes after it has its answers, the message has been sent to the consumer.
    other = channel_of(connect())
    other.basic_publish("", "q", "x")
    other.queue_declare("q", passive=True)
    connection.process_data_events(time_limit=0)
    ask("DELETE", "/faults")
    still = connection.is_open and channel.is_open
    fault("dropConnection")
    return f"{arrived or 'nothing'} comes, open: {still}"


def refused():
    fault("refuseConnections")
    return outcome(connect, pika.exceptions.AMQPConnectionError)


def late():
    connection = connect()
    channel = channel_of(connection)
    fault("delay", method="queue.declare", by="300ms")
    begun = time.monotonic()
    channel.queue_declare("q", durable=True)
    took = time.monotonic() - begun
    ask("DELETE", "/faults")
    connection.close()
    return f"late: {took >= 0.3}"


def lost():
    connection = connect()
    channel = channel_of(connection)
    channel.queue_purge("q")
    channel.basic_publish("", "q", "lost")
    fault("lose", method="basic.deliver", times=1)
    got = []
    channel.basic_consume("q", lambda ch, method, properties, body: got.append(body))
    channel.basic_publish("", "q", "comes")
    connection.process_data_events(time_limit=1)
    ask("DELETE", "/faults")
    connection.close()
    return b" ".join(got).decode()


def confirmed(name, mandatory=False, persistent=False, **options):
    connection = connect()
    channel = channel_of(connection)
    channel.confirm_delivery()
    fault(name, **options)
    properties = pika.BasicProperties(delivery_mode=2 if persistent else 1)

    def publish():
        channel.basic_publish("", "q", "x", properties, mandatory)
        return "confirmed"

    return outcome(publish, pika.exceptions.NackError, pika.exceptions.UnroutableError)


def unconfirmed():
    connection = connect()
    channel = channel_of(connection)
    channel.confirm_delivery()
    fault("withholdConfirms")
    # pika would wait for ever; so long until the connection goes.
    fault("dropConnection", after="1 publishes")

    def publish():
        channel.basic_publish("", "q", "x")
        return "confirmed"

    return outcome(publish, pika.exceptions.AMQPConnectionError)


def closed():
    connection = connect()
    channel = channel_of(connection)
    fault("closeChannel", code=404, text="it is gone")
    try:
        channel.queue_declare("q", durable=True)
    except pika.exceptions.ChannelClosedByBroker as error:
        return f"{error.reply_code} {error.reply_text}"


def blocked():
    connection = connect()
    channel = channel_of(connection)
    told = []
    connection.add_on_connection_blocked_callback(lambda _, method: told.append(method.method.reason))
    connection.add_on_connection_unblocked_callback(lambda *_: told.append("unblocked"))
    fault("blockPublishers", resource="disk")
    channel.basic_publish("", "q", "x")
    connection.process_data_events(time_limit=1)
    ask("DELETE", "/faults")
    connection.process_data_events(time_limit=1)
    connection.close()
    return ", ".join(told)


def slow():
    begun = time.monotonic()
    result = confirmed("slowStore", persistent=True, by="300ms")
    return f"{result}, late: {time.monotonic() - begun >= 0.3}"


def come_back():
    """Tries until it is let in; nothing but that tells a client that the broker is back."""
    while True:
        try:
            return connect()
        except pika.exceptions.AMQPConnectionError:
            pass


def killed():
    connection = connect()
    channel = channel_of(connection)
    channel.queue_purge("q")
    channel.confirm_delivery()
    channel.basic_publish("", "q", "kept", pika.BasicProperties(delivery_mode=2))
    ask("POST", "/restart", {"kill": True})
    gone = "nothing"
    try:
        connection.process_data_events(time_limit=5)
    except pika.exceptions.AMQPConnectionError as error:
        gone = type(error).__name__
    connection = come_back()
    count = connection.channel().queue_declare("q", passive=True).method.message_count
    connection.close()
    return f"{gone}, then {count} message"


print("reset:", dropped("rst"))
print("closed:", dropped("fin"))
print("after 2 publishes:", dropped("rst", after="2 publishes"))
print("silent:", silent())
print("refused:", refused())
print("delay:", late())
print("lose:", lost())
print("nack:", confirmed("nackPublishes", next=1))
print("unroutable:", confirmed("returnUnroutable", mandatory=True))
print("no confirm:", unconfirmed())
print("channel:", closed())
print("blocked:", blocked())
print("slow store:", slow())
print("store fails:", confirmed("slowStore", persistent=True, by=0, fails=True))
print("killed:", killed())
