"""Configuration: every error at once with its place, the old one goes on after a refused reload, and what the tools say."""
import base64
import glob
import json
import os
import re

import pytest
from estate import ROOT, Gateway, copy_config, free_port, native, run_firegate

SHARED = os.path.join(ROOT, "..", "shared", "data", "payloads")

BROKEN = {
    "gateway_yaml": "broker:\n  prt: 1883\napi:\n  port: 99999999\nstore: {records_days: soon}\n",
    "places_yaml": "estates:\n  - id: jinxiu\n    name: A\n    buildings:\n      - {id: b1, name: B}\n      - {id: b1, name: C}\n",
    "devices_csv": "id,kind,format,address,estate,building\nd1,smoke_detektor,native,d1,jinxiu,b1\nd1,smoke_detector,native,d2,jinxiu,b9\n",
    "rules__detectors_yaml": "rules:\n  - id: smoke_alarm\n    kinds: any\n    class: fire_alarm\n    text: {zh: 火, en: Fire}\n"
                             "    source: \"a\"\n    when: {point: smoek, is: true}\n",
    "routes_yaml": "channels: []\nroutes:\n  - {name: a, channel: nowhere}\n",
}
PLACES = [("gateway.yaml", 2, 3), ("gateway.yaml", 4, 9), ("gateway.yaml", 5, 23), ("places.yaml", 6, 14), ("devices.csv", 2, 4),
          ("devices.csv", 3, 1), ("devices.csv", 3, 36), ("rules/detectors.yaml", 7, 19), ("routes.yaml", 3, 24)]
PROBLEM = re.compile(r"^(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+): error\[E\d+\]: \S.*$", re.MULTILINE)


def places_named(text):
    return {(found["file"], int(found["line"]), int(found["column"])) for found in PROBLEM.finditer(text)}


def named(text):
    """The places, each file as it is called inside the configuration folder."""
    inside = {("rules/" if "rules/" in file else "") + os.path.basename(file): file for file, _, _ in places_named(text)}
    return {(short, line, column) for short, file in inside.items() for f, line, column in places_named(text) if f == file}


def test_a_broken_configuration_is_refused_at_start_with_every_place(tmp_path):
    config = copy_config(tmp_path, **BROKEN)
    ended = run_firegate("serve", "--config", config, "--data", tmp_path / "data", "--set", f"broker.port={free_port()}")
    assert ended.returncode == 1
    assert set(PLACES) <= named(ended.stderr)
    assert not (tmp_path / "data" / "firegate.db").exists()


def test_check_names_every_place_of_a_broken_folder(tmp_path):
    ended = run_firegate("check", copy_config(tmp_path, **BROKEN))
    assert ended.returncode == 1
    assert set(PLACES) <= named(ended.stdout)
    as_json = run_firegate("check", "--json", tmp_path / "config")
    lines = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert len(lines) == len(ended.stdout.splitlines()) >= len(PLACES)
    assert all(set(line) == {"file", "line", "column", "code", "path", "message"} for line in lines)


@pytest.mark.parametrize("folder", ["config", *sorted(os.path.relpath(f, ROOT) for f in glob.glob(os.path.join(ROOT, "config/examples/*")))])
def test_check_finds_nothing_in_what_we_give_away(folder):
    ended = run_firegate("check", os.path.join(ROOT, folder))
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stdout


def test_check_says_when_there_is_no_folder(tmp_path):
    assert run_firegate("check", tmp_path / "none").returncode == 4
    assert run_firegate("check").returncode == 2


@pytest.fixture
def config(tmp_path):
    return copy_config(tmp_path)


@pytest.fixture
def gateway(tmp_path, broker, config):
    made = Gateway(tmp_path, broker, config)
    yield made
    made.kill()


def rewrite(config, name, change):
    path = os.path.join(config, name)
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    changed = change(text)
    assert changed != text
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(changed)


