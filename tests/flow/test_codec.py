"""Vendors' scripts: what they give is what Node gives, and in the real gateway a raw payload raises its fire while another
device's script hangs."""
import base64
import glob
import json
import os
import random
import subprocess

import pytest
from estate import ROOT, Broker, Gateway, copy_config, run_firegate, wait_until

SCRIPTS = sorted(glob.glob(os.path.join(ROOT, "tests", "unit", "codec", "scripts", "*.js")))
NODE = os.path.join(ROOT, "tests", "flow", "codec_node.mjs")
APPLICATION = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device"
SMOKE_EUI, NATIVE_EUI, OTHER_EUI = "24e124136d110001", "24e124136d110002", "24e124136d110004"


def inputs(seed, count):
    """Payloads of every length, of channels that decoders know, and of random bytes."""
    chance = random.Random(seed)
    yield from ([], [0], [255], [1, 0x75, 100, 3, 0x67, 0x10, 0xFF, 5, 0, 1], [1, 0x75, 100, 3, 0x67], list(range(0, 256, 5)))
    for _ in range(count):
        yield [chance.randrange(256) for _ in range(chance.randrange(56))]


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(line) + "\n" for line in lines)
    return path


def rows(text):
    return [json.loads(line) for line in text.split("\n") if line]  # a text may hold what splitlines takes for an end of line


def codec(path):
    done = run_firegate("codec", "--jsonl", path, within=300)
    assert done.returncode == 0, done.stderr
    return rows(done.stdout)


def test_a_script_gives_what_node_gives(tmp_path):
    chance = random.Random(5)
    lines = [{"codec": script, "bytes": payload, "f_port": chance.choice([0, 1, 2, 3, 84, 85, 255])}
             for seed, script in enumerate(SCRIPTS) if not script.endswith("tampers.js") for payload in inputs(seed, 60)]
    path = write_lines(tmp_path / "lines.jsonl", lines)
    done = subprocess.run(["node", "--no-warnings", "--experimental-vm-modules", NODE, path], capture_output=True, text=True, timeout=300,
                          check=True, env={**os.environ, "TZ": "UTC", "LANG": "en_US.UTF-8"})
    expected = rows(done.stdout)
    ours = codec(path)
    assert len(ours) == len(expected) == len(lines) > 700
    threw = 0
    for line, node, said in zip(lines, expected, ours):
        if "threw" in node:
            threw += 1
            assert said["outcome"] == "threw" and said["errors"], (line, node, said)
        else:
            assert said == node, line
    assert 0 < threw < len(lines) / 4


def test_a_line_that_is_wrong_says_why(tmp_path):
    good = os.path.join("codecs", "a.js")
    os.makedirs(tmp_path / "codecs")
    (tmp_path / good).write_text("function decodeUplink(input) {\n  return { data: { n: input.bytes.length, v: input.variables } };\n}\n")
    (tmp_path / "bad.js").write_text("function decodeUplink(input) {\n  return input.none.at.all;\n}\n")
    (tmp_path / "broken.js").write_text("function decodeUplink(input) {\n  retrun 5;\n}\n")
    (tmp_path / "loop.js").write_text("function decodeUplink() { while (true) {} }")
    path = write_lines(tmp_path / "lines.jsonl", [
        {"codec": good, "bytes": [1, 2], "f_port": 1, "variables": {"a": "b"}}, {"codec": "bad.js", "bytes": [], "f_port": 1},
        {"codec": "broken.js", "bytes": [], "f_port": 1}, {"codec": "none.js", "bytes": [], "f_port": 1},
        {"codec": good, "bytes": [256], "f_port": 1}, {"codec": good, "bytes": [1]}, {"codec": "loop.js", "bytes": [], "f_port": 1}, 5])
    said = codec(path)
    assert said[0] == {"line": 1, "data": {"n": 2, "v": {"a": "b"}}, "warnings": []}
    texts = [line.get("errors", [""])[0] for line in said]
    assert texts[1].startswith("bad.js:2:") and "TypeError" in texts[1] and said[1]["outcome"] == "threw"
    assert texts[2].startswith("broken.js:2:") and "SyntaxError" in texts[2]
    assert "none.js" in texts[3] and "No such file" in texts[3]
    assert texts[4] == '"bytes": found 256, expected numbers from 0 to 255'
    assert texts[5] == '"f_port": expected a number from 0 to 255'
    assert said[6]["outcome"] in ("deadline", "killed")
    assert texts[7] == "line is not a JSON object"


# ---- the gateway ----

MODEL = """kind: smoke_detector
codec: codecs/{script}.js
fields:
  - {{field: smoke_status, point: smoke, words: {{alarm: true, normal: false}}}}
  - {{field: battery, point: battery_pct}}
"""


