"""Sends a chord: 20 tasks, and one more on their results when all of them are done."""
from celery import chord
from tasks import double, total

result = chord([double.s(number) for number in range(20)])(total.s())
print('total:', result.get(timeout=60, interval=0.05))
