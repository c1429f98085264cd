"""The power fails: F03 of the list. The gateway writes to a file system of its own, in an image, in the middle of a stream.
While it is stopped the image is copied: what the copy has is what a disk has when the power goes. The gateway is killed, the copy
is mounted in the image's place, and it starts on that. FIREGATE_LONG=1 makes it a hundred cuts instead of ten."""
import os
import random
import signal
import subprocess
import threading
import time

import pytest
from estate import wait_until
from fault_site import Ledger, check_files

CUTS = 100 if os.environ.get("FIREGATE_LONG") else 10
RATE = 2000     # messages a second, of what the machine has left for it
BATCH = 50
BETWEEN = 2000  # messages that a gateway has received at least before its power goes
READY_S = 10
IMAGE_MIB = 512


class Load(threading.Thread):
    """Many numbered messages; `ledger` knows those that were acknowledged."""

    def __init__(self, port, devices):
        super().__init__(daemon=True)
        self.ledger = Ledger(port, "load")
        self.devices = devices
        self.failure = None
        self._over = threading.Event()

    @property
    def count(self):
        return sum(self.ledger.last.values())

    def run(self):
        due = time.monotonic()
        try:
            while not self._over.wait(max(0, due - time.monotonic())):
                due = max(due, time.monotonic() - 0.2) + BATCH / RATE
                self.ledger.publish(random.choice(self.devices), *[False] * BATCH)
        except (OSError, AssertionError) as error:
            self.failure = error

    def end(self):
        self._over.set()
        self.join(20)


class Image:
    """An ext4 in a file, mounted."""

    def __init__(self, folder, disk):
        self.folder, self.disk, self.number = folder, disk, 0

    def cut(self):
        """The disk as it is now takes the place of the one that is mounted; nobody may use it any more."""
        os.unlink(self.folder / f"image-{self.number}")
        self.number += 1
        wait_until(lambda: subprocess.run(["umount", self.disk], capture_output=True, check=False).returncode == 0, 10, "nobody uses the disk")
        subprocess.run(["mount", "-o", "loop", self.copy, self.disk], check=True)

    @property
    def copy(self):
        return self.folder / f"image-{self.number}"

    def keep(self):
        """Copies what has reached the disk."""
        subprocess.run(["cp", "--reflink=auto", "--sparse=always", self.copy, self.folder / f"image-{self.number + 1}"], check=True)


@pytest.fixture
def image(tmp_path, mount):
    file = tmp_path / "image-0"
    with open(file, "wb") as stream:
        stream.truncate(IMAGE_MIB << 20)
    subprocess.run(["mkfs.ext4", "-q", file], check=True)
    yield Image(tmp_path, mount("disk", "-o", "loop", file))
    for left in tmp_path.glob("image-*"):
        left.unlink()


def cut_the_power(site, image):
    site.gateway.process.send_signal(signal.SIGSTOP)
    image.keep()
    site.gateway.kill()
    image.cut()
    began = time.monotonic()
    site.gateway.start()
    took = time.monotonic() - began
    site.listen()
    return took


@pytest.mark.quick
def test_what_was_acknowledged_survives_the_power(make_site, image):
    site = make_site(disk=image.disk)
    load = Load(site.broker.port, [f"fault-{i:04}" for i in range(250, 300)])
    load.start()
    chance = random.Random(20261123)
    slowest, began = 0, time.monotonic()
    for _ in range(CUTS):
        fire = site.fire(5)
        if not fire["not_recorded"]:
            answered = site.gateway.act(fire, "acknowledge")
            assert answered[0] == 200, answered
        wait_until(lambda: site.gateway.metric("firegate_messages_received_total") > BETWEEN, 60, "it has received enough")
        threading.Event().wait(chance.uniform(0, 0.1))  # a cut comes at any moment between two syncs
        slowest = max(slowest, cut_the_power(site, image))
        check_files(site.gateway.data)
        kept = site.gateway.alarms(id=fire["id"])
        assert [(a["occurrences"], a["state"]) for a in kept] == [(1, "unacknowledged" if fire["not_recorded"] else "acknowledged")]
        assert not load.failure, load.failure
    load.end()
    rate = load.count / (time.monotonic() - began)
    print(f"{CUTS} cuts, {load.count} messages, {rate:.0f}/s, ready within {slowest:.1f} s")
    assert slowest < READY_S
    site.ledger.last.update(load.ledger.last)
    site.settle(60)
    site.check(kills=1)
