"""The configuration is wrong at a reload: F34 of the list. The old one runs on, whole."""
import os
import random
import shutil
import threading

import pytest
from estate import wait_until

MUTATED = [os.path.join("rules", "water.yaml"), os.path.join("rules", "electrical.yaml"), os.path.join("rules", "health.yaml")]
ROUNDS = 100 if os.environ.get("FIREGATE_LONG") else 30
KILLS = 10


def mutated(text, chance):
    """The text with a piece cut out, doubled, or written over."""
    begin = chance.randrange(len(text))
    end = min(len(text), begin + chance.randrange(1, 60))
    piece = chance.choice(["", text[begin:end] * 2, "\t", ": [", "}", "\x00", "é: *x", "- - -"])
    return text[:begin] + piece + text[end:]


def answers(site):
    """How often a reload was answered so far."""
    logged = site.gateway.logged()
    return logged.count("event=reloaded") + logged.count("code=config_refused")


@pytest.fixture
def whole(site, tmp_path):
    """A copy of the configuration that is right."""
    kept = tmp_path / "whole"
    shutil.copytree(site.gateway.config, kept)
    return kept


def restore(site, whole):
    shutil.copytree(whole, site.gateway.config, dirs_exist_ok=True)


def reload(site):
    before = answers(site)
    site.gateway.reload()
    wait_until(lambda: answers(site) > before, 20, "the reload is answered")


def test_whatever_stands_in_the_files_a_fire_is_raised_and_told(site, whole):
    chance = random.Random(34)
    for number in range(ROUNDS):
        restore(site, whole)
        name = chance.choice(MUTATED)
        path = os.path.join(site.gateway.config, name)
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(mutated(text, chance))
        reload(site)
        if number % 5 == 0:
            site.fire(2)
    with open(os.path.join(site.gateway.config, "rules", "water.yaml"), "a", encoding="utf-8") as stream:
        stream.write("\n: [")
    reload(site)
    refused = site.told("config_refused", 5)
    restore(site, whole)
    reload(site)
    site.ended(refused, 10)
    site.check()


def test_a_kill_in_the_middle_of_a_reload_leaves_what_starts_again(site, whole):
    for number in range(KILLS):
        path = os.path.join(site.gateway.config, "rules", "water.yaml")
        with open(path, "a", encoding="utf-8") as stream:
            stream.write(f"# {number}\n")
        site.gateway.reload()
        threading.Event().wait(0.004 * number)  # what is aimed at lasts some milliseconds
        site.gateway.kill()
        site.gateway.start()
        site.listen()
        site.fire(2)
    site.check(kills=1)
