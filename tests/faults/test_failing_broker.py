"""The broker fails: F12 to F15 and F38 of the list. What tests/flow/test_broker.py proves already is not repeated here."""
import os
import signal
import time

from estate import Gateway, wait_until
from mqtt import MqttClient

LONG = bool(os.environ.get("FIREGATE_LONG"))



def test_twenty_restarts_of_the_broker_cost_nothing(site):
    """F12: orderly ones. The session is there each time, and what was published before the gateway was back is delivered."""
    for _ in range(20):
        site.broker.stop()
        site.broker.start()
        site.ledger.reconnect()
        site.fire(15)
    assert not site.gateway.alarms(rule="self_session_lost")
    site.check()


def test_a_broker_that_is_killed_in_a_stream_loses_at_most_what_it_had_not_saved(site):
    """F13: what a killed broker has acknowledged and not yet saved is gone (a second of traffic at most); all that it delivered is
    in the record, and what was saved comes after its restart."""
    for _ in range(5):
        site.fire(2)
        before = time.time()
        wait_until(lambda: site.broker.saved_since(before), 10, "the broker has saved it")
        site.broker.stop(signal.SIGKILL)
        site.broker.start()
        site.ledger.reconnect()
        site.fire(15)
    assert not site.gateway.alarms(rule="self_session_lost")
    site.check()


def test_a_broker_that_comes_and_goes_is_one_fault_and_takes_no_resources(site):
    """F14"""
    site.fire(1)
    lost, usage = None, []
    for round_ in range(40 if LONG else 8):
        site.broker.stop()
        wait_until(lambda: site.gateway.metric("firegate_broker_connected") == 0, 15, "it is seen to be gone")
        site.broker.start()
        site.ledger.reconnect()
        site.fire(45)
        if round_ == 3:
            lost = site.gateway.alarms(alarm_class="fault")
            usage.append(site.usage())
    usage.append(site.usage())
    now = site.gateway.alarms(alarm_class="fault")
    assert {a["rule"] for a in now} <= {"self_broker_lost", "self_client_id_fight"}
    assert len(now) == len({a["rule"] for a in now}) and {a["id"] for a in lost or []} <= {a["id"] for a in now}
    (threads, files, memory), (threads_after, files_after, memory_after) = usage
    assert threads_after <= threads + 1 and files_after <= files + 3
    assert memory_after < memory * 1.05 + 4096
    for alarm in now:
        site.ended(alarm, 100)
    site.check()


def test_a_crawling_link_delivers_the_fire_and_says_so(relayed):
    """F15: 1 KB a second in each direction, with a backlog in front. What does not come back in half a minute is a fault."""
    relayed.relay.bytes_a_second = 1000
    background = MqttClient(relayed.broker.port, "background")
    topic = "fg/v1/jinxiu/fault-0299/up"
    background.publish(*[(topic, '{"readings":{"smoke":false},"x":"' + "a" * 900 + '"}')] * 60)
    late = relayed.told("canary_late", 60)
    relayed.relay.bytes_a_second = 0
    relayed.fire(30)
    relayed.ended(late, 60)
    background.leave()
    relayed.check()


def test_two_gateways_with_one_id_both_say_so_and_do_not_fight_for_ever(site, tmp_path):
    """F38"""
    folder = tmp_path / "second"
    folder.mkdir()
    second = Gateway(folder, site.broker)
    try:
        fight = site.told("client_id_fight", 60)
        second.wait_alarm(60, rule="self_client_id_fight")
        before = site.gateway.metric("firegate_broker_losses_total")
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 30, 40, "half a minute of both")
        assert site.gateway.metric("firegate_broker_losses_total") - before <= 10  # they draw back
    finally:
        second.kill()
    site.fire(35)
    site.ended(fight, 100)
    site.check()
