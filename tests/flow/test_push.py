"""Messages that a platform pushes by HTTP, against the real gateway: what is taken is on disk, and goes the way of every other message."""
import hashlib
import hmac
import http.client
import json
import os
import threading
import time
import uuid

import pytest
from estate import Gateway, copy_config, native, run_firegate, wait_until
from inbox import records

SECRET = "the gate and we know this"
TOPIC, FIRE = native("jinxiu", "b1-hall-call", manual_call=True)
DEVICES = """id,kind,format,address,estate,building,floor,zone,location,name
call,manual_call_point,native,b1-hall-call,jinxiu,b1,f1,b1-hall,entrance,手报
charger,charging_station,iot_zinx,04A228CD,jinxiu,b1,,,,充电桩
"""


def body(message):
    return json.dumps(message, ensure_ascii=False)


def signature(text, seconds=None, nonce=None, secret=SECRET):
    seconds = int(time.time()) if seconds is None else seconds
    nonce = nonce or uuid.uuid4().hex
    digest = hmac.new(secret.encode(), f"{seconds}.{nonce}.{text}".encode(), hashlib.sha256).hexdigest()
    return f"t={seconds},n={nonce},v1={digest}"


class Site:
    def __init__(self, folder, broker):
        secret = os.path.join(str(folder), "secret")
        with open(secret, "w", encoding="ascii") as stream:
            stream.write(SECRET + "\n")
        config = copy_config(folder, devices_csv=DEVICES)
        with open(f"{config}/gateway.yaml", "a", encoding="utf-8") as stream:
            stream.write(f"\npush:\n  - {{source: native, secret_file: {secret}, topic: {TOPIC}}}\n"
                         f"  - {{source: iot_zinx, secret_file: {secret}, proof: bearer}}\n"
                         f"  - {{source: leyaoyao, secret_file: {secret}, proof: address}}\n")
        self.gateway = Gateway(folder, broker, config)

    def push(self, text, headers, path="native"):
        """Status and the answer, as somebody without a session."""
        return self.send(text.encode(), headers, path)

    def send(self, data, headers, path):
        link = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=20)
        try:
            link.request("POST", f"/api/v1/ingest/{path}", data, {"Content-Type": "application/json", **headers})
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            link.close()

    def signed(self, text, **how):
        return self.push(text, {"X-Firegate-Signature": signature(text, **how)})

    def inbox(self):
        return [(topic.decode(), payload.decode()) for _, topic, payload in records(os.path.join(self.gateway.data, "inbox"))]

    def refused(self, reason):
        text = self.gateway.get("/metrics", raw=True)
        return f'firegate_requests_refused_total{{reason="{reason}"}} ' in text


@pytest.fixture
def site(tmp_path, broker):
    made = Site(tmp_path, broker)
    yield made
    made.gateway.kill()


def test_a_pushed_fire_is_on_the_board_within_a_second(site):
    begun = time.monotonic()
    assert site.signed(body(FIRE)) == (202, {"taken": True})
    site.gateway.wait_alarm(10, alarm_class="fire_alarm", subject="call")
    took = time.monotonic() - begun
    assert took < 1 or os.getloadavg()[0] > 2 * os.cpu_count(), f"{took:.2f} s"
    assert (TOPIC, body(FIRE)) in site.inbox()


def test_what_is_not_proved_is_refused_counted_and_not_in_the_inbox(site):
    text = body(FIRE)
    now = int(time.time())
    expected = [
        (site.push(text, {}), 401, "push_unproved"),
        (site.signed(text, secret="another secret of theirs"), 401, "push_unproved"),
        (site.push(text + " ", {"X-Firegate-Signature": signature(text)}), 401, "push_unproved"),
        (site.signed(text, seconds=now - 400), 401, "push_clock_off"),
        (site.signed(text, seconds=now + 400), 401, "push_clock_off"),
        (site.push(text, {"Authorization": f"Bearer {SECRET}"}, "shelly"), 401, "push_unproved"),
        (site.push(text, {"Authorization": "Bearer wrong"}, "iot_zinx"), 401, "push_unproved"),
        (site.push(text, {}, "leyaoyao?secret=wrong"), 401, "push_unproved"),
    ]
    for (status, problem), wanted, code in expected:
        assert (status, problem["code"]) == (wanted, code), problem
    for reason in ("push_unproved", "push_clock_off", "push_unknown_source"):
        assert site.refused(reason), reason
    large = "x" * (64 * 1024 + 1)
    assert site.signed(large)[0] == 413
    assert not [one for one in site.inbox() if one[0] == TOPIC]


def test_a_signature_is_taken_once(site):
    text = body(FIRE)
    headers = {"X-Firegate-Signature": signature(text)}
    assert site.push(text, headers)[0] == 202
    status, problem = site.push(text, headers)
    assert (status, problem["code"]) == (409, "push_replayed")
    assert len([one for one in site.inbox() if one[0] == TOPIC]) == 1


def test_platforms_that_cannot_sign_push_with_their_secret(site):
    event = {"event_id": "evt_1", "event_type": "device_heartbeat", "device_id": "04A228CD", "timestamp": int(time.time()),
             "data": {"voltage": 221.5, "temperature": 25, "port_statuses": [{"port": 1, "status": 9}]}}
    assert site.push(body(event), {"Authorization": f"Bearer {SECRET}"}, "iot_zinx")[0] == 202
    site.gateway.wait_alarm(10, subject="charger/1")
    login = body({"deviceNo": "L1", "status": "LOGIN"})
    assert site.push(login, {"Content-Type": "text/plain"}, f"leyaoyao?secret={SECRET.replace(' ', '%20')}")[0] == 202
    wait_until(lambda: ("leyaoyao/push", login) in site.inbox(), 10, "the message is in the inbox")


def test_what_was_taken_survives_a_kill(site):
    """Killed at any moment: every push that was answered 202 is in the inbox, in order."""
    taken, lock = [], threading.Lock()

    def pusher(name):
        for number in range(100_000):
            text = body({"readings": {"temperature_c": number % 50}, "seq": number, "boot": name})
            try:
                status, _ = site.signed(text)
            except OSError:
                return
            if status == 202:
                with lock:
                    taken.append((name, text))

    threads = [threading.Thread(target=pusher, args=(f"p{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(taken) >= 40, 60, "forty pushes are taken")
    site.gateway.kill()
    for thread in threads:
        thread.join(30)
    held = [payload for topic, payload in site.inbox() if topic == TOPIC]
    for name in {name for name, _ in taken}:
        mine = [text for who, text in taken if who == name]
        assert [text for text in held if text in set(mine)] == mine
    site.gateway.start()
    assert site.signed(body(FIRE))[0] == 202
    site.gateway.wait_alarm(20, alarm_class="fire_alarm", subject="call")


def test_check_finds_a_push_that_nobody_reads(tmp_path):

    config = copy_config(tmp_path, devices_csv=DEVICES)
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    with open(f"{config}/gateway.yaml", "a", encoding="utf-8") as stream:
        stream.write(f"\npush:\n  - {{source: nobody, secret_file: {secret}}}\n  - {{source: native, secret_file: {secret}, topic: zigbee2mqtt/x}}\n"
                     "  - {source: shelly, secret_file: /nowhere/at/all}\n")
    done = run_firegate("check", config)
    found = done.stdout + done.stderr
    assert done.returncode == 1 and "E110" in found and "E113" in found and "E101" in found, found
