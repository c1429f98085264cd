"""A smoke message becomes an alarm that people see, acknowledge and end, and that a restart keeps."""
import json
import signal
import time

import pytest
from estate import native, wait_until
from live import LiveClient

DETECTOR = "b1-f3-smoke-e"
SMOKE = native("jinxiu", DETECTOR, smoke=True)
NO_SMOKE = native("jinxiu", DETECTOR, smoke=False)


def raised(broker, gateway):
    broker.publish(*SMOKE)
    return gateway.wait_alarm(1, subject=DETECTOR, rule="smoke_alarm")


def kinds(gateway, alarm):
    return [entry["kind"] for entry in gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["entries"]]


def test_smoke_is_an_alarm_within_a_second_on_the_api_and_two_live_feeds(broker, gateway):
    clients = [LiveClient(gateway, post="desk-1"), LiveClient(gateway, post="desk-2")]
    published = time.monotonic()
    broker.publish(*SMOKE)
    for client in clients:
        at, alarm = client.wait_alarm(3, subject=DETECTOR)
        assert at - published < 1
        assert (alarm["class"], alarm["state"], alarm["confirmation"]) == ("fire_alarm", "unacknowledged", "single")
        assert alarm["place"]["building"]["name"] == "1号楼" and alarm["sound"] == "fire"
    assert [a["id"] for a in gateway.alarms(subject=DETECTOR)] == [alarm["id"]]
    for client in clients:
        client.close()


def test_smoke_acknowledged_at_one_desk_shows_at_the_other(broker, gateway):
    other = LiveClient(gateway, post="desk-2")
    alarm = raised(broker, gateway)
    acted = time.monotonic()
    status, answer = gateway.act(alarm, "acknowledge")
    assert (status, answer["state"], answer["acknowledged_by"]) == (200, "acknowledged", "王芳")
    at, seen = other.wait_alarm(3, id=alarm["id"], state="acknowledged")
    assert at - acted < 1 and seen["acknowledged_by"] == "王芳"
    other.close()


def test_smoke_alarm_goes_through_verdict_and_reset_into_the_history(broker, gateway):
    alarm = raised(broker, gateway)
    assert gateway.act(alarm, "acknowledge")[0] == 200
    assert gateway.act(alarm, "verdict", verdict="cooking", why="油烟")[0] == 200
    broker.publish(*NO_SMOKE)
    gateway.wait_alarm(1, id=alarm["id"], state="latched_acknowledged")
    status, answer = gateway.act(alarm, "reset")
    assert (status, answer["state"], answer["verdict"]) == (200, "normal", "cooking")
    gateway.wait_no_alarm(1, id=alarm["id"])
    assert kinds(gateway, alarm) == ["raise", "acknowledge", "verdict", "clear", "reset"]
    history = gateway.get("/api/v1/history?device=" + DETECTOR)["alarms"]
    assert [(a["id"], a["state"]) for a in history] == [(alarm["id"], "normal")]


def refusal(answer):
    status, body = answer
    assert status == 409, body
    return body["code"], body["state"]


def test_smoke_alarm_refuses_what_its_state_does_not_allow_and_names_the_state(broker, gateway):
    alarm = raised(broker, gateway)
    assert refusal(gateway.act(alarm, "reset")) == ("refused", "unacknowledged")
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
    assert refusal(gateway.act(alarm, "shelve", until=until, why="检修")) == ("refused", "unacknowledged")
    broker.publish(*NO_SMOKE)
    gateway.wait_alarm(1, id=alarm["id"], state="latched_unacknowledged")
    assert refusal(gateway.act(alarm, "reset")) == ("refused", "latched_unacknowledged")
    assert gateway.act(alarm, "acknowledge")[0] == 200
    assert refusal(gateway.act(alarm, "reset")) == ("refused", "latched_acknowledged")  # no verdict yet
    assert gateway.alarms(id=alarm["id"])[0]["state"] == "latched_acknowledged"


def test_smoke_acts_that_are_wrong_are_refused(broker, gateway):
    alarm = raised(broker, gateway)
    assert gateway.post("/api/v1/alarms/0000000000000001/acknowledge", {"by": "王芳", "post": "desk-1"})[0] == 404
    assert gateway.post(f"/api/v1/alarms/{alarm['id']}/acknowledge", {"by": "王芳"})[0] == 400
    assert gateway.act(alarm, "verdict", verdict="maybe")[0] == 400
    assert gateway.request(f"/api/v1/alarms/{alarm['id']}/acknowledge", {"by": "x", "post": "desk-1"}, "POST",
                           {"Origin": "http://evil.example"})[0] == 403
    assert gateway.alarms(id=alarm["id"])[0]["state"] == "unacknowledged"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_smoke_alarm_survives_a_restart(broker, gateway, how):
    alarm = raised(broker, gateway)
    assert gateway.act(alarm, "acknowledge", why="已派人")[0] == 200
    before = gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["entries"]
    code = gateway.kill(how)
    assert code == (0 if how == signal.SIGTERM else -signal.SIGKILL)
    gateway.start()
    after = gateway.alarms(id=alarm["id"])
    assert [(a["state"], a["acknowledged_by"], a["occurrences"]) for a in after] == [("acknowledged", "王芳", 1)]
    assert after[0]["first_raised_at"] == alarm["first_raised_at"]
    assert gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["entries"] == before


