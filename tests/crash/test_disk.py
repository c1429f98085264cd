"""The disk fills up: a fire is still shown, people see that it is not recorded, and all is recorded when there is space again."""
import os
import subprocess

import pytest
from estate import Broker, Gateway, native, wait_until

SIZE_MIB = 96
DETECTOR = "b1-f3-smoke-e"


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", folder], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def broker(tmp_path, disk):
    made = Broker(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def gateway(disk, broker):
    made = Gateway(disk, broker, settings=["inbox.segment_mib=16"])
    yield made
    made.kill()


def fill(disk):
    """Takes all space; returns the file to remove."""
    path = disk / "filler"
    with open(path, "wb", buffering=0) as stream:
        size = 1 << 20
        while size:
            try:
                stream.write(bytes(size))
            except OSError:
                size //= 2
    return path


def recorded(gateway, subject):
    with gateway.database() as record:
        return record.execute("SELECT count(*) FROM alarms WHERE device = ?", (subject,)).fetchone()[0]


def test_a_fire_is_shown_on_a_full_disk_and_recorded_afterwards(disk, broker, gateway):
    broker.publish(*native("jinxiu", "b2-hall-smoke", smoke=True))
    gateway.wait_alarm(1, subject="b2-hall-smoke", not_recorded=False)
    filler = fill(disk)
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    shown = gateway.wait_alarm(3, subject=DETECTOR)  # a second is what the record is given
    assert shown["not_recorded"] and shown["state"] == "unacknowledged"
    gateway.wait_alarm(15, rule="self_store_failed")
    assert gateway.metric("firegate_alarms_not_recorded_total") >= 1
    assert gateway.request("/readyz")[0] == 503
    assert gateway.alive() and recorded(gateway, DETECTOR) == 0

    filler.unlink()
    wait_until(lambda: recorded(gateway, DETECTOR) == 1, 30, "the fire is recorded")
    gateway.wait_alarm(10, rule="self_store_failed", state="returned_unacknowledged")
    assert gateway.request("/readyz")[0] == 200
    gateway.kill()
    gateway.start()
    after = gateway.alarms(subject=DETECTOR)
    assert [(a["id"], a["occurrences"]) for a in after] == [(shown["id"], 1)]
    broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=True))
    gateway.wait_alarm(1, subject="b2-f8-smoke", not_recorded=False)
