"""The service: hardened, and it tells its manager what it has to."""
import os
import re
import shutil
import signal
import socket
import subprocess

import pytest
from estate import ROOT, Gateway, wait_until

UNIT = os.path.join(ROOT, "config", "systemd", "firegate.service")
MOST_EXPOSED = 1.5  # reliability, G23


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_the_unit_is_hardened():
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--no-pager", UNIT], capture_output=True, text=True, timeout=30,
                          check=False)
    level = re.search(r"Overall exposure level.*: ([0-9.]+)", done.stdout)
    assert level and float(level.group(1)) <= MOST_EXPOSED, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_the_unit_has_no_mistakes(tmp_path):
    with open(UNIT, encoding="utf-8") as stream:
        text = stream.read().replace("/usr/bin/firegate", "/bin/true")  # it is not installed here
    copy = tmp_path / "firegate.service"
    copy.write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=30, check=False)
    complaints = [line for line in done.stderr.splitlines() if "firegate.service" in line]
    assert not complaints, done.stderr


class Manager:
    """Listens in the place of systemd."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.setblocking(False)
        self.heard = []

    def listen(self):
        while True:
            try:
                self.heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return self.heard

    def has(self, start):
        return [message for message in self.listen() if message.startswith(start)]

    def wait_for(self, start, seconds):
        wait_until(lambda: self.has(start), seconds, f"the service says {start}")


@pytest.fixture
def manager(tmp_path, monkeypatch):
    made = Manager(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    yield made
    made.socket.close()


def test_it_says_that_it_is_ready_alive_and_how_it_is(tmp_path, broker, manager):
    gateway = Gateway(tmp_path, broker)
    try:
        manager.wait_for("READY=1", 10)
        manager.wait_for("STATUS=ready", 10)
        fed = len(manager.has("WATCHDOG=1"))
        wait_until(lambda: len(manager.has("WATCHDOG=1")) >= fed + 2, 10, "the watchdog is fed again and again")
        assert "loops" in {part["name"] for part in gateway.get("/api/v1/health")["parts"]}

        broker.stop()
        manager.wait_for("STATUS=not ready: broker: not connected", 20)
        status, body = gateway.request("/readyz")
        assert status == 503 and b"broker: not connected" in body
        fed = len(manager.has("WATCHDOG=1"))  # a broker that is gone is no reason to be restarted
        wait_until(lambda: len(manager.has("WATCHDOG=1")) >= fed + 2, 10, "the watchdog is fed all the same")

        assert gateway.kill(signal.SIGTERM) == 0
        assert manager.has("STOPPING=1")
    finally:
        gateway.kill()
