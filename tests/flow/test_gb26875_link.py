"""Units of GB/T 26875.3 over TCP, against the real gateway: cuts, resends, split and merged segments, garbage, and the gateway killed in
the middle. The unit is tests/support/gb_unit.py, which shares no code with the gateway."""
import os
import random
import re
import signal
import threading
import time

import pytest
from estate import Gateway, copy_config, free_port, wait_until
from gb_unit import ANSWER, CONFIRM, CONTROL, DUTY_CHECK, REQUEST, SYNC_CLOCK, UPLOADS, GbUnit, component_state, system_state, time_tag, \
    unit_operation, unit_state
from inbox import records
from live import LiveClient

UNIT = 0x3E9
NAME = "0000000003e9"
OFFLINE_DELAY_S = 2
DEVICES = f"""id,kind,format,address,estate,building
unit,user_transmission_unit,gb26875,{NAME},jinxiu,b1
panel,fire_panel,gb26875,{NAME}/1.1,jinxiu,b1
smoke,smoke_detector,gb26875,{NAME}/1.1/7,jinxiu,b1
"""


class Site:
    def __init__(self, folder, broker, devices=DEVICES, settings=()):
        config = copy_config(folder, devices_csv=devices)
        path = f"{config}/rules/health.yaml"
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(re.sub(r"offline_delay: \d+min", f"offline_delay: {OFFLINE_DELAY_S}s", text))
        self.port = free_port()
        self.gateway = Gateway(folder, broker, config, settings=(f"gb26875.port={self.port}", *settings))

    def unit(self, **how):
        return GbUnit(self.port, UNIT, **how).connect()

    def inbox(self, name=NAME):
        """What a unit has uploaded or answered, in order; without its confirmations of what we sent."""
        frames = [payload for _, topic, payload in records(os.path.join(self.gateway.data, "inbox"))
                  if topic.decode() == f"gb26875/{name}" and payload.startswith(b"@@")]
        return [one for one in frames if one[26] != CONFIRM]

    def counted(self, name, at_least):
        """Once the counter is there; it is read beside the thread that counts."""
        return wait_until(lambda: self.gateway.metric(name) >= at_least, 10, f"{name} is {at_least}")


@pytest.fixture
def site(tmp_path, broker):
    made = Site(tmp_path, broker)
    yield made
    made.gateway.kill()


def test_every_type_goes_both_ways(site):
    unit = site.unit()
    for kind, obj in UPLOADS.items():
        unit.upload(kind, obj)
    for kind in (60, 130):
        unit.upload(kind, b"x" * 16)  # reserved, and a maker's own: confirmed, and counted as not understood
    unit.raw(unit.next_frame(2, UPLOADS[2], command=ANSWER))  # nobody asked: taken, not confirmed
    wait_until(lambda: len(site.inbox()) >= len(UPLOADS) + 3, 10, "everything is in the inbox")
    assert not unit.refused
    assert site.gateway.metric("firegate_messages_rejected_total") == 0
    for kind in (28, 88, SYNC_CLOCK):  # it asks us for the time
        unit.raw(unit.next_frame(kind, time_tag(), command=REQUEST))
        assert unit.waits_for(lambda: (ANSWER, 90 if kind == SYNC_CLOCK else 28) in [(c, d[0]) for c, d in unit.told], 10), kind
        unit.told.clear()
    unit.cut()


def test_a_fire_is_on_the_board_within_a_second(site):
    unit = site.unit()
    unit.upload(21, unit_state(0x01))
    live = LiveClient(site.gateway)
    sent = time.monotonic()
    unit.raw(unit.next_frame(2, component_state(7, 0x0002)))  # as the field has it: a fire without bit 0
    alarm = site.gateway.wait_alarm(1, subject="smoke", rule="smoke_alarm")
    assert alarm["class"] == "fire_alarm"

    def shown():
        return [at for at, said in list(live.frames) if "smoke_alarm" in str(said) and at >= sent]
    wait_until(shown, 1, "the fire on the live feed")
    assert min(shown()) - sent < 1
    unit.cut()


def test_streams_are_split_merged_and_dirty_and_nothing_is_lost_or_doubled(site):
    dice = random.Random(26875)
    unit = site.unit()
    stream, sent = b"", []
    for number in range(300):
        one = unit.next_frame(24, unit_operation(0x04, operator=number % 250))
        sent.append(one)
        stream += one + (one if number % 7 == 0 else b"") + (dice.randbytes(dice.randrange(1, 20)) if number % 5 == 0 else b"")
        if number % 11 == 0:
            bad = bytearray(one)
            bad[30] ^= 1
            stream += bad
    while stream:
        step = dice.choice((1, 3, 29, 31, 500, 1460))
        unit.raw(stream[:step])
        stream = stream[step:]
    resends = len(range(0, 300, 7))
    assert unit.waits_for(lambda: len(unit.confirmed) >= 300 + resends, 30), len(unit.confirmed)
    assert sorted(set(unit.confirmed)) == list(range(300))
    assert len(unit.refused) >= 300 // 11
    assert site.inbox() == sent
    site.counted("firegate_gb26875_resends_total", resends)
    wait_until(lambda: site.gateway.alarms(subject="unit", rule="manual_call", occurrences=300), 10, "each call once in the record")
    unit.cut()


