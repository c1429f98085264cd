"""What the flow and crash tests have in common: a broker, a gateway and a folder of which a test that passed leaves the logs.
Two hundred gateways that each leave their inbox behind fill a disk."""

import os
import signal

import pytest

from estate import Broker, Gateway

# When the run itself is ended, what it has started ends too.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: pytest.exit("the run was ended"))


def leave_the_logs(folder):
    for parent, _, files in os.walk(folder):
        for file in files:
            if not file.endswith(".log"):
                os.unlink(os.path.join(parent, file))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    item.failed = report.failed or getattr(item, "failed", False)


@pytest.fixture(autouse=True)
def emptied_folder(request, tmp_path):
    yield
    if not request.node.failed:
        leave_the_logs(tmp_path)


@pytest.fixture
def broker(tmp_path, emptied_folder):
    made = Broker(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def gateway(tmp_path, broker):
    made = Gateway(tmp_path, broker)
    yield made
    made.kill()


@pytest.fixture(scope="module")
def estate_of_module(tmp_path_factory):
    """One broker and one gateway for all tests of a file."""
    folder = tmp_path_factory.mktemp("estate")
    broker = Broker(folder)
    gateway = Gateway(folder, broker)
    yield broker, gateway
    gateway.kill()
    broker.stop()
    leave_the_logs(folder)
