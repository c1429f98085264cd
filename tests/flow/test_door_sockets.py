"""The sockets of the web part, against a real gateway: HTTPS with a local authority, nothing in plain from elsewhere, slow and
many and oversized clients, a broken certificate at a reload."""
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest
from estate import ROOT, Gateway, free_port, native, run_firegate, wait_until
from live import LiveClient


class Site:
    """A gateway with HTTPS, its certificate made by `firegate tls init`."""

    def __init__(self, folder, broker):
        self.data = os.path.join(str(folder), "data")
        os.makedirs(self.data)
        self.said = run_firegate("tls", "init", "--data", self.data, "--name", "gate.local")
        assert self.said.returncode == 0, self.said.stderr
        self.https_port = free_port()
        self.gateway = Gateway(folder, broker, settings=["api.https.address=127.0.0.1", f"api.https.port={self.https_port}"])

    def file(self, name):
        return os.path.join(self.data, "tls", name)

    def context(self):
        return ssl.create_default_context(cafile=self.file("ca.pem"))

    def ask(self, path, context=None, host=None):
        connection = http.client.HTTPSConnection("localhost", self.https_port, timeout=10, context=context or self.context())
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body


@pytest.fixture
def site(tmp_path, broker):
    made = Site(tmp_path, broker)
    yield made
    made.gateway.kill()


def test_whoever_has_the_authority_gets_in_by_https_and_others_do_not(site):
    answer, body = site.ask("/healthz")
    assert (answer.status, json.loads(body)) == (200, {"alive": True})
    assert answer.getheader("Strict-Transport-Security") == "max-age=86400"
    with pytest.raises(ssl.SSLCertVerificationError):
        site.ask("/healthz", ssl.create_default_context())


def test_tls_init_says_what_to_do_and_the_page_shows_the_same_fingerprint(site):
    said = site.said.stdout
    fingerprint = re.search(r"^  ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$", said, re.MULTILINE).group(1)
    openssl = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-in", site.file("ca.pem")],
                             capture_output=True, text=True, check=True)
    assert openssl.stdout.strip().endswith(fingerprint)
    assert f"certificate: {site.file('server.pem')}" in said
    _, page = site.ask("/ca")
    assert fingerprint.encode() in page
    answer, certificate = site.ask("/ca.crt")
    assert answer.getheader("Content-Type") == "application/x-x509-ca-cert"
    assert ssl.DER_cert_to_PEM_cert(certificate).strip() == open(site.file("ca.pem"), encoding="ascii").read().strip()
    answer, picture = site.ask("/ca.svg")
    assert answer.getheader("Content-Type") == "image/svg+xml" and picture.startswith(b"<svg")


def test_tls_init_again_keeps_the_authority(site):
    before = open(site.file("ca.pem"), encoding="ascii").read()
    again = run_firegate("tls", "init", "--data", site.data)
    assert again.returncode == 0, again.stderr
    assert open(site.file("ca.pem"), encoding="ascii").read() == before
    assert os.stat(site.file("server.key")).st_mode & 0o777 == 0o600


