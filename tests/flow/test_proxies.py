"""A gateway behind nginx and HAProxy with the settings of config/proxy: people come in, boards stay alive, and the journal knows
where everybody came from."""
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest
import websockets
from estate import PERSON, ROOT, Broker, Gateway, copy_config, free_port, native, run_firegate, wait_until
from live import LiveClient

NAME = "firegate.example.org"  # of the samples
HEARTBEAT = 5
IDLE = 7  # seconds, instead of the samples' 75: what holds with so little to spare holds with theirs


def own_address():
    """An address of this machine that is not loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


ADDRESS = own_address()
# Through a proxy nobody comes from loopback: the gateway does not believe it.
SEEN = "unknown" if ADDRESS.startswith("127.") else ADDRESS


def sample(name, changes):
    """A file of config/proxy with its places changed; every change must find its place."""
    with open(os.path.join(ROOT, "config", "proxy", name), encoding="utf-8") as stream:
        text = stream.read()
    for old, new in {**changes, "75s": f"{IDLE}s"}.items():
        assert old in text, f"{name}: no {old}"
        text = text.replace(old, new)
    return text


class Proxy:
    """One of the two programs, in front of the gateway on a port of its own; and what comes through it."""

    def __init__(self, folder, gateway, authority):
        self.port = free_port()
        self.gateway = gateway
        self.authority = authority
        self.session = {}
        self.process = None
        self.log = os.path.join(folder, f"{self.program}.log")
        self.file = os.path.join(folder, f"{self.program}.conf")
        with open(self.file, "w", encoding="utf-8") as stream:
            stream.write(self.settings(folder))

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log)
        try:
            wait_until(self.answers, 10, f"{self.program} answers")
        except AssertionError:
            self.stop()
            raise

    def answers(self):
        if self.process.poll() is not None:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                raise AssertionError(f"{self.program} ended with {self.process.returncode}:\n" + log.read()[-2000:])
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    def context(self):
        return ssl.create_default_context(cafile=self.authority)

    def ask(self, method, path, body=None, headers=None):
        """Status, headers and bytes, as a browser asks that has NAME in its address bar."""
        connection = http.client.HTTPConnection(NAME, self.port, timeout=10)
        try:
            connection.sock = self.context().wrap_socket(socket.create_connection((ADDRESS, self.port), 5), server_hostname=NAME)
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json", "Origin": f"https://{NAME}:{self.port}", **self.session, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def post(self, path, body):
        status, _, data = self.ask("POST", path, body)
        return status, json.loads(data)

    def sign_in(self):
        status, headers, data = self.ask("POST", "/api/v1/session", {name: PERSON[name] for name in ("user", "password")},
                                         {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
        assert status == 200, data
        self.session = {"Cookie": headers["Set-Cookie"].split(";")[0], "X-Firegate-Token": json.loads(data)["csrf"]}


class Nginx(Proxy):
    program = "nginx"

    def settings(self, folder):
        site = sample("nginx.conf", {"listen 443 ssl": f"listen {ADDRESS}:{self.port} ssl", "127.0.0.1:8080": f"127.0.0.1:{self.gateway.port}",
                                     "/etc/ssl/certs/firegate.pem": f"{folder}/tls/server.pem",
                                     "/etc/ssl/private/firegate.key": f"{folder}/tls/server.key"})
        temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return (f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log stderr;\nevents {{}}\n"
                f"http {{\naccess_log off;\n{temporary}\n{site}\n}}\n")

    def command(self):
        return [find(self.program), "-e", "stderr", "-c", self.file]


class HAProxy(Proxy):
    program = "haproxy"

    def settings(self, folder):
        pem = os.path.join(folder, "both.pem")
        with open(pem, "w", encoding="ascii") as both:
            for name in ("server.pem", "server.key"):
                with open(os.path.join(folder, "tls", name), encoding="ascii") as part:
                    both.write(part.read())
        return sample("haproxy.cfg", {"bind :443": f"bind {ADDRESS}:{self.port}", "127.0.0.1:8080": f"127.0.0.1:{self.gateway.port}",
                                      "/etc/ssl/private/firegate.pem": pem})

    def command(self):
        return [find(self.program), "-db", "-f", self.file]


class ProxiedClient(LiveClient):
    """A board whose feed comes through a proxy."""

    def _connect(self, path):
        proxy = self._gateway
        return websockets.connect(f"wss://{NAME}:{proxy.port}{path}", subprotocols=["firegate.v1"], max_size=None, extra_headers=proxy.session,
                                  host=ADDRESS, port=proxy.port, ssl=proxy.context(), origin=f"https://{NAME}:{proxy.port}",
                                  ping_interval=None)  # only the gateway keeps it alive


def find(program):
    return shutil.which(program) or f"/usr/sbin/{program}"


@pytest.fixture(scope="module")
def proxies(tmp_path_factory):
    """Those of the two that are installed, in front of one gateway, signed in."""
    kinds = [kind for kind in (Nginx, HAProxy) if os.path.exists(find(kind.program))]
    if not kinds:
        pytest.skip("neither nginx nor haproxy is installed")
    folder = str(tmp_path_factory.mktemp("proxies"))
    assert run_firegate("tls", "init", "--data", folder, "--name", NAME).returncode == 0
    broker = Broker(folder)
    config = copy_config(folder, gateway_yaml=f"api:\n  hosts: [{NAME}]\n  trusted_proxies: [127.0.0.1]\n")
    gateway = Gateway(folder, broker, config)
    started = []
    try:
        for kind in kinds:
            proxy = kind(folder, gateway, os.path.join(folder, "tls", "ca.pem"))
            proxy.start()
            started.append(proxy)
            proxy.sign_in()
        yield started
    finally:
        for proxy in started:
            proxy.stop()
        gateway.kill()
        broker.stop()


def test_the_samples_leave_a_feed_more_time_than_it_needs():
    for name in ("nginx.conf", "haproxy.cfg"):
        with open(os.path.join(ROOT, "config", "proxy", name), encoding="utf-8") as stream:
            times = re.findall(r"(?:proxy_read_timeout|proxy_send_timeout|timeout client|timeout server|timeout tunnel)\s+(\d+)s", stream.read())
        assert len(times) >= 2 and all(int(seconds) >= 60 for seconds in times), (name, times)


def test_people_come_in_and_the_journal_knows_from_where(proxies):
    for proxy in proxies:
        status, headers, page = proxy.ask("GET", "/")
        assert status == 200 and b"<script" in page and "Content-Security-Policy" in headers, proxy.program
        assert proxy.ask("GET", "/api/v1/alarms")[0] == 200, proxy.program
        assert proxy.ask("POST", "/api/v1/session:ticket", {}, {"Origin": "https://evil.example"})[0] == 403, proxy.program
        assert proxy.ask("GET", "/api/v1/alarms", headers={"Host": "evil.example"})[0] in (403, 421), proxy.program
    entered = [entry["address"] for entry in proxies[0].gateway.get("/api/v1/journal?kind=sign_in")["entries"]]
    assert entered[: len(proxies)] == [SEEN] * len(proxies)  # whatever the visitor wrote into X-Forwarded-For; newest first


def test_a_feed_outlives_the_idle_time_outs_by_its_heartbeat(proxies):
    gateway = proxies[0].gateway
    feeds = [ProxiedClient(proxy) for proxy in proxies]
    opened = time.monotonic()
    for feed, proxy in zip(feeds, proxies):
        wait_until(lambda: feed.failure or len(feed.said("hb")) >= 3, 4 * HEARTBEAT, f"three heartbeats through {proxy.program}")
        assert not feed.failure, (proxy.program, feed.failure)
        moments = [at for at, frame in feed.frames if frame["t"] == "hb"]
        assert max(later - earlier for earlier, later in zip(moments, moments[1:])) < IDLE, proxy.program
    assert time.monotonic() - opened > IDLE  # a silent connection would have been ended by now
    gateway.broker.publish(*native("jinxiu", "b1-f3-smoke-e", seq=1, smoke=True))
    for feed, proxy in zip(feeds, proxies):
        _, alarm = feed.wait_alarm(2, subject="b1-f3-smoke-e")
        assert proxy.post(f"/api/v1/alarms/{alarm['id']}/acknowledge", {"post": "desk-1"})[0] in (200, 409), proxy.program
        feed.close()
    acts = [entry for entry in gateway.get(f"/api/v1/journal?alarm={alarm['id']}")["entries"] if entry["kind"] == "acknowledge"]
    assert [act["address"] for act in acts] == [SEEN]
