"""Who may come in: the first start, sessions, guesses, other sites, other estates, tokens, the machine's own command line."""
import http.client
import json
import threading
import time

import pytest

from estate import PERSON, Gateway, native, run_firegate, wait_until
from live import LiveClient

SMOKE = ("jinxiu", "b1-f3-smoke-e")
PIN = "274916"


def names_of(entries):
    return [entry["kind"] for entry in entries]


def without_session(gateway, path, body=None, method=None, headers=None):
    kept, gateway.session = gateway.session, {}
    try:
        return gateway.exchange(path, body, method, headers)
    finally:
        gateway.session = kept


def sign_in(gateway, user, password):
    kept, gateway.session = gateway.session, {}
    try:
        return gateway.signed_in("/api/v1/session", {"user": user, "password": password})
    finally:
        gateway.session = kept


def in_name_of(gateway, session, path, body=None, method=None, headers=None):
    return gateway.exchange(path, body, method, {**session, **(headers or {})})


def local(gateway, *arguments, stdin=None):
    command, *rest = arguments
    verb, *rest = rest
    return run_firegate(command, verb, "--socket", f"{gateway.data}/firegate.sock", *rest, input=stdin)


def make_user(gateway, user, grants, password="六号楼的猫很安静"):
    arguments = [part for grant in grants for part in ("--grant", grant)]
    made = local(gateway, "user", "add", user, "--name", user.title(), *arguments, "--stdin", stdin=password + "\n")
    assert made.returncode == 0, made.stderr
    return sign_in(gateway, user, password)


def test_nothing_is_shown_without_a_session(gateway):
    for path in ("/api/v1/snapshot", "/api/v1/alarms", "/api/v1/devices", "/api/v1/history", "/api/v1/unmapped", "/api/v1/journal", "/api/v1/users"):
        status, _, data = without_session(gateway, path)
        assert (status, json.loads(data)["code"]) == (401, "unauthenticated"), path
    status, _, data = without_session(gateway, "/api/v1/session")
    told = json.loads(data)
    assert status == 200 and told["signed_in"] is False and told["setup_needed"] is False and "user" not in told


def test_the_first_code_works_once_and_differs_from_install_to_install(tmp_path, broker, gateway):
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    other = Gateway(other_folder, broker)
    try:
        codes = gateway.setup_code(), other.setup_code()
        assert codes[0] != codes[1]
        again = without_session(gateway, "/api/v1/setup", {"code": codes[0], **PERSON, "user": "mallory"})
        assert again[0] == 409
        gateway.kill()
        logged = len(gateway.logged())
        gateway.start()
        assert "setup_code" not in gateway.logged()[logged:]
    finally:
        other.kill()


@pytest.mark.parametrize("user,password", [("admin", "admin"), ("admin", "password"), ("root", "root"), ("admin", "firegate"),
                                           ("admin", "123456"), ("wangfang", "wangfang"), ("wangfang", "")])
def test_no_default_password_lets_anybody_in(estate_of_module, user, password):
    status, headers, _ = without_session(estate_of_module[1], "/api/v1/session", {"user": user, "password": password})
    assert status in (400, 401, 429) and headers["Set-Cookie"] is None


def test_the_cookie_is_for_this_host_and_no_script(gateway):
    _, headers, _ = without_session(gateway, "/api/v1/session", {k: PERSON[k] for k in ("user", "password")})
    words = [word.strip() for word in headers["Set-Cookie"].split(";")]
    assert words[0].startswith("__Host-firegate=") and len(words[0]) > len("__Host-firegate=") + 40
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= set(words)


def test_a_session_outlives_a_restart_and_ends_when_it_is_signed_out(gateway):
    session = sign_in(gateway, PERSON["user"], PERSON["password"])
    gateway.kill()
    gateway.start()
    assert in_name_of(gateway, session, "/api/v1/alarms")[0] == 200
    assert in_name_of(gateway, session, "/api/v1/session", method="DELETE")[0] == 204
    assert in_name_of(gateway, session, "/api/v1/alarms")[0] == 401
    gateway.kill()
    gateway.start()
    assert in_name_of(gateway, session, "/api/v1/alarms")[0] == 401


