"""A broker, a gateway, a console and two channels, and what every fault test asks of them: that a fault is told in the log, on the
board and its feed, in the metrics and through a channel; that its end is told there too; that a fire in the middle of it arrives in
time; and, when all is over, that nothing which was acknowledged is missing or stands twice."""
import collections
import contextlib
import json
import os
import resource
import signal
import sqlite3
import time

from chaos import ChaosProxy
from estate import Broker, Gateway, copy_config, native, run_firegate, wait_until
from inbox import records
from live import LiveClient
from mqtt import MqttClient
from receiver import Receiver

DETECTORS = 300
HEADER = "id,kind,format,address,estate,building\n"
TELLING_S = 8  # the census of the alarms, from which a metric is made, is taken every 5 s


def detector_rows(count):
    """Smoke detectors over three buildings; in no zone, so that none confirms another."""
    return "".join(f"fault-{i:04},smoke_detector,native,fault-{i:04},jinxiu,{('b1', 'b2', 'shed')[i % 3]}\n" for i in range(count))


def channels(folder, receivers, routes):
    """routes.yaml with a channel for each receiver; `routes` says what each takes."""
    secret = os.path.join(str(folder), "secret")
    with open(secret, "w", encoding="utf-8") as stream:
        stream.write("a secret of this test: 0123456789\n")
    text = "channels:\n"
    for name, receiver in receivers.items():
        text += f'  - {{name: {name}, type: webhook, url: "http://127.0.0.1:{receiver.port}/in", secret_file: {secret}}}\n'
    return text + "routes:\n" + "".join(f"  - {{name: to {name}, {what}channel: {name}}}\n" for name, what in routes.items())


class Ledger:
    """What the broker has acknowledged to us, and what must therefore be in the record."""

    def __init__(self, port, name="ledger"):
        self.port, self.name = port, name
        self.client = None
        self.last = collections.Counter()  # device → its last acknowledged number
        self.fires = set()

    def publish(self, device, *smokes, within=20):
        """Numbered messages of a device, acknowledged when this returns."""
        numbers = range(self.last[device] + 1, self.last[device] + 1 + len(smokes))
        said = [native("jinxiu", device, seq=seq, boot="ledger", smoke=smoke) for seq, smoke in zip(numbers, smokes)]
        self.send(*[(topic, json.dumps(payload)) for topic, payload in said], within=within)
        self.last[device] += len(smokes)
        if any(smokes):
            self.fires.add(device)

    def send(self, *messages, within=20):
        """Messages of which no account is kept."""
        self.client = self.client or MqttClient(self.port, self.name)
        self.client.publish(*messages, within=within)

    def reconnect(self):
        """The broker was restarted."""
        if self.client:
            self.client.vanish()
        self.client = None