def test_smoke_missed_during_a_cut_comes_with_resume(broker, gateway):
    client = LiveClient(gateway)
    first = raised(broker, gateway)
    client.wait_alarm(1, id=first["id"])
    client.cut()
    gateway.act(first, "acknowledge")
    broker.publish(*native("jinxiu", "b2-hall-smoke", smoke=True))
    gateway.wait_alarm(1, subject="b2-hall-smoke")
    again = LiveClient(gateway, client.server_id, client.seq)
    again.wait_alarm(2, id=first["id"], state="acknowledged")
    again.wait_alarm(2, subject="b2-hall-smoke")
    assert not again.said("gap")
    numbers = [frame["seq"] for frame in again.said("ev")]
    assert numbers == sorted(numbers) and numbers[0] > client.seq
    again.close()


def test_smoke_feed_of_another_start_is_told_to_take_the_snapshot(broker, gateway):
    client = LiveClient(gateway)
    alarm = raised(broker, gateway)
    client.wait_alarm(1, id=alarm["id"])
    gateway.kill(signal.SIGKILL)
    gateway.start()
    again = LiveClient(gateway, client.server_id, client.seq)
    wait_until(lambda: again.said("gap"), 3, "the feed says gap")
    snapshot = gateway.get("/api/v1/snapshot")
    assert snapshot["server_id"] == again.server_id != client.server_id
    assert [a["id"] for a in snapshot["alarms"] if a["subject"] == DETECTOR] == [alarm["id"]]
    again.close()


def test_smoke_feed_beats_every_five_seconds_and_says_goodbye(broker, gateway):
    client = LiveClient(gateway)
    wait_until(lambda: len(client.said("hb")) >= 2, 12, "two heartbeats")
    beats = [at for at, frame in client.frames if frame["t"] == "hb"]
    assert 4 < beats[1] - beats[0] < 7
    gateway.kill(signal.SIGTERM)
    wait_until(lambda: client.said("bye"), 3, "the feed says bye")
    assert client.said("bye")[0]["reason"] == "shutdown"


def test_smoke_is_counted(broker, gateway):
    assert gateway.metric('firegate_alarms_raised_total{class="fire_alarm"}') == 0
    alarm = raised(broker, gateway)
    assert gateway.metric('firegate_alarms_raised_total{class="fire_alarm"}') == 1
    assert gateway.metric("firegate_messages_decoded_total") == 1
    assert gateway.metric("firegate_messages_received_total") == 1
    wait_until(lambda: gateway.metric("firegate_alarms_unacknowledged") == 1, 3, "one alarm counts as unacknowledged")
    gateway.act(alarm, "acknowledge")
    wait_until(lambda: gateway.metric("firegate_alarms_unacknowledged") == 0, 3, "none counts as unacknowledged")


def test_smoke_repeated_with_its_number_changes_nothing(broker, gateway):
    up = [native("jinxiu", DETECTOR, seq=seq, smoke=smoke) for seq, smoke in ((1, True), (2, False))]
    for topic, payload in up:
        broker.publish(topic, payload)
    alarm = gateway.wait_alarm(1, subject=DETECTOR, state="latched_unacknowledged")
    for topic, payload in up:
        broker.publish(topic, payload)
    wait_until(lambda: gateway.metric("firegate_duplicates_collapsed_total") == 2, 2, "two duplicates are collapsed")
    again = gateway.alarms(id=alarm["id"])[0]
    assert (again["occurrences"], again["revision"]) == (1, alarm["revision"])
    assert kinds(gateway, alarm) == ["raise", "clear"]


def test_smoke_of_a_second_detector_of_the_zone_confirms_and_asks_again(broker, gateway):
    alarm = raised(broker, gateway)
    gateway.act(alarm, "acknowledge")
    broker.publish(f"application/17c82e96-be03-4f38-aef3-f83d48582d97/device/24e124136d110002/event/up",
                   json.dumps({"deviceInfo": {"devEui": "24e124136d110002", "deviceProfileName": "gs524n"},
                               "object": {"event": "alarm", "battery": 90}}))
    gateway.wait_alarm(1, subject="b1-f3-smoke-w")
    again = gateway.wait_alarm(1, id=alarm["id"], state="unacknowledged")
    assert again["confirmation"] == "confirmed"


def test_smoke_silenced_at_its_desk_sounds_again_with_the_next_fire(broker, gateway):
    silence = {"by": "王芳", "post": "desk-1"}
    assert gateway.post("/api/v1/alarms:silence", silence)[0] == 409  # nothing sounds
    client = LiveClient(gateway)

    def silences():
        return [(frame["data"]["post"], frame["data"]["priority"], frame["data"]["until"] is not None)
                for frame in client.said("ev") if frame["type"] == "silence"]

    alarm = raised(broker, gateway)
    status, answer = gateway.post("/api/v1/alarms:silence", silence)
    assert (status, answer["post"], answer["priority"]) == (200, "desk-1", "fire") and answer["until"]
    wait_until(lambda: silences() == [("desk-1", "fire", True)], 2, "the silence begins")
    assert gateway.alarms(id=alarm["id"])[0]["state"] == "unacknowledged"  # silence is no acknowledgement
    broker.publish(*native("jinxiu", "b2-f8-smoke", smoke=True))
    wait_until(lambda: silences() == [("desk-1", "fire", True), ("desk-1", "fire", False)], 2, "the silence ends")
    client.close()
