"""`firegate decode --config DIR`: the sources, formats, models and devices of one installation count, as in the gateway."""
import json

from estate import copy_config, run_firegate

ACME = """source: "Acme push interface 2.1, tables 3 and 4"
base: acme
topics: ["<site>"]
recognise: {has: [sn, outlets]}
required: [sn]
device: "${message.sn}"
time: t
messages:
  - fields:
      - {field: alarm, point: smoke, words: {"1": true, "0": false}}
"""
DEVICES = """id,kind,format,address,estate,building,model
hall,smoke_detector,chirpstack,24e124136d110001,jinxiu,b1,milesight/gs524n
"""
UPLINK = {"deviceInfo": {"devEui": "24e124136d110001"}, "object": {"event": "alarm"}}


def decoded(folder, config, *lines):
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run_firegate("decode", "--jsonl", path, *(["--config", config] if config else []))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_sources_and_formats_are_those_of_the_installation(tmp_path):
    config = copy_config(tmp_path, devices_csv="id,kind,format,address,estate,building\n")
    (tmp_path / "config" / "formats").mkdir()
    (tmp_path / "config" / "formats" / "acme.yaml").write_text(ACME)
    with open(f"{config}/gateway.yaml", "a", encoding="utf-8") as stream:
        stream.write("\nsources:\n  - {id: acme, format: acme, base: acme}\n  - {id: doors, format: native, base: doors/v1}\n")
    lines = [{"topic": "acme/site-1", "payload": {"sn": "A17", "t": 1703123456, "alarm": 1, "outlets": []}},
             {"topic": "doors/v1/jinxiu/d1/up", "payload": {"readings": {"door_open": True}}},
             {"topic": "fg/v1/jinxiu/d1/up", "payload": {"readings": {"door_open": True}}}]
    acme, door, stranger = decoded(tmp_path, config, *lines)
    assert acme["driver"] == "acme" and acme["messages"][0]["readings"][0] == {"point": "smoke", "value": True}
    assert door["driver"] == "native" and door["messages"][0]["device"] == "d1"
    assert (stranger["outcome"], stranger["reason"]) == ("rejected", "unknown_topic")
    without = decoded(tmp_path, None, *lines)
    assert [line["outcome"] for line in without] == ["rejected", "rejected", "readings"]


def test_the_model_of_the_list_reads_what_the_message_does_not_name(tmp_path):
    config = copy_config(tmp_path, devices_csv=DEVICES)
    line = {"topic": "application/1/device/24e124136d110001/event/up", "payload": UPLINK}
    [known] = decoded(tmp_path, config, line)
    assert {"point": "smoke", "value": True} in known["messages"][0]["readings"], known
    [without] = decoded(tmp_path, None, line)
    assert without["outcome"] == "ignored", without


def test_a_configuration_with_a_problem_is_not_used(tmp_path):
    config = copy_config(tmp_path, devices_csv="id,kind\n")
    (tmp_path / "lines.jsonl").write_text("")
    done = run_firegate("decode", "--jsonl", tmp_path / "lines.jsonl", "--config", config)
    assert done.returncode == 1 and "E115" in done.stderr, done.stderr
