import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from fault_site import FaultSite  # noqa: E402
from fixtures import *  # noqa: E402, F401, F403


def pytest_configure(config):
    config.addinivalue_line("markers", "quick: belongs to every full run; the others to the nightly one")


@pytest.fixture
def make_site(tmp_path):
    """Makes a FaultSite with what it is given; all end with the test."""
    made = []

    def make(**options):
        made.append(FaultSite(tmp_path, **options))
        return made[-1]

    yield make
    for site in made:
        site.end()


@pytest.fixture
def site(make_site):
    return make_site()


@pytest.fixture
def relayed(make_site):
    """Between gateway and broker stands a relay."""
    return make_site(relayed=True)


def mounted(folder, *arguments):
    """Mounts something on a new folder, or skips with the reason."""
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    folder.mkdir()
    done = subprocess.run(["mount", *arguments, folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a file system cannot be mounted here: {done.stderr.strip()}")


@pytest.fixture
def mount(tmp_path):
    """mount(name, arguments of mount...): a folder that is a file system of its own; unmounted with the test."""
    folders = []

    def make(name, *arguments):
        mounted(tmp_path / name, *arguments)
        folders.append(tmp_path / name)
        return folders[-1]

    yield make
    for folder in folders:
        subprocess.run(["umount", "-l", folder], check=True)
