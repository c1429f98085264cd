"""What a gateway recorded leads to the same alarms with the same ids once more: live, replay and any number of partitions are one code."""
import contextlib
import json
import signal

from estate import ROOT, native, run_firegate, wait_until
from test_estate import EXPECTED, simulate  # noqa: F401  (the fixture)

CONFIG = f"{ROOT}/config"


def replay(*arguments):
    run = run_firegate("replay", "--config", CONFIG, *arguments)
    assert run.returncode == 0, run.stderr
    return run.stdout


def transitions(rows):
    """By alarm, each in its order: two buildings may have gone on side by side."""
    found = {}
    for alarm, *rest in rows:
        found.setdefault(alarm, []).append(tuple(rest))
    return found


def recorded(gateway):
    with contextlib.closing(gateway.database()) as database:
        rows = database.execute("SELECT alarm, at, kind, subject, from_state, to_state FROM journal"
                                " WHERE alarm <> 0 AND kind NOT LIKE 'self%' AND subject NOT LIKE 'firegate%' ORDER BY seq").fetchall()
        own = {alarm for (alarm,) in database.execute("SELECT id FROM alarms WHERE rule LIKE 'self_%'")}
    return transitions((f"{alarm & (2 ** 64 - 1):016x}", at, *rest) for alarm, at, *rest in rows if alarm not in own)


def replayed(text):
    lines = [json.loads(line) for line in text.splitlines()]
    return transitions((line["alarm"], line["at"], line["event"], line["subject"], line["from"], line["to"])
                       for line in lines if "event" in line)


def without_time(found):
    return {alarm: [entry[1:] for entry in entries] for alarm, entries in found.items()}


def test_a_recorded_demonstration_leads_to_the_same_alarms_with_the_same_ids(gateway, simulate):  # noqa: F811
    simulation = simulate("demo", 19)
    for rule, subject in EXPECTED:
        wait_until(lambda rule=rule, subject=subject: [a for a in gateway.alarms(rule=rule) if subject in a["subject"]], 30, f"{rule} of {subject}")
    assert simulation.report(30)
    wait_until(lambda: gateway.get("/api/v1/health")["inbox_waiting"] == 0, 10, "everything is decided")
    gateway.kill(signal.SIGTERM)
    inbox = f"{gateway.data}/inbox"
    once = replay("--inbox", inbox)
    assert once == replay("--inbox", inbox) == replay("--inbox", inbox, "--partitions", "8")
    lived, again = without_time(recorded(gateway)), without_time(replayed(once))
    assert len(lived) >= len(EXPECTED)
    assert again == lived


def test_lines_are_replayed_and_every_one_is_accounted_for(tmp_path):
    topic, smoke = native("jinxiu", "b1-f3-smoke-e", smoke=True)
    _, clear = native("jinxiu", "b1-f3-smoke-e", smoke=False)
    messages = [{"at": "2026-11-22T03:14:15.926Z", "topic": topic, "payload": smoke},
                {"at": "2026-11-22T03:14:20Z", "topic": topic, "payload": clear},
                {"at": "2026-11-22T03:15:00Z", "topic": "nobody/knows", "payload": "x"}]
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join(map(json.dumps, messages)) + '\n{"topic": "t", "payload": "no time"}\n', encoding="utf-8")
    run = run_firegate("replay", "--config", CONFIG, "--jsonl", file)
    assert run.returncode == 0
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    changes = [(line["at"], line["from"], line["to"], line["class"], line["priority"], line["subject"]) for line in lines if "event" in line]
    assert changes == [
        ("2026-11-22T03:14:15.926Z", "normal", "unacknowledged", "fire_alarm", 1, "b1-f3-smoke-e"),
        ("2026-11-22T03:14:20.000Z", "unacknowledged", "latched_unacknowledged", "fire_alarm", 1, "b1-f3-smoke-e")]
    assert [line["notice"] for line in lines if "notice" in line] == ["raised", "returned"]
    assert "line 4: \"at\" is missing" in run.stderr and "2 rejected" in run.stderr


def test_silence_is_noticed_at_its_own_time_though_nobody_speaks(tmp_path):
    topic, alive = native("jinxiu", "shed-a-charger-1", switch_on=True)
    other, idle = native("jinxiu", "b1-f3-smoke-e", smoke=False)
    file = tmp_path / "day.jsonl"
    file.write_text("\n".join(json.dumps({"at": at, "topic": name, "payload": payload}) for at, name, payload in (
        ("2026-11-22T03:00:00Z", topic, alive), ("2026-11-22T04:00:00Z", other, idle))), encoding="utf-8")
    lost = [line for line in map(json.loads, replay("--jsonl", file).splitlines())
            if line.get("event") == "raise" and line["subject"] == "shed-a-charger-1"]
    # Two and a half intervals of two minutes, and up to a tenth of one by the device's id (readings/liveness.h).
    assert len(lost) == 1 and "2026-11-22T03:05:00" <= lost[0]["at"] <= "2026-11-22T03:05:13"
