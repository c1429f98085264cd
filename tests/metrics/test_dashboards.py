"""A real Prometheus asks a gateway with a living estate: what dashboards and alerts ask for is there."""
import csv
import json
import math
import os
import subprocess
from pathlib import Path

import pytest
from estate import PROGRAM, ROOT, Broker, Gateway, wait_until
from fixtures import leave_the_logs
from prometheus import Prometheus

GENERATED = Path(ROOT, "dashboards", "grafana", "generated")
DASHBOARDS = sorted((GENERATED / "zh").glob("*.json"))
# What Grafana puts in the place of its variables.
VARIABLES = {"$__rate_interval": "15s", "$__range": "5m", "$__interval": "1s", "$estate": ".*", "$building": ".*"}


def expressions(file):
    """[(title of the panel, expression)] of a dashboard, as Prometheus is asked."""
    panels = json.loads(file.read_text(encoding="utf-8"))["panels"]
    found = []
    for panel in panels:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            found.append((panel["title"], expression))
    return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Gateway, Prometheus: the demonstration has run and people have acted on what it raised."""
    folder = tmp_path_factory.mktemp("watched")
    broker = Broker(folder)
    gateway = Gateway(folder, broker)
    prometheus = Prometheus(folder, gateway.port)
    command = [PROGRAM, "simulate", "--estate", f"{ROOT}/config/devices.csv", "--port", broker.port, "--scenario", "demo", "--speed", 30]
    simulation = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    try:
        alarm = gateway.wait_alarm(40, rule="smoke_alarm")
        # A counter that begins with an act is only seen to grow after it was seen before.
        wait_until(lambda: prometheus.query("firegate_acts_total"), 10, "Prometheus has asked")
        assert gateway.act(alarm, "acknowledge")[0] == 200
        assert gateway.act(alarm, "verdict", verdict="cooking")[0] == 200
        wait_until(lambda: prometheus.query('firegate_verdicts_total{verdict="cooking"} == 1'), 10, "Prometheus has seen the verdict")
        wait_until(lambda: prometheus.query("sum(firegate_charging_ports) > 0 and sum(firegate_lifts) > 0"), 30, "ports and lifts have spoken")
        yield gateway, prometheus
    finally:
        simulation.kill()
        simulation.wait(10)
        prometheus.stop()
        gateway.kill()
        broker.stop()
        leave_the_logs(folder)


def test_there_is_a_dashboard_of_each_subject():
    assert [file.stem for file in DASHBOARDS] == [f"firegate-{name}" for name in
                                                  ("alarms", "charging", "devices", "faults", "internals", "kpi", "lifts")]


def test_every_expression_is_one(tmp_path):
    rules = [{"record": f"panel:{index}", "expr": expression}
             for index, (_, expression) in enumerate(pair for file in DASHBOARDS for pair in expressions(file))]
    file = tmp_path / "rules.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    checked = subprocess.run(["promtool", "check", "rules", file], capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_no_panel_is_empty(watched, file):
    _, prometheus = watched

    def empty():
        return [(title, expression) for title, expression in expressions(file)
                if not any(not math.isnan(value) for _, value in prometheus.query(expression))]

    try:
        wait_until(lambda: not empty(), 20, "every panel has data")
    except AssertionError:
        assert not empty()


def test_figures_are_those_of_the_gateway(watched):
    gateway, prometheus = watched
    total = gateway.get("/api/v1/devices")["total"]
    wait_until(lambda: prometheus.query("sum(firegate_place_devices)") == [({}, total)], 15, "all devices are counted by place")
    [(_, online)] = prometheus.query("sum(firegate_place_devices_online)")
    assert 0 < online <= total
    [(_, share)] = prometheus.query("sum(firegate_place_devices_heard) / sum(firegate_place_devices)")
    assert 0.5 < share <= 1
    wait_until(lambda: prometheus.query('firegate_acts_total{kind="acknowledge"}')[0][1] == 1, 5, "one act is counted")
    [(_, took)] = prometheus.query('firegate_acknowledge_time_seconds_sum{priority="fire"}')
    assert took > 0


def test_metrics_are_clean_and_few(watched):
    gateway, _ = watched
    text = gateway.get("/metrics", raw=True)
    checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0 and not checked.stdout + checked.stderr, checked.stdout + checked.stderr
    assert text.count("\n") < 3000  # of an estate of three buildings
    with open(os.path.join(ROOT, "config", "devices.csv"), encoding="utf-8") as stream:
        devices = [row["id"] for row in csv.DictReader(stream)]
    assert devices and not [device for device in devices if f'"{device}' in text]


def test_prometheus_sees_that_the_gateway_is_gone(watched):
    """Last in this file: the gateway does not live on."""
    gateway, prometheus = watched
    assert prometheus.alerts()["Watchdog"] == "firing"
    assert "FiregateDown" not in prometheus.alerts()
    gateway.kill()
    wait_until(lambda: "FiregateDown" in prometheus.alerts(), 10, "the alert is pending")
