"""The record is damaged: F09 of the list. It goes on in a fresh one and keeps the damaged file."""
import glob
import os
import random

import pytest
from estate import wait_until

SEEDS = 60 if os.environ.get("FIREGATE_LONG") else 6


def damage(path, chance):
    """Flips bits, cuts, or puts zeros."""
    size = os.path.getsize(path)
    how = chance.randrange(3)
    with open(path, "r+b") as file:
        if how == 0:
            file.truncate(chance.randrange(size))
            return
        for _ in range(chance.randrange(1, 200)):
            file.seek(chance.randrange(size))
            file.write(bytes(4096) if how == 1 else chance.randbytes(1))


def enter_again(site):
    """Users stand in the record too: after its loss the first is made anew."""
    if site.gateway.exchange("/api/v1/alarms")[0] == 401:
        site.gateway.session = {}
        site.gateway.enter()
    site.listen()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_damaged_record_does_not_keep_it_from_alarming(site, seed):
    """Killed, so that the log of the database is there to be damaged too."""
    site.fire(1)
    site.settle()
    site.gateway.kill()
    chance = random.Random(seed)
    files = sorted(glob.glob(f"{site.gateway.data}/firegate.db*"))
    damage(chance.choice([f for f in files if os.path.getsize(f)]), chance)
    site.gateway.start()
    enter_again(site)
    site.fire(1)


@pytest.mark.quick
def test_a_record_that_is_destroyed_while_it_serves_holds_up_no_fire_and_is_put_aside_at_the_next_start(site):
    site.fire(1)
    site.settle()
    database = f"{site.gateway.data}/firegate.db"
    for path in (database, database + "-wal"):
        with open(path, "r+b") as file:
            file.write(os.urandom(max(os.path.getsize(path), 65536)))
    for _ in range(5):
        site.fire(3)
    wait_until(lambda: len(site.station.events("raised")) == 6, 15, "the station has heard of all of them")
    site.gateway.kill()
    site.gateway.start()
    enter_again(site)
    assert len(glob.glob(database + ".damaged-*")) >= 1
    failed = site.told("store_failed", 10, part="", lasting=False)
    assert "put aside" in site.gateway.logged() and failed["state"] in ("unacknowledged", "returned_unacknowledged")
    site.fire(1)
