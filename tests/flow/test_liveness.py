"""A device whose connection ends is lost after the delay of its rule, and is back with its next word."""
import json
import re

import pytest
from estate import Gateway, copy_config, native
from mqtt import MqttClient

DELAY_S = 2


@pytest.fixture
def gateway(tmp_path, broker):
    config = copy_config(tmp_path)
    path = f"{config}/rules/health.yaml"
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(re.sub(r"offline_delay: \d+min", f"offline_delay: {DELAY_S}s", text))
    made = Gateway(tmp_path, broker, config)
    yield made
    made.kill()


def test_a_device_whose_will_comes_is_lost_and_found(broker, gateway):
    device = "b2-hall-smoke"
    topic = f"fg/v1/jinxiu/{device}/online"
    client = MqttClient(broker.port, device, will=(topic, "false"))
    up = native("jinxiu", device, smoke=False)
    client.publish((topic, "true"), retain=True)
    client.publish((up[0], json.dumps(up[1])))
    client.vanish()
    lost = gateway.wait_alarm(DELAY_S + 3, subject=device, rule="battery_device_lost")
    assert lost["class"] == "fault" and gateway.get(f"/api/v1/devices/{device}")["presence"] == "lost"
    client = MqttClient(broker.port, device)
    client.publish((topic, "true"), retain=True)
    client.publish((up[0], json.dumps(up[1])))
    gateway.wait_alarm(3, id=lost["id"], state="returned_unacknowledged")
    assert gateway.get(f"/api/v1/devices/{device}")["presence"] == "online"
    client.leave()


@pytest.mark.parametrize("topic, gone, back, device, rule", [
    ("tele/tasmota_C0FFEE/LWT", "Offline", "Online", "shed-main-relay", "lost"),
    ("zigbee2mqtt/1号楼 301 燃气/availability", {"state": "offline"}, {"state": "online"}, "b1-301-gas", "lost"),
])
def test_availability_of_a_format_makes_a_device_lost_and_found(broker, gateway, topic, gone, back, device, rule):
    broker.publish(topic, gone, retain=True)
    lost = gateway.wait_alarm(DELAY_S + 3, subject=device, rule=rule)
    broker.publish(topic, back, retain=True)
    gateway.wait_alarm(3, id=lost["id"], state="returned_unacknowledged")


def test_a_fire_of_a_lost_device_alarms_all_the_same(broker, gateway):
    broker.publish("fg/v1/jinxiu/b2-f8-smoke/online", "false", retain=True)
    gateway.wait_alarm(DELAY_S + 3, subject="b2-f8-smoke", rule="battery_device_lost")
    broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=True))
    gateway.wait_alarm(1, subject="b2-f8-smoke", rule="smoke_alarm")


def test_a_sleeping_shelly_is_not_lost_between_its_wakes(broker, gateway):
    broker.publish("shellies/shellysmoke-1AB2C3/online", "false", retain=True)
    broker.publish("fg/v1/jinxiu/b2-f8-smoke/online", "false", retain=True)
    gateway.wait_alarm(DELAY_S + 3, subject="b2-f8-smoke", rule="battery_device_lost")  # by then its time was up too
    assert not gateway.alarms(subject="b1-301-bed-smoke")