def test_a_new_password_ends_the_sessions(gateway):
    session = make_user(gateway, "lin", ["duty@jinxiu"])
    feed = LiveClientAs(gateway, session)
    assert local(gateway, "user", "passwd", "lin", "--stdin", stdin="另一句很长的话语呢\n").returncode == 0
    assert in_name_of(gateway, session, "/api/v1/alarms")[0] == 401
    wait_until(lambda: feed.said("bye"), 3, "the live feed ends")
    assert sign_in(gateway, "lin", "另一句很长的话语呢")


class LiveClientAs(LiveClient):
    """The live feed of somebody else than the gateway's first user."""

    def __init__(self, gateway, session):
        self.asked = gateway
        self.port, self.session = gateway.port, session
        super().__init__(self)

    def post(self, path, body):
        status, _, data = in_name_of(self.asked, self.session, path, body)
        return status, json.loads(data)


def test_guessing_is_slowed_down_and_a_signed_in_view_is_not(gateway):
    broker = gateway.broker
    stop, tried = threading.Event(), []

    def guess():
        while not stop.is_set():
            body = {"user": PERSON["user"], "password": f"guess {len(tried)}"}
            tried.append(on_its_own(gateway, "POST", "/api/v1/session", body, {"Content-Type": "application/json"}))

    guessers = [threading.Thread(target=guess) for _ in range(4)]
    for one in guessers:
        one.start()
    try:
        wait_until(lambda: len(tried) >= 300, 30, "300 guesses")
        slowest = 0.0
        for i in range(5):
            broker.publish(*native(*SMOKE, seq=i + 1, smoke=i % 2 == 0))
            before = time.monotonic()
            assert gateway.get("/api/v1/alarms") is not None
            slowest = max(slowest, time.monotonic() - before)
    finally:
        stop.set()
        for one in guessers:
            one.join()
    assert slowest < 1.0
    evaluated = [status for status, _ in tried if status == 401]
    refused = [wait for status, wait in tried if status == 429]
    assert len(evaluated) <= 10 and len(refused) == len(tried) - len(evaluated) and all(int(wait) >= 1 for wait in refused)


def on_its_own(gateway, method, path, body=None, headers=None):
    """Status and Retry-After of a request on a connection of its own, with these headers and no session."""
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]
    finally:
        connection.close()


def test_another_site_can_neither_act_nor_listen(gateway):
    gateway.broker.publish(*native(*SMOKE, seq=1, smoke=True))
    alarm = gateway.wait_alarm(5, alarm_class="fire_alarm")
    path = f"/api/v1/alarms/{alarm['id']}/acknowledge"
    cookie = {"Cookie": gateway.session["Cookie"]}
    here = {"Origin": f"http://127.0.0.1:{gateway.port}"}
    there = {"Origin": "https://evil.example"}
    for headers in ({}, here, {**there, "X-Firegate-Token": gateway.session["X-Firegate-Token"]}, {**here, "X-Firegate-Token": "x" * 43}):
        status, _, data = without_session(gateway, path, {"post": "desk-1"}, headers={**cookie, **headers})
        assert status == 403, (headers, data)
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "firegate.v1"}
    for headers in ({**cookie, **here}, {**cookie, **there}, here):
        assert on_its_own(gateway, "GET", "/api/v1/live?ticket=" + "x" * 43, headers={**upgrade, **headers})[0] in (401, 403)
    assert gateway.alarms(id=alarm["id"])[0]["state"] == "unacknowledged"


def test_what_belongs_to_another_estate_does_not_exist(gateway):
    session = make_user(gateway, "stranger", ["duty@elsewhere"])
    gateway.broker.publish(*native(*SMOKE, seq=1, smoke=True))
    alarm = gateway.wait_alarm(5, alarm_class="fire_alarm")
    feed = LiveClientAs(gateway, session)
    assert in_name_of(gateway, session, f"/api/v1/alarms/{alarm['id']}")[0] == 404
    assert in_name_of(gateway, session, f"/api/v1/alarms/{alarm['id']}/acknowledge", {"post": "desk-1"})[0] == 404
    assert in_name_of(gateway, session, f"/api/v1/devices/{SMOKE[1]}")[0] == 404
    for path, key in (("/api/v1/alarms", "alarms"), ("/api/v1/history", "alarms"), ("/api/v1/devices", "devices")):
        listed = json.loads(in_name_of(gateway, session, path)[2])[key]
        assert [one for one in listed if one.get("place", {}).get("estate", {}).get("id") == "jinxiu"] == [], path
    assert gateway.act(alarm, "acknowledge")[0] == 200
    wait_until(lambda: feed.said("hb"), 8, "a heartbeat after the act")
    assert feed.alarms(id=alarm["id"]) == []


