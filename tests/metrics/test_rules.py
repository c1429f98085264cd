"""The rules of config/prometheus: they are valid, and each alert has been seen to fire and to clear."""
import os
import re
import subprocess

import yaml
from estate import ROOT
from prometheus import RULES


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=RULES)
    assert done.returncode == 0, done.stdout + done.stderr


def load(file):
    with open(os.path.join(RULES, file), encoding="utf-8") as stream:
        return yaml.safe_load(stream)


def alerts():
    return [rule for group in load("alerts.yml")["groups"] for rule in group["rules"]]


def test_the_samples_are_valid():
    run("promtool", "check", "rules", "alerts.yml", "recording.yml")
    run("promtool", "check", "config", "--syntax-only", "prometheus.yml")
    run("amtool", "check-config", "alertmanager.yml")


def test_every_alert_fires_and_clears():
    run("promtool", "test", "rules", "alerts_test.yml")


def test_no_alert_is_without_a_test():
    tests = {test["name"]: test for test in load("alerts_test.yml")["tests"]}
    for rule in alerts():
        asked = [sample["value"] for case in tests[rule["alert"]]["promql_expr_test"] for sample in case["exp_samples"]]
        assert 1 in asked, f"{rule['alert']} is not seen to fire"
        if rule["alert"] != "Watchdog":  # the dead-man's switch never clears
            assert -1 in asked, f"{rule['alert']} is not seen to clear"


def test_every_alert_says_what_to_do_in_both_languages():
    for rule in alerts():
        assert rule["labels"]["severity"] in ("critical", "warning", "info", "none"), rule["alert"]
        assert {"summary", "summary_zh", "remedy"} == set(rule["annotations"]), rule["alert"]


def test_rules_ask_for_metrics_that_exist():
    with open(os.path.join(ROOT, "tests", "unit", "metrics", "metrics.golden"), encoding="utf-8") as stream:
        known = {line.split()[0] for line in stream}
    recorded = [rule for group in load("recording.yml")["groups"] for rule in group["rules"]]
    for rule in alerts() + recorded:
        for name in re.findall(r"(?<![:\w])firegate_\w+(?!\w*:)", rule["expr"]):
            assert re.sub("_(bucket|sum|count)$", "", name) in known, f"{rule}: {name}"


def test_the_dead_mans_switch_has_its_own_way():
    routes = load("alertmanager.yml")["route"]["routes"]
    assert [route["receiver"] for route in routes if "alertname = Watchdog" in route["matchers"]] == ["deadman"]