def test_openssl_agrees_with_the_certificate(site):
    verified = subprocess.run(["openssl", "verify", "-purpose", "sslserver", "-x509_strict", "-CAfile", site.file("ca.pem"),
                               site.file("server.pem")], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.7"])
def test_plain_http_from_elsewhere_is_refused_at_configuration(tmp_path, broker, address):
    port = free_port()
    ended = run_firegate("serve", "--config", os.path.join(ROOT, "config"), "--data", tmp_path / "data",
                         "--set", f"broker.port={broker.port}", "--set", f"api.port={port}", "--set", f"api.address={address}")
    assert ended.returncode == 1
    assert "E117" in ended.stderr and "api.https" in ended.stderr
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", port), 1)


def others_addresses():
    """Addresses of this machine that are not loopback."""
    listed = subprocess.run(["ip", "-o", "addr", "show", "scope", "global"], capture_output=True, text=True, check=False).stdout \
        if shutil.which("ip") else ""
    return re.findall(r"inet (\d+\.\d+\.\d+\.\d+)", listed) or re.findall(r"\d+\.\d+\.\d+\.\d+", subprocess.run(
        ["hostname", "-I"], capture_output=True, text=True, check=False).stdout)


def test_nothing_answers_in_plain_on_other_addresses(site):
    addresses = others_addresses()
    if not addresses:
        pytest.skip("this machine has no address beside loopback")
    for address in addresses:
        for port in (site.gateway.port, site.https_port):
            with pytest.raises(OSError):
                socket.create_connection((address, port), 1)


def test_plain_http_at_the_https_port_gets_nothing(site):
    with socket.create_connection(("127.0.0.1", site.https_port), 5) as plain:
        plain.settimeout(5)
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        got = b""
        try:
            while chunk := plain.recv(4096):
                got += chunk
        except ConnectionResetError:
            pass
        assert b"HTTP/" not in got


def test_a_foreign_host_is_refused_by_https_too(site):
    assert site.ask("/api/v1/session", host="evil.example")[0].status == 403
    assert site.ask("/healthz", host=f"gate.local:{site.https_port}")[0].status == 200


def test_the_unix_socket_answers_and_goes_with_the_gateway(site):
    path = os.path.join(site.data, "firegate.sock")
    with socket.socket(socket.AF_UNIX) as local:
        local.settimeout(5)
        local.connect(path)
        local.sendall(b"GET /healthz HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n")
        assert local.recv(4096).startswith(b"HTTP/1.1 200")
    site.gateway.kill(15)
    assert not os.path.exists(path)


def test_a_killed_gateways_socket_is_replaced_and_a_living_ones_is_not(site, broker):
    site.gateway.kill()  # leaves its file behind
    assert os.path.exists(os.path.join(site.data, "firegate.sock"))
    site.gateway.start()
    second = run_firegate("serve", "--config", site.gateway.config, "--data", site.data, "--set", f"broker.port={broker.port}",
                          "--set", f"api.port={free_port()}", "--set", "broker.client_id=second")
    assert second.returncode == 1
    assert site.gateway.alive()


def break_file(path, text):
    with open(path, encoding="ascii") as stream:
        before = stream.read()
    with open(path, "w", encoding="ascii") as stream:
        stream.write(text)
    return before


@pytest.mark.parametrize("name,text", [("server.pem", ""), ("server.pem", "# later\n"), ("server.key", "-----BEGIN PRIVATE KEY-----\n")],
                         ids=["empty", "comments", "torn_key"])
def test_a_broken_certificate_keeps_the_old_one_and_says_so(site, name, text):
    with socket.create_connection(("127.0.0.1", site.https_port), 5) as raw, \
            site.context().wrap_socket(raw, server_hostname="localhost") as old:
        before = break_file(site.file(name), text)
        site.gateway.reload()
        wait_until(lambda: "certificate_refused" in site.gateway.logged(), 10, "the certificate is refused")
        old.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert old.recv(4096).startswith(b"HTTP/1.1 200")
        assert site.ask("/healthz")[0].status == 200
        assert 'firegate_self_faults_total{code="config_refused"} 1' in site.gateway.get("/metrics", raw=True)

        break_file(site.file(name), before)
        site.gateway.reload()
        wait_until(lambda: site.ask("/healthz")[0].status == 200, 5, "the mended certificate serves")


def test_a_new_certificate_serves_after_a_reload(site):
    def served():
        with socket.create_connection(("127.0.0.1", site.https_port), 5) as raw, \
                site.context().wrap_socket(raw, server_hostname="localhost") as wrapped:
            return wrapped.getpeercert(binary_form=True)
    first = served()
    assert run_firegate("tls", "init", "--data", site.data).returncode == 0
    site.gateway.reload()
    wait_until(lambda: served() != first, 10, "the new certificate serves")


def test_a_certificate_that_ends_soon_is_a_fault_until_there_is_a_fresh_one(site):
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "5",
                           "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", site.file("server.key"),
                           "-out", site.file("server.pem")], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    site.gateway.reload()
    ending = site.gateway.wait_alarm(10, rule="self_certificate_ending")
    assert ending["class"] == "fault" and ending["device"]["id"] == "gateway:https"
    said = site.gateway.get(f"/api/v1/alarms/{ending['id']}/timeline")["entries"][0]["why"]
    assert "ends in 4 days" in said and "firegate tls init" in said
    assert run_firegate("tls", "init", "--data", site.data).returncode == 0
    site.gateway.reload()
    wait_until(lambda: not any(one["state"] == "unacknowledged" for one in site.gateway.alarms(rule="self_certificate_ending")), 10,
               "the fault has returned")


