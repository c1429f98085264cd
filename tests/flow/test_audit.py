"""The journal of a real gateway: sound while it runs, and every tampering with its files is found."""
import csv
import io
import json
import os
import shutil
import signal
import sqlite3

import pytest
from estate import native, run_firegate, wait_until

DETECTOR = "b1-f3-smoke-e"


def verify(data, *more):
    done = run_firegate("audit", "verify", "--data", data, "--json", *more)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] == (done.returncode == 0)
    return report


def kinds(report):
    return [finding["kind"] for finding in report["findings"]]


def lived(broker, gateway, smoke):
    """An alarm that was raised and acknowledged."""
    broker.publish(*native("jinxiu", smoke, smoke=True))
    alarm = gateway.wait_alarm(2, subject=smoke)
    gateway.act(alarm, "acknowledge")


def copy_of(data, to):
    shutil.copytree(data, to)
    return str(to)


def change(data, *statements):
    """Somebody with the file in their hands."""
    with sqlite3.connect(os.path.join(data, "firegate.db")) as database:
        for trigger in ("journal_is_append_only", "journal_is_cut_by_retention_only"):
            database.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0
    database.close()


@pytest.fixture
def stopped(broker, gateway, tmp_path):
    """The data of a gateway that has stopped, and those of the day before."""
    lived(broker, gateway, DETECTOR)
    assert gateway.kill(signal.SIGTERM) == 0
    yesterday = copy_of(gateway.data, tmp_path / "yesterday")
    gateway.start()
    lived(broker, gateway, "b2-hall-smoke")
    assert gateway.kill(signal.SIGTERM) == 0
    return gateway.data, yesterday


def test_audit_of_a_running_gateway_is_sound(broker, gateway):
    for smoke in (DETECTOR, "b2-hall-smoke"):
        lived(broker, gateway, smoke)
        report = verify(gateway.data)
        assert report["ok"], report
    assert report["rows"] == report["last"] >= 4
    assert gateway.kill(signal.SIGTERM) == 0
    report = verify(gateway.data)
    assert report["ok"] and report["checkpoints"] >= 1
    assert os.stat(os.path.join(gateway.data, "journal.key")).st_mode & 0o777 == 0o600


def test_audit_survives_a_kill(broker, gateway):
    lived(broker, gateway, DETECTOR)
    gateway.kill(signal.SIGKILL)
    assert verify(gateway.data)["ok"]
    gateway.start()
    lived(broker, gateway, "b2-hall-smoke")
    assert verify(gateway.data)["ok"]


def test_audit_finds_a_flipped_bit(stopped):
    data, _ = stopped
    file = os.path.join(data, "firegate.db")
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        seq, why = database.execute("SELECT seq, why FROM journal WHERE kind = 'raise' AND subject = ?", (DETECTOR,)).fetchone()
    database.close()
    with open(file, "rb") as stream:
        content = bytearray(stream.read())
    # The row stands as kind, alarm, subject, states, who, post, why.
    row = content.find(b"raise")
    while row >= 0 and DETECTOR.encode() not in content[row:row + 40]:
        row = content.find(b"raise", row + 1)
    at = content.find(why.encode(), row)
    assert row >= 0 and 0 <= at - row < 200
    content[at] ^= 0x01
    with open(file, "wb") as stream:
        stream.write(content)
    report = verify(data)
    assert kinds(report) == ["changed_row"] and report["findings"][0]["from"] == seq


def test_audit_finds_a_deleted_row(stopped):
    data, _ = stopped
    change(data, "DELETE FROM journal WHERE seq = 2")
    report = verify(data)
    assert kinds(report) == ["missing_rows"] and report["findings"][0]["from"] == 2


def test_audit_finds_a_cut_tail(stopped):
    data, _ = stopped
    last = verify(data)["last"]
    change(data, f"DELETE FROM journal WHERE seq > {last - 2}")
    report = verify(data)
    assert kinds(report) == ["tail_cut"]
    assert (report["findings"][0]["from"], report["findings"][0]["to"]) == (last - 1, last)


def restore(data, yesterday, names):
    for name in os.listdir(data):
        if name.startswith("firegate.db"):
            os.remove(os.path.join(data, name))
    for name in os.listdir(yesterday):
        if name.startswith(names):
            shutil.copy(os.path.join(yesterday, name), data)


def test_audit_finds_the_database_of_yesterday_before_and_after_the_gateway_writes_on(broker, gateway, stopped):
    data, yesterday = stopped
    restore(data, yesterday, ("firegate.db",))
    assert kinds(verify(data)) == ["rolled_back"]
    gateway.start()
    gateway.wait_alarm(5, rule="self_journal_broken", subject="gateway:chain")
    for smoke in ("b2-f8-smoke", DETECTOR):
        lived(broker, gateway, smoke)
    assert gateway.kill(signal.SIGTERM) == 0
    report = verify(data)
    assert kinds(report) in (["replaced"], ["rolled_back"]), report


def test_audit_finds_by_the_copy_that_everything_is_of_yesterday(stopped, tmp_path):
    data, yesterday = stopped
    elsewhere = shutil.copy(os.path.join(data, "journal.checkpoints"), tmp_path / "elsewhere")
    restore(data, yesterday, ("firegate.db", "journal."))
    assert verify(data)["ok"]
    assert kinds(verify(data, "--checkpoints", elsewhere)) == ["rolled_back"]


def test_audit_answers_with_its_exit_codes(stopped, tmp_path):
    data, _ = stopped
    sound = run_firegate("audit", "verify", "--data", data)
    assert sound.returncode == 0 and sound.stdout.endswith("sound\n")
    change(data, "UPDATE journal SET who = 'user:lilei' WHERE seq = 1")
    broken = run_firegate("audit", "verify", "--data", data)
    assert broken.returncode == 1 and "row 1 is not what was written" in broken.stdout
    assert run_firegate("audit", "verify", "--data", tmp_path / "nowhere").returncode == 4
    assert run_firegate("audit", "verify", "--data", data, "--key", tmp_path / "nowhere").returncode == 4
    assert run_firegate("audit", "verify", "--nonsense").returncode == 2
    assert run_firegate("audit", "export", "--data", data, "--from", "yesterday").returncode == 2
    assert run_firegate("audit", "export", "--data", tmp_path / "nowhere").returncode == 4


def test_audit_exports_every_row_and_no_formula(broker, gateway):
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    alarm = gateway.wait_alarm(2, subject=DETECTOR)
    gateway.act(alarm, "acknowledge")
    gateway.act(alarm, "verdict", verdict="cooking", why="=HYPERLINK(\"http://x\")")
    assert gateway.kill(signal.SIGTERM) == 0
    rows = [json.loads(line) for line in run_firegate("audit", "export", "--data", gateway.data).stdout.splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1)) and len(rows) >= 3
    assert all(len(row["hash"]) == 64 for row in rows)
    table = run_firegate("audit", "export", "--data", gateway.data, "--format", "csv").stdout
    cells = list(csv.DictReader(io.StringIO(table)))
    assert [int(row["seq"]) for row in cells] == [row["seq"] for row in rows]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in cells for cell in row.values())
    late = run_firegate("audit", "export", "--data", gateway.data, "--from", "2200-01-01T00:00:00Z")
    assert late.returncode == 0 and late.stdout == ""


def test_audit_signs_while_the_gateway_runs(broker, gateway):
    lived(broker, gateway, DETECTOR)
    file = os.path.join(gateway.data, "journal.checkpoints")
    wait_until(lambda: os.path.exists(file) and os.path.getsize(file) > 0, 5, "a checkpoint is written")
    assert verify(gateway.data)["ok"]
