"""The last messages of each device as they came, from the broker to whoever asks, and over restarts."""
import json
import signal

import pytest
from estate import native, wait_until

DEVICE = "b1-f5-smoke-w"
BURST = 10  # decode/raw_gate.h
KEPT = 50   # core/raw_copy.h


def messages(gateway, device=DEVICE):
    return gateway.get(f"/api/v1/devices/{device}/messages")["messages"]


def say(broker, temperature, **more):
    topic, payload = native("jinxiu", DEVICE, temperature_c=temperature, **more)
    text = json.dumps(payload)
    broker.publish(topic, text)
    return topic, text


def wait_newest(gateway, text):
    return wait_until(lambda: (found := messages(gateway)) and found[0]["payload"] == text and found, 4, f"{text} is kept")


def test_messages_are_kept_as_they_came(broker, gateway):
    assert messages(gateway) == []
    _, first = say(broker, 20.5)
    topic, second = say(broker, 21.5)
    found = wait_newest(gateway, second)
    assert [m["payload"] for m in found] == [second, first]
    assert found[0]["at"] >= found[1]["at"]
    assert {k: v for k, v in found[0].items() if k != "at"} == {
        "source": "native", "topic": topic, "retained": False, "bytes": len(second), "cut": False, "payload": second, "payload_b64": None}
    assert messages(gateway, "b2-f8-smoke") == []


def test_odd_messages_are_kept_too(broker, gateway):
    topic = native("jinxiu", DEVICE)[0]
    spaced = '{ "readings" :\n\t{"temperature_c": 2.150e1, "nobody_knows": "<b>烟</b>"} }'
    broker.publish(topic, spaced)
    assert wait_newest(gateway, spaced)[0]["bytes"] == len(spaced.encode())
    padding = "烟" * 2000
    long = json.dumps({"readings": {"temperature_c": 23}, "note": padding}, ensure_ascii=False)
    broker.publish(topic, long)
    found = wait_until(lambda: (m := messages(gateway)[0])["cut"] and m, 4, "the long one is kept")
    assert found["bytes"] == len(long.encode()) and 4093 <= len(found["payload"].encode()) <= 4096
    assert long.startswith(found["payload"])
    retained = json.dumps({"readings": {"temperature_c": 24}})
    gateway.kill(signal.SIGTERM)
    broker.stop()
    broker.forget()  # with a session the message would come as a new one
    broker.start()
    broker.publish(topic, retained, retain=True)
    gateway.start()
    assert wait_newest(gateway, retained)[0]["retained"] is True


def test_a_chatterer_keeps_the_messages_of_its_burst(broker, gateway):
    said = [say(broker, 20 + i / 10)[1] for i in range(3 * BURST)]
    wait_until(lambda: values(gateway)["temperature_c"] == 20 + (3 * BURST - 1) / 10, 4, "the last one is decided")
    wait_until(lambda: len(messages(gateway)) >= BURST, 4, "the burst is kept")
    kept = [m["payload"] for m in reversed(messages(gateway))]
    assert kept[:BURST] == said[:BURST]
    assert len(kept) <= BURST + 2, "one more in ten seconds"


def values(gateway):
    return {v["point"]: v["value"] for v in gateway.get(f"/api/v1/devices/{DEVICE}")["values"]}


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_fifty_stay_over_restarts_and_none_comes_twice(broker, gateway, how):
    said = []
    for round_ in range(KEPT // BURST + 1):
        for i in range(BURST):
            said.append(say(broker, round_ + i / 100)[1])
        found = wait_newest(gateway, said[-1])
        assert [m["payload"] for m in reversed(found)] == said[-KEPT:]
        gateway.kill(how)
        gateway.start()
        assert messages(gateway) == found
