"""What happens to the broker and to our connection becomes a fault of ours that people see, and ends when it is over. Each outage
has a broker and a gateway of its own; all are brought about at once, so that the waiting is shared."""
import datetime
import signal
import threading
import time

import pytest
from estate import Broker, Gateway, native, wait_until
from live import LiveClient
from mqtt import MqttClient

STALLED, KILLED, FOUGHT, REFUSED = "stalled", "killed", "fought", "refused"
DETECTOR = "b1-f3-smoke-e"


class Rival(threading.Thread):
    """Somebody else with our client id who comes back whenever we push him out."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.gone = port, threading.Event()
        self.start()

    def run(self):
        while not self.gone.wait(0.5):
            client = MqttClient(self.port, "firegate", clean=False)
            while not self.gone.is_set() and not client.closed(0.2):
                pass
            client.vanish()

    def leave(self):
        self.gone.set()
        self.join(5)


class Outage:
    def __init__(self, folder, rights=None):
        extra = ""
        if rights:
            acl = folder / "acl"
            acl.write_text(rights)
            extra = f"acl_file {acl}"
        self.broker = Broker(folder, extra=extra)
        self.gateway = None
        self.rival = None

    def begin(self, folder, bring_about):
        self.gateway = Gateway(folder, self.broker)
        ready = time.time()
        wait_until(lambda: self.broker.saved_since(ready), 5, "the broker has saved our session")
        self.began = time.time()
        self.rival = bring_about(self)

    def delay_of(self, alarm):
        """Seconds from the beginning of the outage to the alarm."""
        raised = datetime.datetime.fromisoformat(alarm["first_raised_at"].replace("Z", "+00:00"))
        return raised.timestamp() - self.began

    def fault(self, code, within):
        alarm = self.gateway.wait_alarm(within, rule="self_" + code)
        assert (alarm["class"], alarm["priority"]) == ("fault", "fault")
        return alarm

    def gone(self, code, within):
        """The fault has ended, and a person's acknowledgement takes it off the board."""
        ended = self.gateway.wait_alarm(within, rule="self_" + code, state="returned_unacknowledged")
        assert self.gateway.act(ended, "acknowledge")[1]["state"] == "normal"

    def end(self):
        if self.rival:
            self.rival.leave()
        if self.gateway:
            self.gateway.kill()
        self.broker.stop()


@pytest.fixture(scope="module")
def outages(tmp_path_factory):
    ways = {STALLED: lambda o: o.broker.pause(), KILLED: lambda o: o.broker.stop(signal.SIGKILL),
            FOUGHT: lambda o: Rival(o.broker.port), REFUSED: lambda o: None}
    rights = {REFUSED: "topic readwrite #\ntopic read $SYS/#\ntopic deny firegate/firegate/canary\n"}
    made = {}
    try:
        for name, way in ways.items():
            folder = tmp_path_factory.mktemp(name)
            made[name] = Outage(folder, rights.get(name))
            made[name].begin(folder, way)
        LiveClient(made[FOUGHT].gateway).cut()  # the desk's only console goes
        yield made
    finally:
        for outage in made.values():
            outage.end()


def test_another_client_with_our_id_is_a_fault_within_half_a_minute(outages):
    fight = outages[FOUGHT]
    assert fight.delay_of(fight.fault("client_id_fight", 30)) < 30


def test_a_killed_broker_is_a_fault_within_a_minute(outages):
    killed = outages[KILLED]
    assert killed.delay_of(killed.fault("broker_lost", 60)) < 60
    assert killed.gateway.request("/readyz")[0] == 503
    assert killed.gateway.get("/api/v1/health")["ok"] is False


def test_a_stalled_broker_is_a_fault_within_a_minute(outages):
    stalled = outages[STALLED]
    fault = wait_until(lambda: [a for a in stalled.gateway.alarms() if a["rule"] in ("self_broker_lost", "self_canary_late")], 60, "a fault")
    assert stalled.delay_of(fault[0]) < 60


def test_a_canary_that_does_not_come_back_is_seen_in_the_health_of_a_connected_gateway(outages):
    refused = outages[REFUSED]
    refused.fault("canary_late", 45)
    parts = {part["name"]: part for part in refused.gateway.get("/api/v1/health")["parts"]}
    assert parts["broker"]["ok"] is True
    assert parts["canary"]["ok"] is False and "does not come back" in parts["canary"]["detail"]


def test_when_the_rival_is_gone_a_fire_is_raised_as_before(outages):
    fight = outages[FOUGHT]
    fight.rival.leave()
    fight.broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    fight.gateway.wait_alarm(35, subject=DETECTOR)  # 30 s is the longest pause while somebody uses our id
    fight.broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=True))
    fight.gateway.wait_alarm(1, subject="b2-f8-smoke")


