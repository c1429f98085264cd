"""The gateway is killed again and again in a stream of 10,000 QoS 1 messages a second: nothing that the broker acknowledged to a
publisher is lost, and what comes twice counts once. Proof: the inbox, read by a reader of our own; the record; the publishers'
own count of acknowledgements. FIREGATE_LONG=1 makes it five times as long."""
import collections
import json
import os
import random
import re
import signal
import subprocess
import threading
import time

import pytest
from estate import PROGRAM, Broker, Gateway, copy_config, native, wait_until
from inbox import records
from mqtt import MqttClient

KILLS = 100 if os.environ.get("FIREGATE_LONG") else 20
RATE = 10_000
SECONDS_A_KILL = 2.2
DEVICES = 500
FIRES = 400
KEEPS_ALL = "max_queued_messages 0\nmax_queued_bytes 0"  # what a bounded queue drops says nothing about the gateway
HEADER = "id,kind,format,address,estate,building\n"
LOAD_SEQ = re.compile(rb'"seq":(\d+),"boot":"stream"')


def rows(prefix, count):
    return "".join(f"{prefix}-{i:03},smoke_detector,native,{prefix}-{i:03},jinxiu,{('b1', 'b2', 'shed')[i % 3]}\n" for i in range(count))


class Fires(threading.Thread):
    """Each fire detector raises once and returns to normal, spread over the run, and says it all again, as a device does that has
    missed the acknowledgements. Counts only what the broker acknowledged."""

    def __init__(self, port, seconds):
        super().__init__()
        self.client = MqttClient(port, "fires")
        self.pause = seconds / FIRES
        self.acknowledged = []
        self.stopped = threading.Event()

    def run(self):
        for number in range(FIRES):
            device = f"fire-{number:03}"
            said = [native("jinxiu", device, seq=seq, boot="fires", smoke=smoke) for seq, smoke in ((1, True), (2, False))]
            self.client.publish(*[(topic, json.dumps(payload)) for topic, payload in said * 2])
            self.acknowledged.append(device)
            if self.stopped.wait(self.pause):
                return