def test_a_refused_reload_keeps_the_old_rules_and_says_so_until_a_good_one(broker, gateway, config):
    rewrite(config, "rules/electrical.yaml", lambda text: text.replace("at_least: 70, clears_below: 65", "at_least: 40, clears_below: 35"))
    rewrite(config, "rules/detectors.yaml", lambda text: text.replace("when: {point: smoke, is: true}", "when: {point: smoek, is: true}"))
    gateway.reload()
    refused = gateway.wait_alarm(5, rule="self_config_refused")
    assert refused["class"] == "fault"
    assert re.search(r"rules/detectors\.yaml:\d+:\d+: error\[E\d+\]", gateway.logged())

    broker.publish(*native("jinxiu", "b1-ele", cable_temperature_c=55))  # below the old limit, above the new one
    broker.publish(*native("jinxiu", "b1-f3-smoke-e", smoke=True))
    gateway.wait_alarm(1, subject="b1-f3-smoke-e")
    assert not gateway.alarms(rule="cable_temperature")

    rewrite(config, "rules/detectors.yaml", lambda text: text.replace("smoek", "smoke"))
    gateway.reload()
    gateway.wait_alarm(5, id=refused["id"], state="returned_unacknowledged")
    assert gateway.act(refused, "acknowledge")[1]["state"] == "normal"
    broker.publish(*native("jinxiu", "b1-ele", cable_temperature_c=56))
    assert gateway.wait_alarm(1, rule="cable_temperature")["evidence"][0]["limit"] == 40
    assert gateway.alarms(subject="b1-f3-smoke-e")[0]["state"] == "unacknowledged"


def test_the_places_of_the_first_start_stay_when_the_files_change(broker, gateway, config):
    rewrite(config, "devices.csv", lambda text: text.replace("3层走廊东烟感", "别的名字"))
    gateway.kill()
    gateway.start()
    assert gateway.get("/api/v1/devices/b1-f3-smoke-e")["name"] == "3层走廊东烟感"


def decode(tmp_path, lines):
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    ended = run_firegate("decode", "--jsonl", path, within=120)
    assert ended.returncode == 0, ended.stderr
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["line"] for line in said] == list(range(1, len(lines) + 1))
    for line in said:
        assert line["outcome"] in ("readings", "ignored", "rejected")
        assert line["outcome"] == "readings" or line["reason"], line
        assert line["outcome"] != "readings" or line["messages"], line
    return said


def test_decode_accounts_for_every_line(tmp_path):
    smoke = {"topic": "fg/v1/e/d1/up", "payload": {"readings": {"smoke": True}}}
    said = decode(tmp_path, [
        json.dumps(smoke), "this is no JSON", "", json.dumps({"topic": "fg/v1/e/d1/up"}),
        json.dumps({"topic": smoke["topic"], "payload_b64": base64.b64encode(json.dumps(smoke["payload"]).encode()).decode()}),
        json.dumps({"topic": "fg/v1/e/d1/up", "payload_b64": "AAH/"}), json.dumps({"topic": "nobody/knows", "payload": "x"})])
    assert [line["outcome"] for line in said] == ["readings", "rejected", "rejected", "rejected", "readings", "rejected", "rejected"]
    assert said[0]["driver"] == "native"
    assert said[0]["messages"] == said[4]["messages"] == [
        {"device": "d1", "kind": "delta", "readings": [{"point": "smoke", "value": True}]}]


def converted(record):
    """A line of the collected payloads as `decode` takes it (the README beside them)."""
    line = {"topic": re.sub(r"<[^>]*>", "x1", record["topic"])}
    encoding = record.get("encoding")
    if encoding == "base64":
        line["payload_b64"] = record["payload"]
    elif encoding == "hex":
        line["payload_b64"] = base64.b64encode(bytes.fromhex(record["payload"])).decode()
    else:
        line["payload"] = record["payload"]
    if "retain" in record:
        line["retained"] = bool(record["retain"])
    return json.dumps(line, ensure_ascii=False)


FILES = ["shelly", "tasmota", "zigbee2mqtt_state", "zigbee2mqtt_issue_logs", "chirpstack_tts_envelopes"]
OURS = {"shelly": "shelly", "tasmota": "tasmota", "zigbee2mqtt_state": "zigbee2mqtt", "zigbee2mqtt_issue_logs": "zigbee2mqtt",
        "chirpstack_tts_envelopes": "chirpstack"}


@pytest.mark.parametrize("name", FILES)
def test_decode_accounts_for_every_line_of_the_collected_payloads(tmp_path, name):
    path = os.path.join(SHARED, name + ".jsonl")
    if not os.path.exists(path):
        pytest.skip("the collected payloads (../shared/data) are not beside this checkout")
    with open(path, encoding="utf-8") as stream:
        found = [json.loads(line) for line in stream if line.strip()]
    with_topic = [record for record in found if record.get("topic")]
    assert with_topic
    said = decode(tmp_path, [converted(record) for record in with_topic])
    of_format = [line for record, line in zip(with_topic, said) if record["format"].startswith(OURS[name])]
    assert of_format
    assert not [line for line in of_format if line["outcome"] == "rejected"]
    states = [line for record, line in zip(with_topic, said) if record["format"].startswith(OURS[name]) and "bridge" not in record["format"]]
    assert sum(line["outcome"] == "readings" for line in states) > len(states) / 2
