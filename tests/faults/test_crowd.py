"""Very much at once: F25, F26 and F47 of the list."""
import json
import os
import re
import time

from estate import native, wait_until
from mqtt import MqttClient

STORM = 10_000
STORM_S = 10
CUT_OFF = 5_000
BAD = 100_000


def batches(things, size):
    for begin in range(0, len(things), size):
        yield things[begin:begin + size]


def test_ten_thousand_fires_in_ten_seconds_are_all_recorded(make_site):
    """F25"""
    site = make_site(detectors=STORM)
    client = MqttClient(site.broker.port, "storm")
    devices = [f"fault-{i:04}" for i in range(STORM)]
    said_at, began = {}, time.monotonic()
    for number, batch in enumerate(batches(devices, 500)):
        wait_until(lambda due=began + number * STORM_S * 500 / STORM: time.monotonic() >= due, 20, "the next ones are due")
        said_at.update((device, time.monotonic()) for device in batch)
        client.publish(*[(topic, json.dumps(payload)) for topic, payload in
                         (native("jinxiu", device, seq=1, boot="ledger", smoke=True) for device in batch)])
    site.ledger.fires.update(devices)
    site.ledger.last.update({device: 1 for device in devices})
    recorded = "SELECT count(*) FROM alarms WHERE rule = 'smoke_alarm'"
    wait_until(lambda: site.rows(recorded)[0][0] == STORM, 30, "all are recorded")
    delays = sorted(at - said_at[alarm["subject"]] for at, alarm in site.console.alarms(rule="smoke_alarm"))
    assert site.console.alarms(subject=devices[0])[0][0] - said_at[devices[0]] < 2
    print(f"{len(delays)} on the feed, p99 {delays[len(delays) * 99 // 100]:.2f} s")  # the goal is 10 s of a machine of its own
    assert delays[len(delays) * 99 // 100] < 30
    assert site.gateway.memory_kib() < 512 * 1024
    site.settle(300)  # one notice after the other
    client.leave()
    site.check()


def soon_lost(config):
    path = os.path.join(config, "rules", "health.yaml")
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(re.sub(r"offline_delay: \d+min", "offline_delay: 2s", text))


def test_five_thousand_devices_that_go_at_once_are_a_few_faults_and_fires_go_first(make_site):
    """F26: a fault for each building's line; the single ones are its consequences."""
    site = make_site(detectors=CUT_OFF + 10, edit=soon_lost)
    client = MqttClient(site.broker.port, "power")
    for batch in batches([f"fault-{i:04}" for i in range(10, CUT_OFF + 10)], 1000):
        client.publish(*[(f"fg/v1/jinxiu/{device}/online", "false") for device in batch])
    for _ in range(5):
        site.fire_told(5)
    line = site.gateway.wait_alarm(20, rule="line_down")
    assert line["class"] == "fault"
    for _ in range(5):
        site.fire_told(5)
    wait_until(lambda: sum(a["consequences"] for a in site.gateway.alarms(rule="line_down")) == CUT_OFF, 60, "all are explained")
    assert len(site.gateway.alarms(rule="line_down")) == 3
    told = [event for _, event in site.office.events("raised")]
    assert len(told) < 30, [event["data"]["rule"] for event in told][:40]
    client.leave()
    site.check()


def test_a_flood_of_bad_messages_does_not_fill_the_log(site):
    """F47"""
    client = MqttClient(site.broker.port, "flood")
    before = os.path.getsize(site.gateway.log)
    began = time.monotonic()
    for number in range(BAD // 1000):
        client.publish(*[("fg/v1/jinxiu/fault-0299/up", "{" + "x" * 200), ("zigbee2mqtt/nobody", "[[[[")] * 500)
        if number % 20 == 0:
            site.fire(2)
    wait_until(lambda: site.gateway.metric("firegate_messages_received_total") >= BAD, 60, "all of it is received")
    minutes = 1 + (time.monotonic() - began) / 60
    assert os.path.getsize(site.gateway.log) - before < 64 * 1024 * minutes
    quarantine = site.gateway.alarms(rule="self_quarantine")
    assert quarantine
    client.leave()
    site.check()
