"""One alarm in each wire format, as its devices say it, from the broker onto the board. Sources of the wire forms: the formats' own
documentation, as named in drivers/<format>/notes.md; these messages are made from it."""
import json
import time

import pytest
from estate import wait_until

APPLICATION = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device"


def chirpstack(eui, profile, said):
    return f"{APPLICATION}/{eui}/event/up", {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d", "devAddr": "00189440", "fPort": 85, "dr": 5,
        "deviceInfo": {"devEui": eui, "deviceProfileName": profile, "deviceName": eui},
        "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -80, "snr": 7.5}], "object": said}


def shelly2(device, method, params):
    return f"{device}/events/rpc", {"src": device, "dst": f"{device}/events", "method": method, "params": params}


CASES = {
    "native": ("fg/v1/jinxiu/b1-f5-smoke-w/up", {"seq": 1, "boot": "a1", "readings": {"smoke": True, "battery_pct": 80}},
               "b1-f5-smoke-w", "smoke_alarm", "fire_alarm"),
    "native call point": ("fg/v1/jinxiu/b2-f8-call/up", {"readings": {"manual_call": True}}, "b2-f8-call", "manual_call", "fire_alarm"),
    "native charging port": ("fg/v1/jinxiu/shed-a-charger-1/up", {"readings": {}, "ports": {"3": {"port_temperature_c": 71.5}}},
                             "shed-a-charger-1/3", "port_hot", "pre_alarm"),
    "native lift": ("fg/v1/jinxiu/b2-lift-1/up", {"readings": {"ebike_detected": True}}, "b2-lift-1", "ebike_in_lift", "ebike_intrusion"),
    "zigbee2mqtt smoke": ("zigbee2mqtt/1号楼 301 厨房烟感", {"smoke": True, "battery": 96, "linkquality": 90, "tamper": False},
                          "b1-301-kitchen-smoke", "smoke_alarm", "fire_alarm"),
    "zigbee2mqtt gas": ("zigbee2mqtt/1号楼 301 燃气", {"gas": True, "tamper": False}, "b1-301-gas", "gas_alarm", "gas_alarm"),
    "zigbee2mqtt button": ("zigbee2mqtt/1号楼 301 一键呼叫", {"action": "emergency", "battery": 80}, "b1-301-sos", "one_key_alarm", "one_key_alarm"),
    "tasmota overheat": ("tele/tasmota_A50101/SENSOR", {"Time": "2026-11-22T10:00:00", "ENERGY": {"Power": 900, "Temperature": 91}},
                         "b1-501-heater", "board_hot", "pre_alarm"),
    "shelly generation 1": ("shellies/shellysmoke-1AB2C3/sensor/smoke", "true", "b1-301-bed-smoke", "smoke_alarm", "fire_alarm"),
    "shelly generation 1 gas": ("shellies/shellygas-7F3A10/sensor/gas", "heavy", "b1-302-gas", "gas_alarm", "gas_alarm"),
    "shelly generation 2": (*shelly2("shellyplussmoke-80646fd09e01", "NotifyFullStatus",
                                     {"ts": 1.33, "devicepower:0": {"id": 0, "battery": {"V": 2.99, "percent": 97}},
                                      "smoke:0": {"id": 0, "alarm": True, "mute": False}}),
                            "b1-501-smoke", "smoke_alarm", "fire_alarm"),
    "shelly generation 2 event": (*shelly2("shellyplussmoke-80646fd09e02", "NotifyEvent",
                                           {"ts": round(time.time(), 2), "events": [{"component": "smoke:0", "id": 0, "event": "alarm"}]}),
                                  "b1-502-smoke", "smoke_alarm", "fire_alarm"),
    "chirpstack": (*chirpstack("24e124136d110001", "milesight gs524n", {"event": "alarm", "battery": 90, "concentration": 34, "temperature": 24}),
                   "b1-hall-smoke", "smoke_alarm", "fire_alarm"),
}


@pytest.fixture(scope="module")
def board(estate_of_module):
    return estate_of_module


@pytest.mark.parametrize("name", CASES)
def test_an_alarm_comes_onto_the_board(board, name):
    broker, gateway = board
    topic, payload, subject, rule, alarm_class = CASES[name]
    broker.publish(topic, payload)
    alarm = gateway.wait_alarm(1, subject=subject, rule=rule)
    assert (alarm["class"], alarm["device"]["mapped"], alarm["late"]) == (alarm_class, True, False)
    assert alarm["confirmation"] in ("single", "confirmed")
    assert alarm["place"]["building"]["id"]
    assert gateway.get(f"/api/v1/devices/{subject.split('/')[0]}")["presence"] == "online"


def test_a_tasmota_will_takes_the_device_offline_and_back(board):
    broker, gateway = board

    def online():
        return {v["point"]: v["value"] for v in gateway.get("/api/v1/devices/shed-main-relay")["values"]}.get("online")

    broker.publish("tele/tasmota_C0FFEE/LWT", "Online", retain=True)
    wait_until(lambda: online() is True, 2, "the relay is online")
    broker.publish("tele/tasmota_C0FFEE/LWT", "Offline", retain=True)
    wait_until(lambda: online() is False, 2, "the relay is offline")
    broker.publish("tele/tasmota_C0FFEE/LWT", "Online", retain=True)
    wait_until(lambda: online() is True, 2, "the relay is online again")


@pytest.mark.parametrize("topic, payload, address", [
    ("fg/v1/jinxiu/stranger-1/up", {"readings": {"smoke": True}}, "stranger-1"),
    ("zigbee2mqtt/客厅 烟感", {"smoke": True, "battery": 50}, "客厅 烟感"),
    ("shellies/shellysmoke-FFFFFF/sensor/smoke", "true", "shellysmoke-FFFFFF"),
])
def test_smoke_from_an_unmapped_device_alarms_unverified_and_lies_in_the_tray(board, topic, payload, address):
    broker, gateway = board
    broker.publish(topic, payload)
    alarm = wait_until(lambda: [a for a in gateway.alarms(rule="smoke_alarm") if a["subject"].endswith("/" + address)], 1, address)[0]
    assert (alarm["class"], alarm["confirmation"], alarm["device"]["mapped"]) == ("fire_alarm", "unverified", False)
    tray = wait_until(lambda: [d for d in gateway.get("/api/v1/unmapped")["devices"] if d["address"] == address], 2, "the tray")[0]
    assert tray["first_topic"] == topic and tray["points"][0] == "smoke"
    assert tray["first_payload"] == (payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False))
    assert gateway.metric("firegate_devices_unmapped") >= 1


def test_a_retained_fire_is_raised_once_and_unverified(board):
    broker, gateway = board
    topic, device = "zigbee2mqtt/2号楼 802 客厅烟感", "b2-802-smoke"
    gateway.kill()
    broker.stop()
    broker.forget()  # with a session the message would come as a new one
    broker.start()
    broker.publish(topic, {"smoke": True, "battery": 77}, retain=True)
    gateway.start()
    alarm = gateway.wait_alarm(5, subject=device)
    assert (alarm["confirmation"], alarm["occurrences"]) == ("unverified", 1)
