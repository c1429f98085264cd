"""Rules over the API of a running gateway: published and gone back from while it decides, refused whole, tried and judged
in the shadow."""
import datetime
import json
import os
import signal

import pytest
from estate import PERSON, Gateway, copy_config, native, run_firegate, wait_until

CABINET = "shed-a-charger-1"
HOT = "at_least: 65, clears_below: 60"


@pytest.fixture
def config(tmp_path):
    return copy_config(tmp_path)


@pytest.fixture
def gateway(tmp_path, broker, config):
    made = Gateway(tmp_path, broker, config)
    yield made
    made.kill()


def port_at(broker, degrees, port=3):
    topic, _ = native("jinxiu", CABINET)
    broker.publish(topic, {"ports": {str(port): {"port_temperature_c": degrees}}})


def charging(config):
    with open(os.path.join(config, "rules", "charging.yaml"), encoding="utf-8") as stream:
        return stream.read()


def with_limit(config, limit):
    """charging.yaml with another limit for hot ports."""
    text = charging(config).replace(HOT, f"at_least: {limit}, clears_below: {limit - 5}", 1)
    assert text != charging(config)
    return {"charging.yaml": text}


def confirmed(gateway):
    """王芳 has given her password just now."""
    assert gateway.post("/api/v1/session:confirm", {"password": PERSON["password"]})[0] in (200, 204)


def etag(gateway):
    return gateway.exchange("/api/v1/rules/files")[1]["ETag"]


def change(gateway, verb, tag=None, **body):
    confirmed(gateway)
    status, data = gateway.request(f"/api/v1/rules:{verb}", {"note": "夏天", **body}, "POST", {"If-Match": tag or etag(gateway)})
    return status, json.loads(data)


def journal(gateway):
    return [entry["kind"] for entry in gateway.get("/api/v1/journal?subject=rules")["entries"]]


def test_a_published_limit_decides_and_going_back_takes_it_back(gateway, broker, config):
    assert gateway.get("/api/v1/rules")["version"]["number"] == 1
    status, answer = change(gateway, "publish", files=with_limit(config, 45))
    assert status == 200, answer
    assert answer["version"]["number"] == 2 and answer["version"]["changes"]["changed"] == ["port_hot"]
    assert answer["version"]["author"] == f"user:{PERSON['user']}"
    assert "at_least: 45" in charging(config), "the folder has it"
    port_at(broker, 50)
    alarm = gateway.wait_alarm(40, subject=f"{CABINET}/3")
    assert alarm["class"] == "pre_alarm"
    status, answer = change(gateway, "rollback", version=1)
    assert (status, answer["version"]["rollback_of"]) == (200, 1)
    assert HOT in charging(config)
    port_at(broker, 51)
    wait_until(lambda: [a["state"] for a in gateway.alarms(id=alarm["id"])] == ["returned_unacknowledged"], 60,
               "the alarm in progress goes on and follows the old limit")
    assert journal(gateway) == ["rules_rolled_back", "rules_published"]
    versions = gateway.get("/api/v1/rules/versions")["versions"]
    assert [version["number"] for version in versions] == [3, 2, 1]
    assert HOT in next(f["text"] for f in gateway.get("/api/v1/rules/versions/1")["files"] if f["name"] == "charging.yaml")


def test_broken_files_are_refused_whole_with_every_place(gateway, config):
    files = {**with_limit(config, 45), "water.yaml": "rules:\n  - {id: x, kinds: any}\n", "more.yaml": "rules: [\n"}
    before, tag = charging(config), etag(gateway)
    checked = gateway.post("/api/v1/rules:check", {"files": files})[1]
    status, answer = change(gateway, "publish", files=files)
    assert (status, answer["code"]) == (400, "bad_input")
    assert answer["problems"] == checked["problems"] and not checked["ok"]
    assert {problem["file"] for problem in answer["problems"]} == {"water.yaml", "more.yaml"}
    assert all(problem["line"] > 0 for problem in answer["problems"])
    assert charging(config) == before and etag(gateway) == tag
    assert sorted(os.listdir(os.path.join(config, "rules"))) == sorted(f["name"] for f in gateway.get("/api/v1/rules/files")["files"])
    assert change(gateway, "publish", tag='"9"', files=with_limit(config, 45))[0] == 412


