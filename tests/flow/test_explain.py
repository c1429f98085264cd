"""`firegate decode --explain`: the path from the bytes of a message to its points, for people."""
import json

from estate import run_firegate

DEVICES = [{"friendly_name": "kitchen", "definition": {"exposes": [
    {"type": "binary", "property": "smoke", "value_on": True, "value_off": False, "access": 1}]}}]


def explained(tmp_path, *messages):
    path = tmp_path / "messages.jsonl"
    path.write_text("".join(json.dumps(message) + "\n" for message in messages), encoding="utf-8")
    ended = run_firegate("decode", "--explain", "--jsonl", path)
    assert ended.returncode == 0, ended.stderr
    blocks = ended.stdout.split("\n\n")
    assert [block.strip().split("\n")[0] for block in blocks[:-1]] == [f"line {n + 1}" for n in range(len(messages))]
    return [[" ".join(line.split()) for line in block.strip().split("\n")] for block in blocks[:-1]]


def test_a_reading_names_its_field_its_polarity_and_who_taught_it(tmp_path):
    taught, smoke = explained(tmp_path, {"topic": "zigbee2mqtt/bridge/devices", "payload": DEVICES},
                              {"topic": "zigbee2mqtt/kitchen", "payload": {"smoke": True, "update": {"state": "idle"}}})
    assert "ignored learned_only" in taught
    assert 'format zigbee2mqtt, base "zigbee2mqtt", recognised by the topic' in smoke
    assert "point smoke = true" in smoke
    assert "from smoke = true" in smoke
    assert any(line.startswith("polarity") and "true for true" in line and "false for false" in line for line in smoke)
    assert "known from line 1 (zigbee2mqtt/bridge/devices): smoke b true false" in smoke
    assert "unread update.state" in smoke


def test_a_model_is_named_with_the_line_of_its_file(tmp_path):
    (uplink,) = explained(tmp_path, {
        "topic": "application/1/device/24e124136b502217/event/up",
        "payload": {"time": "2026-11-22T03:14:15Z", "deviceInfo": {"devEui": "24e124136b502217", "tags": {"brand": "milesight", "model": "em300"}},
                    "object": {"leakage_status": "leak"}}})
    assert 'from object.leakage_status = "leak"' in uplink
    assert any(line.startswith("rule: drivers/models/milesight/em300.yaml:") and line.endswith("field leakage_status") for line in uplink)
    assert 'envelope time = "2026-11-22T03:14:15Z": the device\'s time' in uplink


def test_a_format_of_a_file_is_named_with_its_line(tmp_path):
    (event,) = explained(tmp_path, {"topic": "lift-camera/c1/event", "payload": {"id": "e1", "event": "smoke", "active": True}})
    assert any(line.startswith("rule: drivers/json_path/formats/lift_camera.yaml:") for line in event)
    assert 'answers on lift-camera/c1/down with {"seen":"e1"}' in event


def test_a_topic_that_was_announced_is_explained_by_who_announced_it(tmp_path):
    _, state = explained(tmp_path, {"topic": "homeassistant/binary_sensor/k/smoke/config",
                                    "payload": {"stat_t": "my/box", "dev_cla": "smoke", "pl_on": "0", "pl_off": "1", "dev": {"ids": ["box"]}}},
                         {"topic": "my/box", "payload": "0"})
    assert 'format ha_discovery, base "homeassistant", recognised by an earlier message that named the topic' in state
    assert "point smoke = true" in state


def test_what_is_rejected_says_why(tmp_path):
    cut, nobody = explained(tmp_path, {"topic": "zigbee2mqtt/kitchen", "payload": '{"smoke": tr'}, {"topic": "nowhere", "payload": "hm"})
    assert cut[-1].startswith("rejected unparsable: reading JSON")
    assert nobody == ["line 2", "rejected unknown_topic: no format recognises the topic and the payload"]