class Run:
    """One run, and what is left when it is over."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.broker = Broker(folder, extra=KEEPS_ALL)
        self.gateway = None
        self.count = int(KILLS * SECONDS_A_KILL * RATE) // DEVICES * DEVICES
        self.kills, self.collapsed, self.dropped = 0, 0, 0

    def go(self):
        config = copy_config(self.folder, devices_csv=HEADER + rows("load", DEVICES) + rows("fire", FIRES))
        load_file = os.path.join(self.folder, "load.csv")
        with open(load_file, "w", encoding="utf-8") as stream:
            stream.write(HEADER + rows("load", DEVICES))
        self.gateway = Gateway(self.folder, self.broker, config)
        command = [PROGRAM, "simulate", "--estate", load_file, "--port", self.broker.port, "--rate", RATE, "--count", self.count,
                   "--devices", DEVICES, "--boot", "stream"]
        fires = Fires(self.broker.port, KILLS * SECONDS_A_KILL)
        load = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        fires.start()
        try:
            self.kill_again_and_again(load)
            self.report = json.loads(load.communicate(timeout=300)[0])
            fires.join(60)
        finally:
            fires.stopped.set()
            if load.poll() is None:
                load.kill()
        self.fires = fires.acknowledged
        self.finish()

    def twice(self):
        """Messages that are in the inbox again."""
        return len(self.numbers) - self.count - 2 * len(self.fires)

    def end(self):
        if self.gateway:
            self.gateway.kill()
        self.broker.stop()

    def kill_again_and_again(self, load):
        chance = random.Random(20261122)
        pause = threading.Event()
        while self.kills < KILLS and load.poll() is None:
            pause.wait(SECONDS_A_KILL * chance.uniform(0.4, 0.9))
            if self.gateway.alive() and self.gateway.ready():
                self.note_counters()
            assert self.gateway.kill(signal.SIGKILL) == -signal.SIGKILL
            self.kills += 1
            self.gateway.start(wait=False)
            wait_until(self.receiving, 20, "the gateway takes messages again")

    def receiving(self):
        assert self.gateway.alive(), self.gateway.logged()[-3000:]
        try:
            return self.gateway.metric("firegate_messages_received_total") > 0
        except OSError:
            return False

    def note_counters(self):
        self.collapsed += self.gateway.metric("firegate_duplicates_collapsed_total")
        self.dropped = max(self.dropped, self.gateway.metric("firegate_broker_dropped_messages"))

    def finish(self):
        """Waits until everything is received and decided, stops, and reads what is there."""
        settled = collections.deque(maxlen=25)

        def quiet():
            settled.append((self.gateway.metric("firegate_messages_received_total"), self.gateway.get("/api/v1/health")["inbox_waiting"]))
            return len(settled) == 25 and len(set(settled)) == 1 and settled[0][1] == 0

        wait_until(quiet, 180, "everything is received and decided")
        self.note_counters()
        self.alarms = {a["subject"]: a for a in self.gateway.alarms(rule="smoke_alarm")}
        assert self.gateway.kill(signal.SIGTERM) == 0
        self.read_inbox()
        with self.gateway.database() as record:
            self.states = {device: (boot, seq) for device, boot, seq in record.execute("SELECT device, boot, seq FROM device_states")}
            self.rows = record.execute("SELECT device, occurrences, state FROM alarms WHERE rule = 'smoke_alarm'").fetchall()
            self.journal = collections.Counter(record.execute("SELECT subject, kind FROM journal WHERE alarm <> 0").fetchall())

    def read_inbox(self):
        self.load_seen = [bytearray(self.count // DEVICES + 1) for _ in range(DEVICES)]  # [device][seq]: how often
        self.fire_seen = collections.Counter()
        self.numbers = []
        for number, topic, payload in records(os.path.join(self.gateway.data, "inbox"), check_every=200):
            self.numbers.append(number)
            device = topic.split(b"/")[3].decode()
            if device.startswith("load-"):
                self.load_seen[int(device[5:])][int(LOAD_SEQ.search(payload).group(1))] += 1
            else:
                self.fire_seen[device, json.loads(payload)["seq"]] += 1


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    started = time.monotonic()
    made = Run(tmp_path_factory.mktemp("kill"))
    try:
        made.go()
        print(f"{made.kills} kills in {time.monotonic() - started:.0f} s: {made.report}, {len(made.numbers)} in the inbox, "
              f"{made.twice()} twice, {made.collapsed:.0f} seen collapsed")
        yield made
    finally:
        made.end()


def test_the_gateway_was_killed_in_a_full_stream(run):
    assert run.kills == KILLS
    assert run.report["complete"] and run.report["acknowledged"] == run.count
    assert run.report["rate"] > 0.5 * RATE, "this machine is too slow, or too busy, to say anything about a full stream"
    assert len(run.fires) == FIRES
    assert run.dropped == 0, "the broker dropped messages: this says nothing about the gateway"


def test_no_acknowledged_message_is_lost(run):
    lost = [(device, seq) for device, seen in enumerate(run.load_seen) for seq in range(1, run.count // DEVICES + 1) if not seen[seq]]
    assert not lost, f"{len(lost)} of {run.count} lost, such as {lost[:5]}"
    lost = {(device, seq) for device in run.fires for seq in (1, 2)} - run.fire_seen.keys()
    assert not lost


def test_the_inbox_numbers_every_message_once_and_in_order(run):
    assert run.numbers == list(range(run.numbers[0], run.numbers[0] + len(run.numbers)))


def test_every_device_is_decided_up_to_its_last_message(run):
    behind = {device: run.states.get(device) for device in (f"load-{i:03}" for i in range(DEVICES))
              if run.states.get(device) != ("stream", run.count // DEVICES)}
    assert not behind
    assert {device: run.states.get(device) for device in run.fires} == {device: ("fires", 2) for device in run.fires}


def test_duplicates_are_collapsed(run):
    assert all(run.fire_seen[device, seq] >= 2 for device in run.fires for seq in (1, 2))
    assert run.twice() >= 2 * FIRES
    assert run.collapsed > 0  # that each one was: see the alarms


def test_every_fire_is_one_alarm_raised_once_and_cleared_once(run):
    assert sorted(run.rows) == sorted((device, 1, "latched_unacknowledged") for device in run.fires)
    assert run.alarms.keys() == set(run.fires)
    for device in run.fires:
        assert (run.journal[device, "raise"], run.journal[device, "clear"]) == (1, 1), device
