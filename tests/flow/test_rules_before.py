"""Rules before they decide: the cases of their author, and other rules on what was recorded."""
import glob
import json
import os
import re
import shutil
import signal
import xml.etree.ElementTree as tree

from estate import ROOT, native, run_firegate, wait_until

CONFIG = f"{ROOT}/config"
DETECTOR = "b1-f3-smoke-e"


def test_the_default_rules_do_what_their_cases_say(tmp_path):
    cases = sorted(glob.glob(f"{ROOT}/tests/rules/*.yaml"))
    run = run_firegate("rules", "test", *cases, "--config", CONFIG, "--junit", tmp_path / "rules.xml")
    assert run.returncode == 0, run.stdout + run.stderr
    suite = tree.parse(tmp_path / "rules.xml").getroot()
    assert int(suite.get("tests")) == len(list(suite)) >= 12 and suite.get("failures") == "0"


def test_a_case_that_does_not_hold_says_where_and_what(tmp_path):
    file = tmp_path / "wrong.yaml"
    file.write_text("cases:\n  - name: smoke is nothing\n    devices: [{id: a, kind: smoke_detector}]\n    steps:\n"
                    "      - {at: 0s, device: a, readings: {smoke: true}, expect: {a: []}}\n", encoding="utf-8")
    run = run_firegate("rules", "test", file, "--config", CONFIG)
    assert run.returncode == 1
    assert f"{file}:5:9: 0 s after the begin, on a: found smoke_alarm (fire_alarm, single), expected none" in run.stdout
    assert run.stdout.endswith("0 passed, 1 failed\n")


def test_explain_says_which_limits_a_device_has():
    run = run_firegate("rules", "explain", "shed-a-charger-1", "--config", CONFIG)
    assert run.returncode == 0, run.stderr
    assert re.search(r"port_hot\n +pre_alarm when port_temperature_c at least 65", run.stdout)
    assert run_firegate("rules", "explain", "nobody", "--config", CONFIG).returncode == 4


def other_rules(folder):
    """The default rules without that of smoke, and with a lower limit for ports."""
    made = os.path.join(str(folder), "rules")
    shutil.copytree(f"{CONFIG}/rules", made)
    for name, old, new in (("detectors.yaml", r"  - id: smoke_alarm\n(    .*\n)+\n", ""),
                           ("charging.yaml", "at_least: 65, clears_below: 60", "at_least: 60, clears_below: 55")):
        path = os.path.join(made, name)
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        changed = re.sub(old, new, text)
        assert changed != text
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(changed)
    return made


def test_a_backtest_says_what_other_rules_miss_add_and_what_people_had_said(broker, gateway, tmp_path):
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    alarm = gateway.wait_alarm(2, subject=DETECTOR)
    assert gateway.act(alarm, "acknowledge")[0] == 200
    assert gateway.act(alarm, "verdict", verdict="cooking", why="油烟")[0] == 200
    topic, _ = native("jinxiu", "shed-a-charger-1")
    broker.publish(topic, {"ports": {"3": {"port_temperature_c": 62}}})
    wait_until(lambda: gateway.get("/api/v1/health")["inbox_waiting"] == 0, 10, "everything is decided")
    gateway.kill(signal.SIGTERM)
    run = run_firegate("rules", "backtest", "--config", CONFIG, "--rules", other_rules(tmp_path), "--inbox", f"{gateway.data}/inbox",
                       "--db", f"{gateway.data}/firegate.db", "--json")
    assert run.returncode == 0, run.stderr
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    found = {(line["outcome"], line["subject"], line.get("verdict")) for line in lines if "outcome" in line}
    assert found == {("missed", DETECTOR, "cooking"), ("extra", "shed-a-charger-1/3", None)}
    assert lines[-1]["summary"] == {"caught": 0, "earlier": 0, "later": 0, "missed": 1, "extra": 1, "real_missed": 0, "false_missed": 1}


def test_a_folder_without_rules_is_no_candidate(tmp_path):
    """It would be a gateway that alarms of nothing: every alarm of the recorded days would count as missed."""
    run = run_firegate("rules", "backtest", "--config", CONFIG, "--rules", tmp_path, "--inbox", tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert f"reading rules from {tmp_path}: found no *.yaml, expected files of rules" in run.stderr
