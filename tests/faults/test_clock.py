"""The system's clock jumps, was never set, or stands in another zone: F20 to F23 of the list. The steady clock goes on as it does."""
import datetime
import glob
import os
import time

import pytest
from estate import wait_until

HOUR, YEAR = 3600, 365 * 86400


class FakedClock:
    """The time of the programs that are given its environment; changed while they run."""

    def __init__(self, folder):
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found:
            pytest.skip("libfaketime (Debian's faketime) is not installed")
        self.file = os.path.join(str(folder), "clock")
        self.set("+0")
        self.environment = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": self.file, "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, how):
        """As libfaketime has it: +3600 moves by an hour, "@1970-01-02 00:00:00" is a moment from which it runs."""
        with open(self.file + ".new", "w", encoding="ascii") as stream:
            stream.write(how + "\n")
        os.replace(self.file + ".new", self.file)


@pytest.fixture
def clock(tmp_path):
    return FakedClock(tmp_path)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def only_steps(site):
    """No device is called lost, nothing has expired: the only faults are the clock's. Our console says once that it listens, which
    counts for a minute."""
    return {a["rule"] for a in site.gateway.alarms()} <= {"smoke_alarm", "self_clock_stepped", "self_nobody_listening"}


@pytest.mark.parametrize("step", [HOUR, YEAR, -HOUR, -YEAR])
def test_a_step_of_the_clock_is_a_fault_and_loses_nobody(make_site, clock, step):
    """F20, F21"""
    site = make_site(environment=clock.environment)
    before = site.fire(1)
    site.ledger.publish("fault-0299", False)
    clock.set(f"{step:+}")
    site.told("clock_stepped", 5)
    after = site.fire(1)
    assert abs(moment(after["first_raised_at"]) - (time.time() + step)) < 60
    assert only_steps(site)
    kept = site.gateway.wait_alarm(1, id=before["id"])
    assert kept["state"] == "unacknowledged" and kept["occurrences"] == 1
    site.gateway.act(kept, "acknowledge")
    entries = [entry["at"] for entry in site.gateway.get(f"/api/v1/alarms/{kept['id']}/timeline")["entries"]]
    assert len(entries) == 2
    site.check()


def test_steps_there_and_back_are_one_fault_that_ends_a_minute_later(make_site, clock):
    """F20, F21"""
    site = make_site(environment=clock.environment)
    site.fire(1)
    for step in (HOUR, 0, -HOUR, 0):
        clock.set(f"{step:+}")
        wait_until(lambda: abs(moment(site.fire(1)["first_raised_at"]) - time.time() - step) < 60, 10, "the gateway has the new time")
    stepped = site.told("clock_stepped", 5)
    assert len(site.gateway.alarms(rule="self_clock_stepped")) == 1
    site.ended(stepped, 75)
    assert only_steps(site)
    site.check()


@pytest.mark.quick
def test_a_machine_that_was_never_given_the_time_alarms_and_goes_on_when_it_is(make_site, clock):
    """F22: the machine thinks that it is 1970; then the time arrives."""
    clock.set("@1970-01-02 00:00:00")
    site = make_site(environment=clock.environment)
    early = site.fire(1)
    assert early["first_raised_at"].startswith("1970-01-0")
    clock.set("+0")
    site.told("clock_stepped", 5)
    late = site.fire(1)
    assert abs(moment(late["first_raised_at"]) - time.time()) < 60
    assert only_steps(site)
    site.check()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"])
def test_times_are_utc_wherever_the_machine_stands(make_site, zone):
    """F23"""
    site = make_site(environment={"TZ": zone})
    alarm = site.fire(1)
    assert alarm["first_raised_at"].endswith("Z") and abs(moment(alarm["first_raised_at"]) - time.time()) < 10
    site.check()
