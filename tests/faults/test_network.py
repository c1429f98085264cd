"""The way to the broker fails: F12, F14 to F18 of the list."""
import os
import subprocess
import threading
import types

import pytest
from estate import Broker, free_port, wait_until

LONG = bool(os.environ.get("FIREGATE_LONG"))


def test_a_half_open_link_is_a_fault_and_heals_by_itself(relayed):
    """F16, F17: no packet passes and nobody is told. The keep-alive finds it out."""
    relayed.fire(1)
    relayed.relay.part()
    lost = relayed.told("broker_lost", 60)
    assert relayed.gateway.request("/readyz")[0] == 503
    relayed.relay.heal()
    relayed.fire(15)
    relayed.ended(lost, 45)
    relayed.fire(1)
    assert not relayed.gateway.alarms(rule="self_session_lost")
    relayed.check()


@pytest.mark.parametrize("seconds", [1, 30, 300] if LONG else [1, 30])
def test_a_partition_of_any_length_ends_by_itself(relayed, seconds):
    """F17: what stood before is dead for good. Within 26 s the keep-alive has found that out; then it connects as soon as it can."""
    relayed.relay.part()
    threading.Event().wait(seconds)
    relayed.relay.heal()
    relayed.fire(15 if seconds >= 30 else 45)
    relayed.check()


@pytest.mark.quick
def test_a_link_that_is_reset_again_and_again_loses_nothing(relayed):
    """F18: RST in the middle of a stream. Three losses within a minute are a fault; each fire comes when the link is back."""
    for _ in range(5):
        before = relayed.relay.connections
        relayed.ledger.publish("fault-0299", *[False] * 200)
        relayed.relay.reset()
        wait_until(lambda: relayed.relay.connections > before, 40, "the gateway connects again")
    relayed.fire(40)
    relayed.check()


@pytest.fixture
def certificates(tmp_path):
    """A broker's certificate for 127.0.0.1 that is its own authority."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return key, certificate


def test_harmed_bytes_are_caught_by_tls_and_nothing_is_lost(make_site, tmp_path, certificates):
    """F18: one wrong bit ends the connection; what was not acknowledged comes again, whole."""
    key, certificate = certificates
    port = free_port()
    broker = Broker(tmp_path, extra=f"listener {port} 127.0.0.1\ncafile {certificate}\ncertfile {certificate}\nkeyfile {key}")
    site = make_site(broker=broker, relayed=types.SimpleNamespace(port=port), settings=[f"broker.tls.ca={certificate}"])
    for _ in range(4):
        wait_until(lambda: site.gateway.metric("firegate_broker_connected") == 1, 40, "connected")
        before = site.gateway.metric("firegate_broker_losses_total")
        site.relay.flips = 1
        site.ledger.publish("fault-0299", *[False] * 100)
        wait_until(lambda before=before: site.gateway.metric("firegate_broker_losses_total") > before, 30, "the connection is lost")
    site.fire(40)
    assert site.gateway.metric("firegate_messages_rejected_total") == 0
    site.check()


def test_harmed_bytes_without_tls_end_at_most_the_connection(relayed):
    """F18: without TLS nobody can know; the gateway lives on and receives."""
    for _ in range(10):
        relayed.relay.flips = 2
        relayed.ledger.publish("fault-0299", *[False] * 50)
        assert relayed.gateway.alive()
    relayed.relay.flips = 0
    relayed.fire(40)


def test_packets_that_come_byte_by_byte_or_late_are_read(relayed):
    """F18"""
    relayed.relay.pieces_of = 1
    relayed.ledger.publish("fault-0299", *[False] * 20)
    relayed.fire(20)
    relayed.relay.pieces_of, relayed.relay.delay = 0, 0.5
    relayed.ledger.publish("fault-0299", *[False] * 20)
    relayed.fire(20)
    relayed.check()
