"""What nobody can read changes nothing but a counter and a sample, and does not delay a fire."""
import random
import time

import pytest
from estate import native, wait_until
from mqtt import MqttClient

UP = "fg/v1/jinxiu/b1-f3-smoke-w2/up"  # no such device is mapped
MAPPED = "fg/v1/jinxiu/b1-f5-smoke-e/up"
Z2M = "zigbee2mqtt/1号楼 302 卧室烟感"
LORA = "application/17c82e96-be03-4f38-aef3-f83d48582d97/device/24e124136d110001/event/up"
SHELLY = "shellyplussmoke-80646fd09e01/events/rpc"
DEEP = b'{"readings":' + b"[" * 20_000 + b"]" * 20_000 + b"}"

# Each one is rejected: the counter and the sample say so.
REJECTED = {
    "no JSON": (MAPPED, b"smoke on the water"),
    "half of a message": (MAPPED, b'{"readings": {"smoke": tr'),
    "two messages in one": (MAPPED, b'{"readings":{"smoke":false}}{"readings":{"smoke":true}}'),
    "a list": (MAPPED, b'[{"readings": {"smoke": true}}]'),
    "64 KiB and one byte": (MAPPED, b'{"readings":{"smoke":true},"x":"' + b"a" * (65_537 - 34) + b'"}'),
    "1 MiB": (MAPPED, b'{"readings":{"smoke":true},"x":"' + b"a" * (1 << 20) + b'"}'),
    "1 MiB of Zigbee": (Z2M, b'{"smoke":true,"x":"' + b"a" * (1 << 20) + b'"}'),
    "deep": (MAPPED, DEEP),
    "deep uplink": (LORA, b'{"object":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001),
    "many nodes": (MAPPED, b'{"readings":{"smoke":true},"x":[' + b"1," * 6_000 + b"1]}"),
    "binary": (MAPPED, bytes(range(256))),
    "zeros": (MAPPED, bytes(1000)),
    "no UTF-8": (MAPPED, b'{"readings": {"smoke": true, "fault_code": "\xff\xfe\xc0\x80"}}'),
    "half of a surrogate": (MAPPED, b'{"readings": {"smoke": true, "fault_code": "\\ud800"}}'),
    "smoke is a word": (MAPPED, b'{"readings": {"smoke": "true"}}'),
    "smoke is a number": (MAPPED, b'{"readings": {"smoke": 1}}'),
    "another device": (MAPPED, b'{"device": "b2-hall-smoke", "readings": {"smoke": true}}'),
    "an id of 65 letters": ("fg/v1/jinxiu/" + "a" * 65 + "/up", b'{"readings": {"smoke": true}}'),
    "a path as an id": ("fg/v1/jinxiu/..\\..\\etc/up", b'{"readings": {"smoke": true}}'),
    "an uplink of another device": (LORA, b'{"deviceInfo": {"devEui": "24e124136d110002"}, "object": {"event": "alarm"}}'),
    "protobuf": (LORA, b"\x0a\x24" + bytes(range(60))),
    "an answer that is no JSON": (SHELLY, b"\x00\x01{}"),
}


def state(gateway):
    """What people see and what the record holds of devices."""
    alarms = sorted((a["id"], a["revision"]) for a in gateway.alarms())
    values = {d: gateway.get(f"/api/v1/devices/{d}")["values"] for d in ("b1-f5-smoke-e", "b1-302-smoke", "b1-hall-smoke", "b1-501-smoke")}
    return alarms, values, gateway.metric("firegate_readings_total"), gateway.get("/api/v1/unmapped")


def handled(gateway):
    outcomes = ("messages_decoded", "messages_ignored", "messages_rejected", "duplicates_collapsed")
    return sum(gateway.metric(f"firegate_{outcome}_total") for outcome in outcomes)


def fire_still_alarms(broker, gateway, device):
    began = time.monotonic()
    broker.publish(*native("jinxiu", device, smoke=True))
    gateway.wait_alarm(1, subject=device, state="unacknowledged")
    assert time.monotonic() - began < 1.5  # with the start of the publishing program


@pytest.mark.parametrize("name", REJECTED)
def test_a_message_nobody_can_read_leaves_a_counter_and_a_sample(estate_of_module, name):
    broker, gateway = estate_of_module
    topic, payload = REJECTED[name]
    before, rejected = state(gateway), gateway.metric("firegate_messages_rejected_total")
    broker.publish(topic, payload)
    wait_until(lambda: gateway.metric("firegate_messages_rejected_total") == rejected + 1, 3, "it is counted as rejected")
    sample = gateway.get("/api/v1/rejected")["samples"][0]
    assert sample["topic"] == topic
    assert sample["payload_bytes"] == len(payload) and len(sample["payload_start"]) <= 1024 and sample["reason"] and sample["detail"]
    assert state(gateway) == before


def test_a_fire_alarms_within_a_second_right_after_all_of_it(estate_of_module):
    broker, gateway = estate_of_module
    client = MqttClient(broker.port, "hostile")
    client.publish(*REJECTED.values())
    fire_still_alarms(broker, gateway, "b1-f3-smoke-e")
    client.leave()


def test_a_message_beyond_what_the_broker_takes_is_the_senders_problem(estate_of_module):
    broker, gateway = estate_of_module
    client = MqttClient(broker.port, "giant")
    with pytest.raises(OSError):
        client.publish((MAPPED, b"a" * (9 << 20)))
    fire_still_alarms(broker, gateway, "b2-f8-smoke")


def noise(chance, count):
    """Bytes, JSON of no meaning and torn JSON on topics of every format; none of them says an alarm."""
    topics = [MAPPED, UP, Z2M, LORA, SHELLY, "zigbee2mqtt/bridge/devices", "tele/tasmota_A50101/SENSOR", "tele/tasmota_A50101/LWT",
              "shellies/shellysmoke-1AB2C3/sensor/smoke", "fg/v1/jinxiu/b1-f5-smoke-e/online", "application/x/device/y/event/up",
              "zigbee2mqtt/" + "长" * 300, "fg/v1/a/b/up", "tele//SENSOR", "shellies//"]

    def value(depth):
        pick = chance.randrange(8 if depth < 6 else 5)
        if pick < 3:
            return chance.choice(["null", "-1e400", "0.1", "18446744073709551616", "false", '"\\u0000"', '"' + "x" * chance.randrange(200) + '"'])
        if pick < 6:
            return "[" + ",".join(value(depth + 1) for _ in range(chance.randrange(4))) + "]"
        return "{" + ",".join(f'"{chance.choice(["readings", "ports", "object", "params", "ENERGY", "a", "", "seq"])}":{value(depth + 1)}'
                              for _ in range(chance.randrange(4))) + "}"

    for _ in range(count):
        text = value(0).encode()
        made = chance.choice([chance.randbytes(chance.randrange(300)), text, text[:chance.randrange(len(text) + 1)]])
        yield chance.choice(topics), made


def test_ten_thousand_noisy_messages_raise_nothing_and_take_no_memory(estate_of_module):
    broker, gateway = estate_of_module
    alarms, received, before = {a["id"] for a in gateway.alarms()}, gateway.metric("firegate_messages_received_total"), handled(gateway)
    messages = list(noise(random.Random(7), 10_000))
    client = MqttClient(broker.port, "noise")
    client.publish(*messages[:2_000])
    wait_until(lambda: gateway.get("/api/v1/health")["inbox_waiting"] == 0, 20, "the first part is decided")
    memory = gateway.memory_kib()
    for begin in range(2_000, len(messages), 1_000):
        client.publish(*messages[begin:begin + 1_000])
    wait_until(lambda: gateway.metric("firegate_messages_received_total") - received == len(messages), 20, "all of it is received")
    wait_until(lambda: handled(gateway) - before == len(messages), 20, "every message is accounted for")
    assert gateway.alive()
    assert gateway.memory_kib() - memory < 32 * 1024
    # Over 100 unreadable messages in a minute from a source are a fault that people see; nothing else has changed.
    new = [a for a in gateway.alarms() if a["id"] not in alarms]
    assert {a["rule"] for a in new} == {"self_quarantine"}
    assert len(gateway.get("/api/v1/rejected")["samples"]) <= 1_000
    fire_still_alarms(broker, gateway, "b2-hall-smoke")
    client.leave()