def test_a_killed_broker_that_returns_has_the_session_and_delivers(outages):
    killed = outages[KILLED]
    killed.broker.start()
    killed.broker.publish(*native("jinxiu", DETECTOR, smoke=True))  # nobody is connected yet: the broker keeps it
    killed.gateway.wait_alarm(20, subject=DETECTOR)
    assert not killed.gateway.alarms(rule="self_session_lost")
    killed.gone("broker_lost", 45)


def test_a_stalled_broker_that_goes_on_delivers_and_the_faults_end(outages):
    stalled = outages[STALLED]
    stalled.fault("canary_late", 45)
    stalled.broker.resume()
    wait_until(stalled.broker.answers, 10, "the broker answers again")
    stalled.broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    stalled.gateway.wait_alarm(25, subject=DETECTOR)
    stalled.gone("canary_late", 30)


def test_a_desk_whose_console_went_is_a_fault_until_there_is_one_again(outages):
    fight = outages[FOUGHT]
    unheard = fight.fault("nobody_listening", 80)
    assert 55 < fight.delay_of(unheard) < 80
    console = LiveClient(fight.gateway)
    fight.gone("nobody_listening", 3)
    console.close()


def test_a_broker_restart_costs_nothing(broker, gateway):
    broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=True))
    gateway.wait_alarm(1, subject="b2-f8-smoke")
    broker.stop()
    wait_until(lambda: not gateway.get("/api/v1/health")["ok"], 5, "the gateway sees that the broker is gone")
    broker.start()
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    gateway.wait_alarm(15, subject=DETECTOR)
    assert gateway.alarms(subject="b2-f8-smoke")[0]["occurrences"] == 1
    assert not gateway.alarms(rule="self_session_lost")


def test_the_first_canary_comes_back_as_soon_as_the_link_receives(gateway):
    wait_until(lambda: gateway.metric("firegate_canary_round_trip_seconds") > 0, 3, "the canary has come back")


def test_a_broker_that_lost_our_session_is_a_fault(broker, gateway):
    broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=False))
    wait_until(lambda: gateway.metric("firegate_messages_decoded_total") == 1, 2, "a message")
    broker.stop(signal.SIGKILL)
    broker.forget()
    broker.start()
    lost = gateway.wait_alarm(20, rule="self_session_lost")
    assert lost["class"] == "fault"
    gateway.wait_alarm(10, id=lost["id"], state="returned_unacknowledged")  # subscribed anew: it goes on
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    gateway.wait_alarm(1, subject=DETECTOR)


def test_what_was_published_while_the_gateway_was_down_is_received(broker, gateway):
    gateway.kill()
    broker.publish(*native("jinxiu", DETECTOR, seq=1, smoke=True))
    broker.publish(*native("jinxiu", "b2-hall-smoke", seq=1, smoke=True))
    broker.publish(*native("jinxiu", "b2-hall-smoke", seq=2, smoke=False))
    gateway.start()
    gateway.wait_alarm(2, subject=DETECTOR, state="unacknowledged", confirmation="single")
    gateway.wait_alarm(2, subject="b2-hall-smoke", state="latched_unacknowledged")
    assert not gateway.alarms(rule="self_session_lost")


def test_a_fault_that_stood_when_the_gateway_ended_does_not_stand_for_ever(broker, gateway):
    broker.stop()
    gateway.wait_alarm(20, rule="self_broker_lost", state="unacknowledged")
    gateway.kill()
    broker.start()
    gateway.start()
    gateway.wait_alarm(5, rule="self_broker_lost", state="returned_unacknowledged")


@pytest.fixture
def narrow_broker(tmp_path):
    """A broker that keeps few messages for a client that does not take them."""
    made = Broker(tmp_path, extra="max_queued_messages 10\nmax_inflight_messages 20\nsys_interval 1")
    yield made
    made.stop()


def test_messages_that_the_broker_drops_are_a_fault(tmp_path, narrow_broker):
    gateway = Gateway(tmp_path, narrow_broker)
    try:
        wait_until(lambda: gateway.metric("firegate_canary_round_trip_seconds") > 0, 15, "the canary has come back")
        gateway.process.send_signal(signal.SIGSTOP)
        client = MqttClient(narrow_broker.port, "flood")
        for _ in range(3):
            client.publish(*[(f"fg/v1/jinxiu/{DETECTOR}/up", '{"readings":{"smoke":false},"x":"' + "a" * 1000 + '"}')] * 4000)
        gateway.process.send_signal(signal.SIGCONT)
        dropped = gateway.wait_alarm(15, rule="self_broker_dropped")
        assert dropped["class"] == "fault" and gateway.metric("firegate_broker_dropped_messages") > 0
        client.leave()
    finally:
        gateway.kill()
