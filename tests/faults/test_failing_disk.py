"""The disk fails: F04 to F08, F10 and F11 of the list. Each time a fire in the middle is told in time and recorded afterwards."""
import os
import sqlite3
import subprocess

import pytest
from estate import wait_until
from injection import Injection

FIRE_S = 3        # a second is what the record is given, then a fire is told without it
STANDS = "unacknowledged"


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


def ended_all(site, within):
    """Every fault of store and inbox that stood or stands is over."""
    for alarm in site.gateway.alarms(alarm_class="fault"):
        if alarm["rule"] in ("self_store_failed", "self_store_slow", "self_inbox_failed"):
            site.ended(alarm, within)


def test_a_hundred_fires_on_a_full_disk_are_told_and_recorded_afterwards(make_site, mount):
    """F06"""
    disk = mount("disk", "-t", "tmpfs", "-o", "size=96m", "tmpfs")
    site = make_site(disk=disk)
    site.told("disk_low", 10)
    site.fire(1)
    filler = fill(disk)
    shown = site.fire(FIRE_S)
    assert shown["not_recorded"]
    failed = site.told("store_failed", 15, part="")
    for number in range(99):
        site.ledger.publish(f"fault-{200 + number:04}", True)
    wait_until(lambda: len(site.station.events("raised")) == 101, 15, "the station has heard of all of them")
    filler.unlink()
    site.ended(failed, 30)
    site.fire(1)
    site.check()


@pytest.mark.quick
def test_a_disk_without_inodes_is_a_fault_before_anything_is_lost(make_site, mount):
    """F07: the next segment of the inbox cannot be made; what there is takes what comes."""
    disk = mount("disk", "-t", "tmpfs", "-o", "size=200m,nr_inodes=64", "tmpfs")
    site = make_site(disk=disk)
    taken = []
    with pytest.raises(OSError):
        for number in range(100):
            taken.append(disk / f"inode-{number}")
            taken[-1].touch()
    for _ in range(20):  # 20 MiB: the segment is full, the spare is taken, and no other can be made
        site.ledger.send(*[("fg/v1/jinxiu/fault-0299/up", b'{"readings":{},"x":"' + b"a" * 60_000 + b'"}')] * 18)
    failed = site.told("inbox_failed", 15, part="space")
    site.fire(FIRE_S)
    for path in taken[:-1]:
        path.unlink()
    site.ended(failed, 15)
    site.fire(1)
    site.check()


@pytest.mark.quick
def test_a_sync_that_fails_once_is_not_believed_afterwards(site):
    """F04: the first sync of every thread fails. The store opens its file anew and looks; the inbox never syncs that segment again."""
    with Injection(site.gateway.process, "fdatasync,fsync", "error=EIO:when=1"):
        site.fire(FIRE_S)
        site.told("store_failed", 5, part="", lasting=False)
        site.told("inbox_failed", 5, part="sync", lasting=False)
        site.fire(FIRE_S)
    site.fire(FIRE_S)
    ended_all(site, 30)
    site.check()


@pytest.fixture
def image(tmp_path, mount):
    """An ext4 of its own that becomes read only when it finds an error."""
    file = tmp_path / "image"
    with open(file, "wb") as stream:
        stream.truncate(256 << 20)
    subprocess.run(["mkfs.ext4", "-q", file], check=True)
    return file, mount("disk", "-o", "loop,errors=remount-ro", file)


def becomes_read_only(disk):
    device = subprocess.run(["findmnt", "-no", "SOURCE", disk], capture_output=True, text=True, check=True).stdout.strip()
    trigger = f"/sys/fs/ext4/{os.path.basename(device)}/trigger_fs_error"
    if not os.path.exists(trigger):
        pytest.skip("this kernel cannot be asked to find an error in an ext4")
    with open(trigger, "w", encoding="ascii") as stream:
        stream.write("a test")


@pytest.mark.quick
def test_on_a_read_only_disk_it_ends_so_that_the_broker_keeps_the_fire(make_site, image):
    """F08: a message that cannot be written is not acknowledged. The process ends and says why; the broker delivers when it is back."""
    file, disk = image
    site = make_site(disk=disk)
    site.fire(1)
    site.settle()
    site.gateway.log = str(file) + ".log"
    becomes_read_only(disk)
    site.ledger.publish("fault-0299", True)
    assert site.gateway.process.wait(10) > 0
    site.gateway.start(wait=False)
    assert site.gateway.process.wait(20) > 0
    assert "read-only" in site.gateway.logged().lower() or "readonly" in site.gateway.logged(), site.gateway.logged()[-2000:]

    wait_until(lambda: subprocess.run(["umount", disk], capture_output=True, check=False).returncode == 0, 10, "nobody uses the disk")
    subprocess.run(["fsck.ext4", "-p", file], check=False, stdout=subprocess.DEVNULL)
    subprocess.run(["mount", "-o", "loop", file, disk], check=True)
    site.gateway.start()
    site.listen()
    site.gateway.wait_alarm(2, subject="fault-0299")
    site.fire(1)
    site.check(kills=1)


@pytest.mark.quick
def test_a_database_that_somebody_else_locks_is_a_fault_and_holds_up_no_fire(site):
    """F10"""
    other = sqlite3.connect(os.path.join(site.gateway.data, "firegate.db"), isolation_level=None, timeout=10)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert site.fire(FIRE_S)["not_recorded"]
        failed = site.told("store_failed", 10, part="")
        site.fire(FIRE_S)
    finally:
        other.execute("ROLLBACK")
        other.close()
    site.ended(failed, 30)
    site.fire(1)
    site.check()


def test_a_slow_disk_is_a_fault_and_a_fire_comes_all_the_same(site):
    """F11: each sync takes 1.5 s."""
    with Injection(site.gateway.process, "fdatasync,fsync", "delay_exit=1500000"):
        site.fire(10)
        slow = site.told("store_slow", 10)
        site.fire(10)
    site.fire(10)
    site.ended(slow, 30)
    site.check()


CALLS = ["pwrite64", "pwritev", "fdatasync", "fsync", "openat", "ftruncate", "unlink", "fallocate"]
ERRORS = ["EIO", "ENOSPC", "EINTR", "EDQUOT"]


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_whichever_call_fails_nothing_is_lost(site, call, error):
    """F05: the first calls of each thread fail, then every third. Whoever cannot go on ends, so that the broker delivers again."""
    kills = 0
    for when in ("1..2", "3+3"):
        with Injection(site.gateway.process, call, f"error={error}:when={when}"):
            for _ in range(3):
                if site.gateway.alive():
                    site.fire(FIRE_S)
        if not site.gateway.alive():
            kills += 1
            assert "inbox_unwritable" in site.gateway.logged(), site.gateway.logged()[-3000:]
            site.gateway.start()
            site.listen()
    site.fire(FIRE_S)
    site.check(kills)