class FaultSite:
    """`disk`: where its data lies. `relayed`: a relay stands between gateway and broker, or between the gateway and whoever has the
    port that is given. `edit` is given the folder of the configuration before the gateway reads it. `environment`: what the gateway
    gets beside ours. `routes`: what each channel takes, where that is not fires for the station and faults for the office."""

    def __init__(self, folder, disk=None, relayed=False, broker=None, settings=(), environment=None, detectors=DETECTORS, routes=None,
                 edit=None):
        self.broker = broker or Broker(folder)
        self.relay = ChaosProxy(self.broker if relayed is True else relayed) if relayed else None
        self.station, self.office = Receiver(), Receiver()
        self.console = self.gateway = None
        self.ledger = Ledger(self.broker.port)
        self._unused = iter(f"fault-{i:04}" for i in range(detectors))
        routes = routes or {"station": "priorities: [fire, life_threat], ", "office": "priorities: [fault], "}
        config = copy_config(folder, devices_csv=HEADER + detector_rows(detectors),
                             routes_yaml=channels(folder, {"station": self.station, "office": self.office}, routes))
        if edit:
            edit(config)
        try:
            self.gateway = Gateway(disk or folder, self.relay or self.broker, config, ["inbox.segment_mib=16", *settings], environment)
            self.listen()
            wait_until(lambda: self.gateway.metric("firegate_canary_round_trip_seconds") > 0, 20, "the canary has come back")
        except BaseException:
            self.end()
            raise

    def listen(self):
        """A console at the desk; after a restart there is another feed."""
        if self.console and not self.console.failure:
            self.console.cut()
        self.console = LiveClient(self.gateway)
        self.found = {alarm["id"] for alarm in self.gateway.get("/api/v1/snapshot")["alarms"]}

    # ---- what must be told ----

    def told(self, code, within, part=None, lasting=True):
        """The fault is raised within its time, and told everywhere. Returns its alarm. A fault that is not `lasting` may be over
        before anybody looks: then its counter tells of it."""
        wanted = {"rule": "self_" + code, **({} if part is None else {"subject": f"gateway:{part}" if part else "gateway"})}
        alarm = self.gateway.wait_alarm(within, **wanted)
        assert (alarm["class"], alarm["priority"]) == ("fault", "fault")
        assert f"event=self_fault code={code}" in self.gateway.logged()
        wait_until(lambda: alarm["id"] in self.on_the_board(), TELLING_S, f"{code} is on the board")
        assert self.gateway.metric(f'firegate_self_faults_total{{code="{code}"}}') >= 1
        if lasting:
            wait_until(lambda: self.present(code) >= 1, TELLING_S, f"{code} is in the metrics")
        wait_until(lambda: self.told_of(alarm, "raised"), TELLING_S, f"{code} comes through the channel")
        return alarm

    def on_the_board(self):
        """The alarms that the console has been told of: since it came, or when it did."""
        return self.found | {alarm["id"] for _, alarm in self.console.alarms()}

    def ended(self, alarm, within):
        """The fault is over, told everywhere, its record stays, and a person's acknowledgement takes it off the board."""
        code = alarm["rule"].removeprefix("self_")
        over = self.gateway.wait_alarm(within, id=alarm["id"], state="returned_unacknowledged")
        self.console.wait_alarm(TELLING_S, id=alarm["id"], state="returned_unacknowledged")
        wait_until(lambda: self.present(code) == 0, TELLING_S, f"{code} is gone from the metrics")
        wait_until(lambda: self.told_of(alarm, "returned"), TELLING_S, f"the end of {code} comes through the channel")
        kinds = [entry["kind"] for entry in self.gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["entries"]]
        assert "raise" in kinds and "clear" in kinds, kinds
        assert self.gateway.act(over, "acknowledge")[1]["state"] == "normal"

    def present(self, code):
        return self.gateway.metric(f'firegate_self_faults_present{{code="{code}"}}')

    def told_of(self, alarm, kind):
        return [event for _, event in self.office.events(kind) if event["data"]["id"] == alarm["id"]]

    # ---- a fire in the middle ----

    def fire(self, within, publish=None):
        """A detector that said nothing yet says smoke: it is on the board within its time of the broker's acknowledgement."""
        device = next(self._unused)
        (publish or self.ledger.publish)(device, True)
        began = time.monotonic()
        at, alarm = self.console.wait_alarm(within, subject=device)
        assert at - began <= within and alarm["class"] == "fire_alarm"
        return alarm

    def fire_told(self, within):
        """As `fire`, at the station: for when so much happens that a board is sent to the snapshot."""
        device = next(self._unused)
        self.ledger.publish(device, True)
        wait_until(lambda: any(event["subject"] == device for _, event in self.station.events("raised")), within,
                   f"the station has heard of {device}")

    # ---- when all is over ----

    def settle(self, within=30):
        """Everything that was acknowledged is decided and recorded, and every fire is told to the station."""
        def decided():
            rows = dict(self.rows("SELECT device, seq FROM device_states WHERE boot = 'ledger'"))
            return all(rows.get(device) == seq for device, seq in self.ledger.last.items())
        wait_until(decided, within, "all that was acknowledged is decided and recorded")
        wait_until(lambda: self.ledger.fires <= {event["data"]["device"]["id"] for _, event in self.station.events("raised")},
                   within, "the station has heard of every fire")

    def check(self, kills=0):
        """The invariants. Ends the gateway."""
        self.settle()
        assert self.gateway.kill(signal.SIGTERM) == 0, self.gateway.logged()[-3000:]
        self._check_inbox()
        self._check_alarms()
        self._check_notices(kills)
        check_files(self.gateway.data)

    def _check_inbox(self):
        seen = collections.Counter()
        for _, topic, payload in records(os.path.join(self.gateway.data, "inbox"), check_every=1):
            if b'"boot": "ledger"' in payload:
                seen[topic.split(b"/")[3].decode(), json.loads(payload)["seq"]] += 1
        lost = [(device, seq) for device, last in self.ledger.last.items() for seq in range(1, last + 1) if not seen[device, seq]]
        assert not lost, f"{len(lost)} acknowledged messages are not in the inbox, such as {lost[:5]}"

    def _check_alarms(self):
        raised = collections.Counter(device for (device,) in self.rows("SELECT device FROM alarms WHERE rule = 'smoke_alarm'"))
        assert raised == collections.Counter(self.ledger.fires), "each fire is one alarm in the record"
        journal = collections.Counter(self.rows("SELECT subject, kind FROM journal WHERE alarm <> 0"))
        assert all(journal[device, "raise"] == 1 for device in self.ledger.fires), "each fire is raised once in the journal"
        without_cause = self.rows("SELECT id, rule FROM alarms WHERE id NOT IN (SELECT alarm FROM journal WHERE kind = 'raise')")
        assert not without_cause

    def _check_notices(self, kills):
        """One for each fire; a kill may send what was under way once more, with the same key."""
        keys = collections.Counter(headers["Idempotency-Key"] for headers, event in self.station.events("raised"))
        assert len(keys) == len(self.ledger.fires)
        assert max(keys.values(), default=0) <= 1 + kills, keys.most_common(3)

    def rows(self, query):
        """Of the record."""
        with contextlib.closing(self.gateway.database()) as record:
            return record.execute(query).fetchall()

    def usage(self):
        """Threads, descriptors, resident KiB of the gateway."""
        folder = f"/proc/{self.gateway.process.pid}"
        return len(os.listdir(f"{folder}/task")), len(os.listdir(f"{folder}/fd")), self.gateway.memory_kib()

    def end(self):
        if self.console and not self.console.failure:
            self.console.cut()
        if self.gateway:
            self.gateway.kill()
        if self.relay:
            self.relay.close()
        self.broker.stop()
        for receiver in (self.station, self.office):
            receiver.close()


def check_files(data):
    """The database is whole and the journal is what was signed."""
    checked = run_firegate("audit", "verify", "--data", data)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    with contextlib.closing(sqlite3.connect(f"file:{data}/firegate.db?mode=ro", uri=True)) as record:
        assert record.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def limit_descriptors(process, count):
    """The limit of open files of a running process. Returns what it was."""
    return resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (count, resource.prlimit(process.pid, resource.RLIMIT_NOFILE)[1]))
