"""Sends 200 tasks, a quarter of which ask to be retried, and checks every result."""
from celery import group
from tasks import stubborn

COUNT = 200
results = group([stubborn.s(number) for number in range(COUNT)]).apply_async()
values = results.get(timeout=60, interval=0.05)
print('right:', [value for value, _ in values] == [number * number for number in range(COUNT)])
print('retries:', sum(retries for _, retries in values))
