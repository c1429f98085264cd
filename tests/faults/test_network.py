"""The way to the broker fails: F12, F14 to F18 of the list."""
import os
import threading

import pytest
from estate import wait_until

LONG = bool(os.environ.get("FIREGATE_LONG"))


def receives(site, within):
    """A fire that the broker takes now is on the board within so many seconds."""
    return site.fire(within)


def test_a_half_open_link_is_a_fault_and_heals_by_itself(relayed):
    """F16, F17: no packet passes and nobody is told. The keep-alive finds it out."""
    receives(relayed, 1)
    relayed.relay.part()
    lost = relayed.told("broker_lost", 60)
    assert relayed.gateway.request("/readyz")[0] == 503
    relayed.relay.heal()
    receives(relayed, 15)
    relayed.ended(lost, 45)
    receives(relayed, 1)
    assert not relayed.gateway.alarms(rule="self_session_lost")
    relayed.check()


@pytest.mark.parametrize("seconds", [1, 30, 300] if LONG else [1, 30])
def test_a_partition_of_any_length_ends_within_fifteen_seconds_of_its_healing(relayed, seconds):
    """F17"""
    relayed.relay.part()
    threading.Event().wait(seconds)
    relayed.relay.heal()
    wait_until(lambda: relayed.gateway.metric("firegate_broker_connected") == 1, 45, "connected")
    receives(relayed, 15)
    relayed.check()


@pytest.mark.quick
def test_a_link_that_is_reset_again_and_again_loses_nothing(relayed):
    """F18: RST in the middle of a stream. Three losses within a minute are a fault; each fire comes when the link is back."""
    for _ in range(5):
        before = relayed.relay.connections
        relayed.ledger.publish("fault-0299", *[False] * 200)
        relayed.relay.reset()
        wait_until(lambda: relayed.relay.connections > before, 40, "the gateway connects again")
    receives(relayed, 40)
    relayed.check()
