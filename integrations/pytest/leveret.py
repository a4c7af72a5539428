"""A message broker for tests, as a pytest plug-in: a vhost for each test, waits, a clock that can be moved, and faults.

Copy this file beside conftest.py and say `pytest_plugins = ["leveret"]` there. It needs nothing but Python and the
`leveret` command (npm), or a broker that runs already: `leveret exec -- pytest`. It speaks to the broker's control API
(/api/leveret/test), so that every AMQP client can be used in the tests.

    def test_retry(leveret_vhost):
        connection = pika.BlockingConnection(pika.URLParameters(leveret_vhost.url))
        ...
        leveret_vhost.wait_for_dead_letter({"queue": "orders"})

What takes a duration takes milliseconds, a text such as "15m", or a timedelta.
"""

import datetime
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
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
        self._begun = []

    def request(self, method, path, body=None, timeout=60):
        __tracebackhide__ = True  # A failure shows the line of the test.
        data = None if body is None else json.dumps(body, default=_plain).encode()
        headers = {} if data is None else {"content-type": "application/json"}
        request = urllib.request.Request(
            f"{self.http_url}/api/leveret/test{path}", data=data, method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                text = response.read().decode()
                is_json = response.headers.get_content_type() == "application/json"
        except urllib.error.HTTPError as error:
            raise LeveretError(_reason(error)) from None
        return json.loads(text) if is_json and text else text

    def isolate(self, name=None):
        """A vhost of a test's own."""
        return Vhost(self, self.request("POST", "/isolate", {} if name is None else {"name": name}))

    def name(self, test):
        """Events bear this name from now on."""
        self.request("PUT", "/name", {"name": test})

    def advance(self, duration):
        """Moves the time of messages, such as by "15m"; needs `--leveret-clock virtual`, or `leveret exec --clock virtual`."""
        __tracebackhide__ = True
        return self.request("POST", "/clock", {"advance": duration})

    def run_next(self):
        """Moves time to what is due next, and does it."""
        __tracebackhide__ = True
        return self.request("POST", "/clock", {"run": "next"})

    def run_all(self):
        """Does all that is due, and what becomes due by it."""
        __tracebackhide__ = True
        return self.request("POST", "/clock", {"run": "all"})

    def clock(self):
        """The time of messages, and when something is due."""
        return self.request("GET", "/clock")

    def fault(self, fault, **options):
        """Has something go wrong, such as fault("dropConnection", after="3 publishes"). Returns how to end it."""
        __tracebackhide__ = True
        begun = self.request("POST", "/faults", {"fault": fault, **options})
        if "id" in begun:
            self._begun.append(begun["id"])
        return lambda: self._end(begun["id"])

    def end_faults(self):
        """Ends the faults that this process began: others may use the same broker."""
        for begun in self._begun[:]:
            self._end(begun)

    def clear_faults(self):
        """Ends all faults, whoever began them."""
        self._begun.clear()
        self.request("DELETE", "/faults")

    def restart(self, kill=False, keep_data=True, down_for=0, timeout=30):
        """Stops the broker, or (kill) has it die as by a power cut, and returns when it is back."""
        lives = self.request("GET", "")["lives"]
        self.request("POST", "/restart", {"kill": kill, "keepData": keep_data, "downFor": down_for})
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if self.request("GET", "")["lives"] > lives:
                    return
            except (OSError, LeveretError):
                pass  # It is away.
            time.sleep(0.01)
        raise LeveretError(f"the broker was not back {timeout} s after it was to restart")

    def _end(self, fault):
        if fault not in self._begun:
            return
        self._begun.remove(fault)
        self.request("DELETE", f"/faults/{fault}")

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

    def queue(self, name):
        """A queue: its counts, its messages (decoded, none is taken), who holds some ("held"), what died in it."""
        return self.leveret.request("GET", f"{self._path}/queues/{urllib.parse.quote(name, safe='')}")

    def messages(self, queue):
        return self.queue(queue)["messages"]

    def bindings(self, exchange=None):
        query = "" if exchange is None else "?exchange=" + urllib.parse.quote(exchange, safe="")
        return self.leveret.request("GET", f"{self._path}/bindings{query}")

    def lints(self, *allow):
        """Bad practice that the broker saw, but for what is allowed: texts, or {"pattern": "..."}."""
        return self.leveret.request("POST", f"{self._path}/lints", {"allow": list(allow)})

    def fault(self, fault, **options):
        """Has something go wrong in this vhost only; for faults that can be about a vhost."""
        return self.leveret.fault(fault, vhost=self.name, **options)

    def snapshot(self):
        """Keeps what is in it, for `restore`."""
        return self.leveret.request("POST", f"{self._path}/snapshots", {})

    def restore(self, snapshot):
        self.leveret.request("POST", f"{self._path}/restore", snapshot)

    def reset(self):
        """Deletes all that is declared in it."""
        self.leveret.request("POST", f"{self._path}/reset", {})

    def replay(self, trace, speed=None):
        """Publishes again what was published in a record (NDJSON); returns how much that was."""
        body = {"trace": trace} if speed is None else {"trace": trace, "speed": speed}
        return self.leveret.request("POST", f"{self._path}/replay", body, timeout=None)["published"]

    def trace(self, format="text", last=None):
        """What happened in it: in words, or as "ndjson" or "mermaid"."""
        asked = {"format": format, "vhost": self.name, **({} if last is None else {"last": last})}
        return self.leveret.request("GET", "/trace?" + urllib.parse.urlencode(asked))

    def events(self, event=None, match=None):
        """What happened in it, oldest first: published, queued, delivered, settled, dead-lettered ..."""
        query = "" if event is None else "?event=" + urllib.parse.quote(event)
        return self.leveret.request("POST", f"{self._path}/events{query}", match or {})

    def published(self, match=None):
        return self.events("published", match)

    def publish(self, exchange, key, body, headers=None, properties=None):
        __tracebackhide__ = True
        message = {"exchange": exchange, "key": key, "body": body}
        if headers is not None:
            message["headers"] = headers
        if properties is not None:
            message["properties"] = properties
        return self.leveret.request("POST", f"{self._path}/publish", message)

    def wait(self, what, match=None, **options):
        __tracebackhide__ = True
        body = {"for": what, **options}
        if match is not None:
            body["match"] = match
        return self.leveret.request("POST", f"{self._path}/wait", body, timeout=None)

    def wait_for_message(self, match=None, **options):
        __tracebackhide__ = True
        return self.wait("message", match, **options)

    def wait_for_ack(self, match=None, **options):
        __tracebackhide__ = True
        return self.wait("ack", match, **options)

    def wait_for_dead_letter(self, match=None, **options):
        __tracebackhide__ = True
        return self.wait("dead-letter", match, **options)

    def wait_for_consumer(self, queue, **options):
        __tracebackhide__ = True
        return self.wait("consumer", queue=queue, **options)

    def wait_for_idle(self, **options):
        __tracebackhide__ = True
        return self.wait("idle", **options)

    def dispose(self):
        """Deletes it; returns what was left in it."""
        return self.leveret.request("DELETE", self._path)


def pytest_addoption(parser):
    group = parser.getgroup("leveret")
    group.addoption("--leveret", default=os.environ.get("LEVERET_COMMAND", "leveret"), help="how to run leveret")
    group.addoption("--leveret-clock", choices=["real", "virtual"], default="real", help="time of a broker that is started")
    group.addoption("--leveret-leaks", action="store_true", help="a test fails that leaves something in its vhost")
    group.addoption("--leveret-strict", action="store_true", help="a test fails in which the broker saw bad practice")


def pytest_configure(config):
    config.addinivalue_line("markers", "leveret_allow(*texts): what is no bad practice in this test (--leveret-strict)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    vhost = getattr(item, "leveret_vhost", None)
    if report.when == "call" and report.failed and vhost is not None:
        item.leveret_failed = True
        try:
            trace = vhost.trace(last=30)
        except (OSError, LeveretError) as error:
            trace = f"the broker does not say: {error}"
        report.sections.append(("what the broker saw last", trace.rstrip() or "nothing"))


@pytest.fixture(scope="session")
def leveret(request):
    """The test broker: that of `leveret exec`, or one that is started for this session."""
    if "LEVERET_HTTP_URL" in os.environ:
        yield Leveret(os.environ["LEVERET_HTTP_URL"], os.environ.get("LEVERET_URL"))
        return
    waiting = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
    program, *words = shlex.split(request.config.getoption("--leveret"), posix=os.name != "nt")
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"there is no command '{program}': npm install --global leveret, or say which with --leveret", pytrace=False)
    clock = request.config.getoption("--leveret-clock")
    command = [found, *words, "exec", "--clock", clock, "--", sys.executable, "-c", waiting]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        said = process.stdout.readline()
        if not said:
            pytest.fail(f"'{program}' has started no broker: it ended with {process.wait()}", pytrace=False)
        env = json.loads(said)
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
    leveret.name(None)
    allowed = [text for mark in request.node.iter_markers("leveret_allow") for text in mark.args]
    lints = vhost.lints(*allowed) if request.config.getoption("--leveret-strict") else []
    left = vhost.dispose()["lines"]
    leveret.end_faults()
    if getattr(request.node, "leveret_failed", False):
        return  # It has failed already, and most of this comes of that.
    if left and request.config.getoption("--leveret-leaks"):
        pytest.fail("the test leaves behind:\n  " + "\n  ".join(left), pytrace=False)
    if lints:
        pytest.fail("the broker saw bad practice:\n  " + "\n  ".join(lints), pytrace=False)


@pytest.fixture
def leveret_env(leveret_vhost, monkeypatch):
    """The vhost of the test, with its address in AMQP_URL, RABBITMQ_URL and LEVERET_URL of the environment."""
    for name, value in leveret_vhost.env.items():
        monkeypatch.setenv(name, value)
    return leveret_vhost


def _plain(value):
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() * 1000
    raise TypeError(f"{value!r} has no form in JSON")


def _reason(error):
    text = error.read().decode()
    try:
        return json.loads(text)["reason"]
    except (ValueError, KeyError):
        return text
