"""The Celery application that worker and client share. Broker and result backend come from the environment."""
import os

from celery import Celery

app = Celery('tasks', broker=os.environ['AMQP_URL'], backend=os.environ['RESULT_BACKEND'])
app.conf.update(
    task_default_queue=os.environ['TASK_QUEUE'],
    task_acks_late=True,
    worker_prefetch_multiplier=8,
    result_chord_retry_interval=0.2,
    result_expires=600,
    broker_connection_retry_on_startup=True,
)


@app.task(bind=True, max_retries=3)
def stubborn(self, number):
    """Fails once when `number` is a multiple of 4, twice when it is one of 20; then returns its square."""
    failures = 2 if number % 20 == 0 else 1 if number % 4 == 0 else 0
    if self.request.retries < failures:
        raise self.retry(countdown=0.05)
    return number * number, self.request.retries


@app.task
def double(number):
    return 2 * number


@app.task
def total(numbers):
    return sum(numbers)
