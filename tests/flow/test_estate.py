"""The simulated estate, which speaks the real wire formats by itself, goes through its demonstration: every event is on the board."""
import json
import subprocess

import pytest
from estate import PROGRAM, ROOT, wait_until

SPEED = 30  # the ten minutes of the demonstration in twenty seconds

# rule, part of the subject
EXPECTED = [("smoke_alarm", "kitchen-smoke"), ("ebike_in_lift", "b2-lift-1"), ("battery_low", "smoke"), ("port_hot", "shed-a-charger-1/3"),
            ("port_too_hot", "shed-a-charger-1/3"), ("charging_smoke_stop", "shed-a-charger-1/3"), ("smoke_alarm", "shed-a-smoke-1"),
            ("manual_call", "shed-a-call")]


STRANGERS = {"smoke-0f3a", "0x00158d0004a1b2c3", "shellyplusplugs-b0b21c1fffff"}


class Simulation:
    def __init__(self, broker, scenario, seconds):
        command = [PROGRAM, "simulate", "--estate", f"{ROOT}/config/devices.csv", "--port", broker.port, "--scenario", scenario,
                   "--speed", SPEED, "--seconds", seconds]
        self.process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)

    def report(self, within):
        return json.loads(self.process.communicate(timeout=within)[0])

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def simulate(broker):
    running = []

    def start(scenario, seconds):
        running.append(Simulation(broker, scenario, seconds))
        return running[-1]

    yield start
    for simulation in running:
        simulation.stop()


def test_the_demonstration_is_on_the_board(gateway, simulate):
    simulation = simulate("demo", 19)
    for rule, subject in EXPECTED:
        wait_until(lambda rule=rule, subject=subject: [a for a in gateway.alarms(rule=rule) if subject in a["subject"]], 30, f"{rule} of {subject}")
    assert simulation.report(30)
    # Everything it says is understood; what is not mapped are its three strangers, and not the Zigbee bridge itself.
    assert gateway.metric("firegate_messages_rejected_total") == 0
    assert {d["address"] for d in gateway.get("/api/v1/unmapped")["devices"]} == STRANGERS
    devices = gateway.get("/api/v1/devices")
    # A LoRaWAN device speaks when its interval comes, which may be later than this.
    silent = [d["id"] for d in devices["devices"] if d["presence"] == "never_heard" and d["format"] != "chirpstack"]
    assert devices["total"] == len(devices["devices"]) and not silent
    garage = gateway.alarms(subject="shed-a-smoke-1")[0]
    assert garage["confirmation"] == "confirmed"  # two detectors and a call point


def test_a_quiet_day_raises_nothing(gateway, simulate):
    simulation = simulate("quiet", 8)
    assert simulation.report(30)
    assert gateway.metric("firegate_messages_decoded_total") > 100
    assert [a for a in gateway.alarms() if not a["rule"].startswith("self_")] == []


def test_a_storm_of_alarms_is_on_the_board_as_one_alarm_a_device(gateway, simulate):
    assert simulate("alarm_storm", 7).report(30)
    wait_until(lambda: gateway.get("/api/v1/health")["inbox_waiting"] == 0, 10, "everything is decided")
    alarms = [a for a in gateway.alarms() if a["priority"] in ("fire", "life_threat")]
    assert len(alarms) >= 30
    assert len({(a["subject"], a["rule"]) for a in alarms}) == len(alarms)
    assert all(a["state"] == "latched_unacknowledged" for a in alarms), {a["state"] for a in alarms}
    assert max(a["occurrences"] for a in alarms) > 1