def uplink(eui, payload, count):
    return f"{APPLICATION}/{eui}/event/up", {
        "deduplicationId": f"3ac7e3c4-4401-4b8d-9386-{count:012x}", "fCnt": count, "fPort": 85, "data": base64.b64encode(bytes(payload)).decode(),
        "deviceInfo": {"devEui": eui, "deviceProfileName": "unknown to us", "deviceName": eui},
        "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -80, "snr": 7.5}]}


@pytest.fixture
def estate(tmp_path):
    """The detectors of the demo estate, two of which have scripts of their makers: one reads, one hangs."""
    with open(os.path.join(ROOT, "config", "devices.csv"), encoding="utf-8") as stream:
        devices = stream.read()
    for eui, model in ((SMOKE_EUI, "acme/smoke-1"), (OTHER_EUI, "acme/smoke-2")):
        devices = devices.replace(f"milesight/gs524n,{eui}", f"{model},{eui}")
    config = copy_config(tmp_path, devices_csv=devices)
    os.makedirs(os.path.join(config, "models", "acme"))
    os.makedirs(os.path.join(config, "codecs"))
    with open(next(s for s in SCRIPTS if s.endswith("smoke_tlv.js")), encoding="utf-8") as stream:
        good = stream.read()
    for name, text in (("smoke", good), ("hangs", "function decodeUplink() { for (;;) {} }")):
        with open(os.path.join(config, "codecs", f"{name}.js"), "w", encoding="utf-8") as stream:
            stream.write(text)
    for model, script in (("smoke-1", "smoke"), ("smoke-2", "hangs")):
        with open(os.path.join(config, "models", "acme", f"{model}.yaml"), "w", encoding="utf-8") as stream:
            stream.write(MODEL.format(script=script))
    broker = Broker(tmp_path)
    gateway = Gateway(tmp_path, broker, config)
    yield broker, gateway, config
    gateway.kill()
    broker.stop()


def test_a_raw_payload_raises_its_fire_while_another_script_hangs(estate):
    broker, gateway, config = estate
    for count in range(5):
        broker.publish(*uplink(OTHER_EUI, [1, count], count))
    broker.publish(*uplink(SMOKE_EUI, [1, 0x75, 90, 5, 0, 1], 1))
    fire = gateway.wait_alarm(1.5, subject="b1-hall-smoke", rule="smoke_alarm")
    assert (fire["class"], fire["device"]["mapped"], fire["late"]) == ("fire_alarm", True, False)
    assert {v["point"]: v["value"] for v in gateway.get("/api/v1/devices/b1-hall-smoke")["values"]}["battery_pct"] == 90

    quarantined = wait_until(lambda: [a for a in gateway.alarms(alarm_class="fault") if "codec_breached" in json.dumps(a)], 10,
                             "the fault of the script that hangs")
    assert "codecs/hangs.js" in json.dumps(quarantined[0])
    wait_until(lambda: 'codec_calls_total{outcome="quarantined"}' in gateway.get("/metrics", raw=True), 10, "calls are counted")
    assert any("codec, " in json.dumps(r) and "codecs/hangs.js" in json.dumps(r) for r in gateway.get("/api/v1/rejected")["samples"])
    device_fault = gateway.wait_alarm(5, subject="shed-a-smoke-2")
    assert device_fault["class"] == "fault"

    # Mended, and read again: the fault goes, the device speaks.
    with open(os.path.join(config, "codecs", "hangs.js"), "w", encoding="utf-8") as stream:
        stream.write("function decodeUplink(input) { return { data: { smoke_status: 'alarm' } }; }")
    gateway.reload()
    wait_until(lambda: not [a for a in gateway.alarms(alarm_class="fault")
                            if "codecs/hangs.js" in json.dumps(a) and a["state"] in ("unacknowledged", "acknowledged")], 10, "the fault is over")
    broker.publish(*uplink(OTHER_EUI, [9], 99))
    gateway.wait_alarm(3, subject="shed-a-smoke-2", rule="smoke_alarm")


def test_a_script_that_no_file_has_is_found_by_check(estate):
    _, _, config = estate
    os.remove(os.path.join(config, "codecs", "smoke.js"))
    done = run_firegate("check", config)
    assert done.returncode == 1
    assert "smoke-1.yaml:2:" in done.stdout + done.stderr
    assert 'error[E110]: codec: found "codecs/smoke.js", expected a script of the folder codecs' in done.stdout + done.stderr


def test_a_replay_runs_the_scripts_too(estate, tmp_path):
    _, _, config = estate
    topic, payload = uplink(SMOKE_EUI, [5, 0, 1], 1)
    path = write_lines(tmp_path / "day.jsonl", [{"at": "2026-11-22T03:14:15.000Z", "topic": topic, "payload": payload}])
    runs = [run_firegate("replay", "--config", config, "--jsonl", path).stdout for _ in range(2)]
    assert runs[0] == runs[1]
    assert any(json.loads(line).get("class") == "fire_alarm" for line in runs[0].splitlines())