def test_a_killed_gateway_loses_nothing_and_doubles_nothing(tmp_path, broker):
    site = Site(tmp_path, broker)
    unit, calls = site.unit(), 240
    ended, delivered = threading.Event(), []

    def send_calls():
        for number in range(calls):
            one = unit.next_frame(24, unit_operation(0x04, operator=number % 250))
            if not unit.deliver(one, sends=30, within=2.0):
                break
            if number % 3 == 0:
                unit.again(one)  # its confirmation was not seen
            if number % 37 == 0:
                unit.cut()
            delivered.append(one)
        ended.set()

    sender = threading.Thread(target=send_calls, daemon=True)
    sender.start()
    try:
        for kill in range(3):
            wait_until(lambda: len(delivered) > (kill + 1) * calls // 5, 60, "calls are delivered")
            site.gateway.kill(signal.SIGKILL)
            site.gateway.start()
        assert ended.wait(120) and len(delivered) == calls
        assert site.inbox() == delivered, "each frame once, in order"
        wait_until(lambda: site.gateway.alarms(subject="unit", rule="manual_call"), 10, "the calls in the record")
        alarm = wait_until(lambda: [a for a in site.gateway.alarms(subject="unit", rule="manual_call") if a["occurrences"] >= calls], 20,
                           f"{calls} calls in the record")[0]
        assert alarm["occurrences"] == calls
    finally:
        unit.cut()
        site.gateway.kill()


def test_a_cut_link_is_a_fault_and_comes_back(site):
    unit = site.unit()
    unit.upload(21, unit_state(0x01))
    wait_until(lambda: site.gateway.get("/api/v1/devices/unit")["presence"] == "online", 5, "the unit is online")
    unit.cut()
    lost = site.gateway.wait_alarm(OFFLINE_DELAY_S + 3, subject="unit", rule="lost")
    assert lost["class"] == "fault"
    unit.connect()
    unit.keep_alive()
    site.gateway.wait_alarm(3, id=lost["id"], state="returned_unacknowledged")
    unit.cut()


def test_a_short_cut_is_no_fault(site):
    unit = site.unit()
    for _ in range(3):
        unit.upload(21, unit_state(0x01))
        unit.cut()
        unit.connect()
    unit.upload(21, unit_state(0x01))
    threading.Event().wait(OFFLINE_DELAY_S + 1)  # longer than the delay: it would have been raised by now
    assert not site.gateway.alarms(subject="unit", rule="lost")
    unit.cut()


def test_a_silent_link_is_ended(tmp_path, broker):
    site = Site(tmp_path, broker, settings=("gb26875.silent_after=2s",))
    try:
        unit = site.unit()
        unit.upload(21, unit_state(0x01))
        site.counted("firegate_gb26875_units", 1)
        site.gateway.wait_alarm(OFFLINE_DELAY_S + 8, subject="unit", rule="lost")
        assert site.gateway.metric("firegate_gb26875_units") == 0
        unit.cut()
    finally:
        site.gateway.kill()


def test_the_clock_is_set_and_duty_is_checked(tmp_path, broker):
    site = Site(tmp_path, broker, settings=("gb26875.duty_check_every=2s",))
    try:
        unit = site.unit()
        unit.upload(21, unit_state(0x01))
        assert unit.waits_for(lambda: [d for c, d in unit.told if c == CONTROL and d[0] == SYNC_CLOCK], 10)
        tag = next(d for c, d in unit.told if d[0] == SYNC_CLOCK)
        assert tag[1] == 1 and tag[5:8] == time_tag()[3:], "the day in Beijing"
        assert unit.waits_for(lambda: [d for c, d in unit.told if c == CONTROL and d[:3] == bytes([DUTY_CHECK, 1, 10])], 15)
        site.counted("firegate_gb26875_duty_checks_answered_total", 1)
        site.counted('firegate_gb26875_orders_total{outcome="confirmed"}', 2)
        unit.cut()
    finally:
        site.gateway.kill()


def test_hostile_peers_are_cut_off_and_units_go_on(tmp_path, broker):
    site = Site(tmp_path, broker, settings=("gb26875.max_connections=4",))
    try:
        unit = site.unit()
        unit.upload(21, unit_state(0x01))
        strangers = [GbUnit(site.port, 0x1000 + number).connect() for number in range(3)]
        one_more = GbUnit(site.port, 0x2000).connect()
        one_more.reader.join(10)
        assert not one_more.reader.is_alive()
        for stranger in strangers:
            try:
                for _ in range(40):
                    stranger.raw(os.urandom(1000).replace(b"@", b"x"))
            except OSError:
                pass  # cut off already
        for stranger in strangers:
            stranger.reader.join(15)
            assert not stranger.reader.is_alive()
        unit.upload(1, system_state(0x0001))
        assert len(site.inbox()) == 2
        for stranger in [*strangers, one_more, unit]:
            stranger.cut()
    finally:
        site.gateway.kill()


def test_a_second_connection_replaces_the_first(site):
    first = site.unit()
    first.upload(21, unit_state(0x01))
    second = site.unit()
    second.serial = 100
    second.upload(21, unit_state(0x01))
    first.reader.join(10)
    assert not first.reader.is_alive()
    site.counted("firegate_gb26875_connections_cut_total", 1)
    second.upload(2, component_state(7, 0x0003))
    site.gateway.wait_alarm(5, subject="smoke", rule="smoke_alarm")
    second.cut()


def test_a_duty_check_that_nobody_answers_is_an_alarm_until_somebody_does(site, broker):
    """The ten minutes are those of tests/unit/gb_link; here is what becomes of the link's word."""
    broker.publish(f"gb26875/{NAME}", "duty_unanswered")
    raised = site.gateway.wait_alarm(10, rule="duty_unanswered", subject="unit")
    assert raised["class"] == "supervisory"
    broker.publish(f"gb26875/{NAME}", "duty_answered")
    wait_until(lambda: all(a["state"] != raised["state"] for a in site.gateway.alarms(rule="duty_unanswered")), 10, "it has returned")