def test_what_is_edited_by_hand_becomes_a_version_at_a_reload(gateway, config):
    with open(os.path.join(config, "rules", "site.yaml"), "w", encoding="utf-8") as stream:
        stream.write("overrides:\n  - {rule: port_hot, where: {device: shed-a-charger-1}, set: {at_least: 70}, source: our choice}\n")
    assert change(gateway, "publish", files=with_limit(config, 45))[0] == 409, "nobody's work is overwritten"
    gateway.reload()
    version = wait_until(lambda: (gateway.get("/api/v1/rules")["version"]["number"] == 2) and gateway.get("/api/v1/rules")["version"], 20,
                         "the reload is a version")
    assert (version["author"], version["changes"]["changed"]) == ("system", ["port_hot"])
    listed = next(r for r in gateway.get("/api/v1/rules")["rules"] if r["id"] == "port_hot")
    assert [o["set"] for o in listed["overrides"]] == ["at_least 70"]


def test_a_backtest_says_what_other_rules_would_have_made_of_it(gateway, broker, config):
    for degrees in (50, 20):
        port_at(broker, degrees)
        wait_until(lambda: any(v["value"] == degrees for v in gateway.get(f"/api/v1/devices/{CABINET}")["values"]), 20, "it is heard")
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    asked = {"files": with_limit(config, 45), "from": (now - hour).isoformat(), "to": (now + hour).isoformat()}
    status, job = gateway.post("/api/v1/rules:backtest", asked)
    assert status == 202, job
    wait_until(lambda: gateway.get("/api/v1/rules:backtest")["state"] != "running", 60, "the backtest ends")
    done = gateway.get("/api/v1/rules:backtest")
    assert (done["state"], done["error"]) == ("done", None)
    assert done["messages"] >= 2 and done["covers"]["reduced_until"] is None and done["progress"] == 1
    assert done["summary"] == {"caught": 0, "earlier": 0, "later": 0, "missed": 0, "extra": 1, "real_missed": 0, "false_missed": 0}
    episode = done["episodes"][0]
    assert (episode["rule"], episode["subject"], episode["today"]) == ("port_hot", f"{CABINET}/3", None)
    assert episode["candidate"]["cleared_at"] > episode["candidate"]["raised_at"]


def test_the_shadow_survives_a_restart_and_ends_when_told(gateway, broker, config):
    assert gateway.post("/api/v1/rules/shadow", {"files": with_limit(config, 45)})[0] == 201
    port_at(broker, 50)
    count = {"rule": "port_hot", "today": 0, "candidate": 1}
    wait_until(lambda: count in gateway.get("/api/v1/rules/shadow")["rules"], 60, "it is counted")
    assert not gateway.alarms(subject=f"{CABINET}/3"), "and raises nothing"
    gateway.kill(signal.SIGKILL)
    gateway.start()
    confirmed(gateway)  # powers sleep after a restart
    wait_until(lambda: count in gateway.get("/api/v1/rules/shadow")["rules"], 60, "it is counted again, from the inbox")
    assert gateway.request("/api/v1/rules/shadow", method="DELETE")[0] == 204
    assert gateway.get("/api/v1/rules/shadow") == {"running": False}


def test_the_command_line_publishes_lists_and_goes_back(gateway, config, tmp_path):
    made = tmp_path / "candidate"
    made.mkdir()
    for file in gateway.get("/api/v1/rules/files")["files"]:
        (made / file["name"]).write_text(file["text"].replace(HOT, "at_least: 45, clears_below: 40"), encoding="utf-8")
    socket = f"{gateway.data}/firegate.sock"
    run = run_firegate("rules", "publish", made, "--note", "command line", "--socket", socket, "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["number"] == 2 and json.loads(run.stdout)["author"].startswith("local:")
    assert run_firegate("rules", "rollback", 1, "--note", "back", "--socket", socket).returncode == 0
    listed = run_firegate("rules", "versions", "--socket", socket)
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["3", "2", "1"]
    (made / "broken.yaml").write_text("rules: [\n", encoding="utf-8")
    refused = run_firegate("rules", "publish", made, "--note", "x", "--socket", socket)
    assert refused.returncode == 1 and "broken.yaml:" in refused.stdout
    assert HOT in charging(config)
