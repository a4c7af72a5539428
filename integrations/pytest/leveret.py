"""A message broker for tests, as a pytest plug-in: a vhost for each test, waits, a clock that can be moved, and faults.

Copy this file beside conftest.py and say `pytest_plugins = ["leveret"]` there. It needs nothing but Python and the
`leveret` command (npm), or a broker that runs already: `leveret exec -- pytest`. It speaks to the broker's control API
(/api/leveret/test), so that every AMQP client can be used in the tests.

    def test_retry(leveret_vhost):
        connection = pika.BlockingConnection(pika.URLParameters(leveret_vhost.url))
        ...
        leveret_vhost.wait_for_dead_letter({"queue": "orders"})
"""

import json
import os
import shlex
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest


class LeveretError(Exception):
    """The broker refused a request; of a wait that was in vain, the text says what was there instead."""


class Leveret:
    """A test broker, by its control API."""

    def __init__(self, http_url, url=None):
        self.http_url = http_url.rstrip("/")
        self.url = url

    def request(self, method, path, body=None, timeout=60):
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"content-type": "application/json"}
        request = urllib.request.Request(
            f"{self.http_url}/api/leveret/test{path}", data=data, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                text = response.read().decode()
        except urllib.error.HTTPError as error:
            raise LeveretError(_reason(error)) from None
        return json.loads(text) if text else None

    def isolate(self, name=None):
        """A vhost of a test's own."""
        return Vhost(self, self.request("POST", "/isolate", {} if name is None else {"name": name}))

    def name(self, test):
        """Events bear this name from now on."""
        self.request("PUT", "/name", {"name": test})

    def advance(self, duration):
        """Moves the time of messages, such as by "15m"; needs `leveret exec --clock virtual`."""
        return self.request("POST", "/clock", {"advance": duration})

    def run_next(self):
        return self.request("POST", "/clock", {"run": "next"})

    def fault(self, fault, **options):
        """Has something go wrong, such as fault("dropConnection", after="3 publishes"). Returns how to end it."""
        begun = self.request("POST", "/faults", {"fault": fault, **options})
        return lambda: self.request("DELETE", f"/faults/{begun['id']}")

    def clear_faults(self):
        self.request("DELETE", "/faults")

    def faults(self):
        return self.request("GET", "/faults")


class Vhost:
    """A vhost of one test's own."""

    def __init__(self, leveret, made):
        self.leveret = leveret
        self.name = made["name"]
        self.user = made["user"]
        self.password = made["password"]
        self.url = made["url"]
        self.env = made["env"]
        self._path = "/vhosts/" + urllib.parse.quote(self.name, safe="")

    def state(self):
        """What is in it: queues with their counts, and what a test would leave behind."""
        return self.leveret.request("GET", self._path)

    def events(self, event=None, match=None):
        """What happened in it, oldest first: published, queued, delivered, settled, dead-lettered ..."""
        query = "" if event is None else "?event=" + urllib.parse.quote(event)
        return self.leveret.request("POST", f"{self._path}/events{query}", match or {})

    def published(self, match=None):
        return self.events("published", match)

    def publish(self, exchange, key, body, headers=None, properties=None):
        message = {"exchange": exchange, "key": key, "body": body}
        if headers is not None:
            message["headers"] = headers
        if properties is not None:
            message["properties"] = properties
        return self.leveret.request("POST", f"{self._path}/publish", message)

    def wait(self, what, match=None, **options):
        body = {"for": what, **options}
        if match is not None:
            body["match"] = match
        return self.leveret.request("POST", f"{self._path}/wait", body)

    def wait_for_message(self, match=None, **options):
        return self.wait("message", match, **options)

    def wait_for_ack(self, match=None, **options):
        return self.wait("ack", match, **options)

    def wait_for_dead_letter(self, match=None, **options):
        return self.wait("dead-letter", match, **options)

    def wait_for_consumer(self, queue, **options):
        return self.wait("consumer", queue=queue, **options)

    def wait_for_idle(self, **options):
        return self.wait("idle", **options)

    def dispose(self):
        """Deletes it; returns what was left in it."""
        return self.leveret.request("DELETE", self._path)


def pytest_addoption(parser):
    group = parser.getgroup("leveret")
    group.addoption("--leveret", default=os.environ.get("LEVERET_COMMAND", "leveret"), help="how to run leveret")
    group.addoption("--leveret-leaks", action="store_true", help="a test fails that leaves something in its vhost")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    vhost = getattr(item, "leveret_vhost", None)
    if report.when == "call" and report.failed and vhost is not None:
        lines = [json.dumps(event) for event in vhost.events()[-30:]]
        report.sections.append(("what the broker saw last", "\n".join(lines) or "nothing"))


@pytest.fixture(scope="session")
def leveret(request):
    """The test broker: that of `leveret exec`, or one that is started for this session."""
    if "LEVERET_HTTP_URL" in os.environ:
        yield Leveret(os.environ["LEVERET_HTTP_URL"], os.environ.get("LEVERET_URL"))
        return
    waiting = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
    command = [*shlex.split(request.config.getoption("--leveret")), "exec", "--", sys.executable, "-c", waiting]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        env = json.loads(process.stdout.readline())
        yield Leveret(env["LEVERET_HTTP_URL"], env["LEVERET_URL"])
    finally:
        process.stdin.close()
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture
def leveret_vhost(leveret, request):
    """A vhost of the test's own, which goes with it."""
    leveret.name(request.node.nodeid)
    vhost = leveret.isolate()
    request.node.leveret_vhost = vhost
    yield vhost
    request.node.leveret_vhost = None
    leveret.clear_faults()
    leveret.name(None)
    left = vhost.dispose()
    if request.config.getoption("--leveret-leaks") and left["lines"]:
        pytest.fail("the test leaves behind:\n  " + "\n  ".join(left["lines"]))


def _reason(error):
    text = error.read().decode()
    try:
        return json.loads(text)["reason"]
    except (ValueError, KeyError):
        return text
