"""Those who are told do not answer: F02, F27 and F28 of the list."""
import os
import threading

import pytest
from estate import wait_until
from receiver import Receiver

KILLS = 30 if os.environ.get("FIREGATE_LONG") else 5
BOTH = {"station": "priorities: [fire, life_threat], ", "office": "priorities: [fire, fault], "}


def raised(receiver, device):
    return [headers["Idempotency-Key"] for headers, event in receiver.events("raised") if event["subject"] == device]


def test_a_receiver_that_does_not_answer_holds_up_nobody_else(make_site):
    """F27"""
    site = make_site(routes=BOTH)
    site.station.delay = 30
    for _ in range(5):
        alarm = site.fire(1)
        wait_until(lambda alarm=alarm: raised(site.office, alarm["subject"]), 2, "the office has heard of it")
    failed = site.told("channel_failed", 60, part="station")
    site.station.delay = 0
    site.ended(failed, 75)  # a minute is the longest pause between two attempts
    site.settle(75)


@pytest.mark.quick
def test_a_receiver_that_is_gone_is_told_of_through_the_other_and_hears_everything_once_it_is_back(make_site):
    """F28"""
    site = make_site(routes=BOTH)
    port = site.station.port
    site.station.close()
    alarms = [site.fire(1) for _ in range(20)]
    failed = site.told("channel_failed", 60, part="station")
    site.station = Receiver(port)
    site.ended(failed, 75)
    wait_until(lambda: all(raised(site.station, alarm["subject"]) for alarm in alarms), 75, "the station has heard of all of them")
    site.check()


@pytest.mark.parametrize("answer", [400, 404, 410])
def test_a_receiver_that_says_no_is_a_fault_at_once(make_site, answer):
    """F28: trying again would not help; a person has to look at the settings."""
    site = make_site(routes=BOTH)
    site.station.answers = [answer]
    refused = site.fire(1)
    failed = site.told("channel_failed", 5, part="station")
    deliveries = site.gateway.get(f"/api/v1/alarms/{refused['id']}/timeline")["deliveries"]
    assert {d["channel"]: d["state"] for d in deliveries}["station"] == "rejected"
    site.fire(1)
    site.ended(failed, 5)


@pytest.mark.quick
def test_a_kill_between_the_notice_and_its_record_sends_it_once_more_with_the_same_key(site):
    """F02: the station has the notice and the gateway dies before it hears the answer."""
    site.station.delay = 5
    device = site.fire(1)["subject"]
    wait_until(lambda: raised(site.station, device), 3, "the notice is under way")
    site.gateway.kill()
    site.station.delay = 0
    site.gateway.start()
    site.listen()
    wait_until(lambda: len(raised(site.station, device)) == 2, 15, "the notice comes again")
    site.fire(1)
    site.check(kills=1)


def test_kills_at_any_moment_after_a_fire_send_each_notice_once_or_once_more(site):
    """F02"""
    for number in range(KILLS):
        site.fire(2)
        threading.Event().wait(0.003 * number)  # what is aimed at lasts some milliseconds
        site.gateway.kill()
        site.gateway.start()
        site.listen()
    site.settle()
    site.check(kills=1)