class Slow:
    """Sockets that say a little, then a little more, and never end."""

    def __init__(self, port, count):
        self._sockets = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(count)]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._drip, daemon=True)
        self._thread.start()

    def _drip(self):
        for one in self._sockets:
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
        while not self._ended.wait(1):
            for one in self._sockets:
                try:
                    one.sendall(b"X-A: b\r\n")
                except OSError:
                    pass

    def cut_off(self):
        """How many the gateway has closed."""
        closed = 0
        for one in self._sockets:
            one.setblocking(False)
            try:
                closed += one.recv(1) == b""
            except BlockingIOError:
                pass
            except OSError:
                closed += 1
        return closed

    def end(self):
        self._ended.set()
        self._thread.join(10)
        for one in self._sockets:
            one.close()


def test_two_hundred_slow_senders_are_cut_and_a_board_hears_its_alarm(site, broker):
    slow = Slow(site.gateway.port, 200)
    try:
        board = LiveClient(site.gateway)
        wait_until(lambda: board.said("gap"), 5, "the board stands at the present")
        broker.publish(*native("jinxiu", "b1-f3-smoke-e", smoke=True))
        board.wait_alarm(1, subject="b1-f3-smoke-e")
        begun = time.monotonic()
        assert site.ask("/healthz")[0].status == 200
        assert time.monotonic() - begun < 1
        wait_until(lambda: slow.cut_off() == 200, 15, "every slow sender is cut")
        board.close()
    finally:
        slow.end()
    assert site.gateway.metric("firegate_http_refused_total") >= 200


@pytest.mark.parametrize("bomb,status", [
    (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n", 431),
    (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 2000 + b"\r\n", 431),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    (b"POST /api/v1/alarms:silence HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413),
    (b"POST /api/v1/alarms:silence HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
     + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 5, 413),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"\x16\x03\x01\x00\x00\r\n\r\n", 400),
], ids=["one_header", "many_headers", "target", "length", "chunks", "two_lengths", "no_http"])
def test_bombs_are_refused_and_the_gateway_goes_on(site, bomb, status):
    with socket.create_connection(("127.0.0.1", site.gateway.port), 5) as thrown:
        thrown.settimeout(5)
        thrown.sendall(bomb)
        assert thrown.recv(4096).startswith(b"HTTP/1.1 %d" % status)
    assert site.ask("/healthz")[0].status == 200


def test_the_proxy_samples_are_read_by_those_programs(tmp_path):
    nginx, haproxy = shutil.which("nginx") or "/usr/sbin/nginx", shutil.which("haproxy") or "/usr/sbin/haproxy"
    tried = 0
    made = run_firegate("tls", "init", "--data", tmp_path)
    assert made.returncode == 0, made.stderr
    folder = tmp_path / "tls"
    if os.path.exists(nginx):
        with open(os.path.join(ROOT, "config/proxy/nginx.conf"), encoding="utf-8") as stream:
            sample = stream.read().replace("/etc/ssl/certs/firegate.pem", str(folder / "server.pem")) \
                .replace("/etc/ssl/private/firegate.key", str(folder / "server.key"))
        (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{sample}\n}}\n",
                                             encoding="utf-8")
        checked = subprocess.run([nginx, "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        tried += 1
    if os.path.exists(haproxy):
        both = tmp_path / "both.pem"
        both.write_text((folder / "server.pem").read_text() + (folder / "server.key").read_text(), encoding="ascii")
        with open(os.path.join(ROOT, "config/proxy/haproxy.cfg"), encoding="utf-8") as stream:
            (tmp_path / "haproxy.cfg").write_text(stream.read().replace("/etc/ssl/private/firegate.pem", str(both)), encoding="utf-8")
        checked = subprocess.run([haproxy, "-c", "-f", str(tmp_path / "haproxy.cfg")], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        tried += 1
    if not tried:
        pytest.skip("neither nginx nor haproxy is installed")
