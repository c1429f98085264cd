"""What happens leaves through a webhook: signed, with a key that stays the same, again until it is taken, also over a kill -9."""
import hashlib
import hmac
import json
import time

import pytest
from estate import Gateway, copy_config, native, wait_until
from receiver import Receiver

SECRET = "a secret of this test: 0123456789"
DETECTOR = "b1-f3-smoke-e"


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def gateway(tmp_path, broker, receiver):
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", encoding="utf-8")
    config = copy_config(tmp_path, routes_yaml=f"""channels:
  - {{name: station, type: webhook, url: "http://127.0.0.1:{receiver.port}/in", secret_file: {secret}}}
routes:
  - {{name: urgent, priorities: [fire, life_threat], channel: station}}
""")
    made = Gateway(tmp_path, broker, config)
    yield made
    made.kill()


def test_a_fire_is_posted_signed_and_with_a_key(broker, gateway, receiver):
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    broker.publish(*native("jinxiu", "b1-ele", cable_temperature_c=80))  # of a priority that the route leaves out
    wait_until(lambda: receiver.requests, 3, "a request")
    _, headers, body = receiver.requests[0]
    said = dict(part.split("=", 1) for part in headers["X-Firegate-Signature"].split(","))
    expected = hmac.new(SECRET.encode(), said["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert said["v1"] == expected and abs(int(said["t"]) - time.time()) < 60
    event = json.loads(body)
    assert (event["specversion"], event["type"], event["subject"]) == ("1.0", "firegate.alarm.raised", DETECTOR)
    assert event["data"]["class"] == "fire_alarm" and headers["Idempotency-Key"] == event["id"]

    alarm = gateway.wait_alarm(1, subject=DETECTOR)
    gateway.act(alarm, "acknowledge")
    wait_until(lambda: receiver.events("acknowledged"), 3, "the acknowledgement is posted")
    assert receiver.events("acknowledged")[0][0]["Idempotency-Key"] != headers["Idempotency-Key"]
    deliveries = wait_until(lambda: [d for d in gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["deliveries"] if d["state"] == "sent"], 3, "a delivery")
    assert deliveries[0]["channel"] == "station" and deliveries[0]["attempts"] == 1
    gateway.wait_alarm(1, subject="b1-ele")
    assert not [body for _, _, body in receiver.requests if b"b1-ele" in body]


def test_a_refused_notice_comes_again_with_the_same_key(broker, gateway, receiver):
    receiver.answers = [500, 503]
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    wait_until(lambda: len(receiver.requests) == 3, 10, "the third attempt")
    assert len({headers["Idempotency-Key"] for _, headers, _ in receiver.requests}) == 1
    assert len({body for _, _, body in receiver.requests}) == 1
    assert receiver.requests[1][0] - receiver.requests[0][0] > 0.3  # not at once
    wait_until(lambda: gateway.metric("firegate_deliveries_sent_total") == 1, 3, "it counts as sent")
    assert gateway.metric("firegate_deliveries_failed_total") == 2


def test_a_channel_that_does_not_deliver_is_a_fault_until_it_does(broker, gateway, receiver):
    receiver.answers = [500] * 4
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    fault = gateway.wait_alarm(20, rule="self_channel_failed")
    gateway.wait_alarm(30, id=fault["id"], state="returned_unacknowledged")
    assert len(receiver.events("raised")) == 5


def test_what_was_not_delivered_before_a_kill_is_delivered_after_it(broker, gateway, receiver):
    receiver.answers = [500] * 100
    broker.publish(*native("jinxiu", DETECTOR, smoke=True))
    wait_until(lambda: receiver.requests, 3, "the first attempt")
    alarm = gateway.wait_alarm(1, subject=DETECTOR)
    gateway.kill()
    before = len(receiver.requests)
    receiver.answers = []
    gateway.start()
    wait_until(lambda: len(receiver.requests) > before, 10, "an attempt after the restart")
    first, last = receiver.requests[0], receiver.requests[-1]
    assert last[1]["Idempotency-Key"] == first[1]["Idempotency-Key"]
    assert json.loads(last[2])["data"]["id"] == alarm["id"]
    wait_until(lambda: [d["state"] for d in gateway.get(f"/api/v1/alarms/{alarm['id']}/timeline")["deliveries"]] == ["sent"], 3, "it is recorded as sent")
