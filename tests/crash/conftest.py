import os
import signal
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from estate import Broker, Gateway  # noqa: E402

# When the run itself is ended, what it has started ends too.
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda *_: pytest.exit("the run was ended"))


@pytest.fixture
def broker(tmp_path):
    made = Broker(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def gateway(tmp_path, broker):
    made = Gateway(tmp_path, broker)
    yield made
    made.kill()