def test_a_role_may_what_it_may(gateway):
    viewer = make_user(gateway, "viewer", ["viewer@jinxiu"])
    gateway.broker.publish(*native(*SMOKE, seq=1, smoke=True))
    alarm = gateway.wait_alarm(5, alarm_class="fire_alarm")
    path = f"/api/v1/alarms/{alarm['id']}"
    assert in_name_of(gateway, viewer, path)[0] == 200
    status, _, data = in_name_of(gateway, viewer, path + "/acknowledge", {"post": "desk-1"})
    assert (status, json.loads(data)["code"]) == (403, "forbidden")
    for other in ("/api/v1/users", "/api/v1/journal", "/api/v1/unmapped"):
        assert in_name_of(gateway, viewer, other)[0] == 403, other


def test_an_act_is_in_the_journal_with_who_and_from_where(gateway):
    gateway.broker.publish(*native(*SMOKE, seq=1, smoke=True))
    alarm = gateway.wait_alarm(5, alarm_class="fire_alarm")
    assert gateway.act(alarm, "acknowledge", why="看过了")[0] == 200
    assert local(gateway, "alarm", "unacknowledge", alarm["id"]).returncode == 0
    assert local(gateway, "alarm", "acknowledge", "0000000000000001").returncode == 4
    entries = gateway.get(f"/api/v1/journal?alarm={alarm['id']}")["entries"]
    acts = {entry["kind"]: entry for entry in entries}
    assert (acts["acknowledge"]["who"], acts["acknowledge"]["name"]) == ("user:wangfang", "王芳")
    assert acts["acknowledge"]["address"] == "127.0.0.1" and acts["acknowledge"]["why"] == "看过了"
    assert acts["unacknowledge"]["address"] == "local" and acts["unacknowledge"]["who"].startswith("local:")
    assert {"setup", "sign_in"} <= set(names_of(gateway.get("/api/v1/journal")["entries"]))


def test_users_and_tokens_take_the_pin(gateway):
    draft = {"id": "zhao", "name": "赵敏", "grants": [{"role": "duty", "estate": "jinxiu"}]}
    status, _, data = gateway.exchange("/api/v1/users", draft)
    assert (status, json.loads(data)["code"]) == (403, "pin_required")
    assert gateway.exchange("/api/v1/session:confirm", {"password": PERSON["password"]})[0] == 200
    assert gateway.exchange("/api/v1/account/pin", {"password": PERSON["password"], "pin": PIN}, "PUT")[0] == 204
    assert gateway.exchange("/api/v1/session:confirm", {"pin": "935014"})[0] == 401
    assert gateway.exchange("/api/v1/session:confirm", {"pin": PIN})[0] == 200
    assert gateway.exchange("/api/v1/users", draft)[0] == 201

    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    status, _, data = gateway.exchange("/api/v1/tokens", {"name": "报表", "grants": [{"role": "viewer", "estate": "*"}], "ends_at": ends})
    assert status == 201
    bearer = {"Authorization": f"Bearer {json.loads(data)['secret']}"}
    assert without_session(gateway, "/api/v1/alarms", headers=bearer)[0] == 200
    assert without_session(gateway, "/api/v1/users", headers=bearer)[0] == 403
    token = json.loads(data)["token"]["id"]
    assert gateway.exchange(f"/api/v1/tokens/{token}", method="DELETE")[0] == 204
    assert without_session(gateway, "/api/v1/alarms", headers=bearer)[0] == 401


def test_the_command_line_says_why_it_cannot(gateway, tmp_path):
    listed = local(gateway, "user", "ls")
    assert listed.returncode == 0 and "wangfang" in listed.stdout and "admin@*" in listed.stdout
    assert local(gateway, "user", "drop", "nobody").returncode == 4
    assert local(gateway, "user", "drop", PERSON["user"]).returncode == 1  # the last administrator
    lost = run_firegate("user", "ls", "--socket", tmp_path / "nothing.sock")
    assert lost.returncode == 5 and "expected it to run" in lost.stderr
