"""A reload never lets anybody in who was not let in before: broken, emptied and torn configuration, larger limits, other names,
and no descriptor left to read anything with. (Certificates: test_door_sockets.py. Users are in the record, not in a file.)"""
import http.client
import json
import os
import resource
import socket

import pytest

from estate import PERSON, Gateway, copy_config, wait_until
import test_door
from test_door import make_user, on_its_own

FEW = 6  # connections
SMALL = f"api:\n  max_connections: {FEW}\n"
WIDE = "api:\n  max_connections: 10000\n  hosts: [evil.example]\n  trusted_proxies: [127.0.0.1]\n"


def settings_file(gateway):
    return os.path.join(gateway.config, "gateway.yaml")


@pytest.fixture
def narrow(tmp_path, broker):
    """A gateway that lets little in."""
    made = Gateway(tmp_path, broker, config=copy_config(tmp_path, gateway_yaml=SMALL))
    made.viewer = make_user(made, "viewer", ["viewer@jinxiu"])
    yield made
    made.kill()


def connections_let_in(gateway):
    """How many of twenty connections at once get an answer."""
    made = []
    try:
        for _ in range(20):
            one = socket.create_connection(("127.0.0.1", gateway.port), 5)
            one.settimeout(5)
            made.append(one)
            try:
                one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if not one.recv(64).startswith(b"HTTP/1.1 200"):
                    return len(made) - 1
            except OSError:
                return len(made) - 1
        return len(made)
    finally:
        for one in made:
            one.close()


def access(gateway):
    """What those get who should get nothing, and what a viewer gets; each on a connection of its own, when there is room."""
    json_body = {"Content-Type": "application/json"}

    def on_its_own(*asked, **more):
        def ask():
            try:
                answer = test_door.on_its_own(*asked, **more)
            except (ConnectionError, http.client.HTTPException):
                return None  # there is no room yet
            return answer if answer[0] != 429 else None
        return wait_until(ask, 10, f"an answer to {asked[1:]}")

    return {
        "nobody": on_its_own(gateway, "GET", "/api/v1/alarms")[0],
        "nobody's users": on_its_own(gateway, "GET", "/api/v1/users")[0],
        "a forged cookie": on_its_own(gateway, "GET", "/api/v1/alarms", headers={"Cookie": "__Host-firegate=" + "x" * 43})[0],
        "a forged token": on_its_own(gateway, "GET", "/api/v1/alarms", headers={"Authorization": "Bearer fg_00000000_x"})[0],
        "another host": on_its_own(gateway, "GET", "/api/v1/session", headers={"Host": "evil.example"})[0],
        "a proxy": on_its_own(gateway, "GET", "/api/v1/session", headers={"X-Forwarded-For": "10.0.0.1"})[0],
        "a second setup": on_its_own(gateway, "POST", "/api/v1/setup", {"code": "x", **PERSON}, json_body)[0],
        "a viewer": on_its_own(gateway, "GET", "/api/v1/alarms", headers=gateway.viewer)[0],
        "a viewer's users": on_its_own(gateway, "GET", "/api/v1/users", headers=gateway.viewer)[0],
        "a viewer's act": on_its_own(gateway, "POST", "/api/v1/alarms:silence", {"post": "desk-1"}, {**gateway.viewer, **json_body})[0],
    }


NARROW = {"nobody": 401, "nobody's users": 401, "a forged cookie": 401, "a forged token": 401, "another host": 403, "a proxy": 403,
          "a second setup": 409, "a viewer": 200, "a viewer's users": 403, "a viewer's act": 403}


def reload_with(gateway, text):
    before = gateway.logged().count("event=config_refused") + gateway.logged().count("event=reloaded")
    with open(settings_file(gateway), "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())
    gateway.reload()
    wait_until(lambda: gateway.logged().count("event=config_refused") + gateway.logged().count("event=reloaded") > before, 10,
               "the reload is over")


def test_no_settings_file_widens_access(narrow):
    assert access(narrow) == NARROW and connections_let_in(narrow) <= FEW
    broken = {
        "empty": "", "comments": "# nothing\n# more nothing\n", "torn": SMALL[:20], "bytes": b"\xff\xfe\x00" * 40,
        "unknown key": SMALL + "no_passwords: true\n", "api emptied": "api:\n", "api of another kind": "api: []\n",
        "wider, and broken": WIDE + "\n\t", "wider": WIDE,
    }
    for name, text in broken.items():
        reload_with(narrow, text)
        assert access(narrow) == NARROW, name
        assert connections_let_in(narrow) <= FEW, name
    reload_with(narrow, b"\xff")
    assert narrow.metric("firegate_self_faults_total") >= 1
    assert [one["rule"] for one in narrow.alarms(rule="self_config_refused")] == ["self_config_refused"]
    reload_with(narrow, SMALL)
    assert access(narrow) == NARROW


def test_a_settings_file_that_is_gone_widens_nothing(narrow):
    os.remove(settings_file(narrow))
    os.mkdir(settings_file(narrow))  # there, and not to be read
    narrow.reload()
    wait_until(lambda: "event=config_refused" in narrow.logged(), 10, "the reload is refused")
    assert access(narrow) == NARROW


class Kept:
    """A connection that was there before there was no descriptor left."""

    def __init__(self, gateway):
        self._connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
        self._connection.connect()

    def ask(self, path, headers=None, body=None):
        self._connection.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body),
                                 {"Content-Type": "application/json", **(headers or {})})
        answer = self._connection.getresponse()
        answer.read()
        return answer.status


def test_a_reload_without_a_descriptor_widens_nothing(narrow):
    kept = Kept(narrow)
    assert kept.ask("/api/v1/alarms", narrow.viewer) == 200
    with open(settings_file(narrow), "w", encoding="utf-8") as stream:
        stream.write(WIDE)
    before = resource.prlimit(narrow.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(narrow.process.pid, resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        narrow.reload()
        wait_until(lambda: "event=config_refused" in narrow.logged(), 10, "the reload is refused")
        assert kept.ask("/api/v1/alarms") == 401
        assert kept.ask("/api/v1/alarms", {"Cookie": "__Host-firegate=" + "x" * 43}) == 401
        assert kept.ask("/api/v1/session", {"Host": "evil.example"}) == 403
        assert kept.ask("/api/v1/session", body={"user": PERSON["user"], "password": "guess"}) == 401
        assert kept.ask("/api/v1/alarms", narrow.viewer) == 200
        assert kept.ask("/api/v1/users", narrow.viewer) == 403
    finally:
        resource.prlimit(narrow.process.pid, resource.RLIMIT_NOFILE, before)
    assert narrow.alive()
    wait_until(lambda: access(narrow) == NARROW, 10, "with descriptors all is as before")


SECRETS = ("password", "secret", "code", "ticket", "pin")


def test_no_secret_is_logged(narrow):
    """Also where it came in a query: an invite's in a search's, a ticket in the live feed's."""
    canary = "c4n4ry-" + "7" * 36
    paths = [f"/api/v1/devices?q={canary}", f"/api/v1/journal?who={canary}&from=never", f"/api/v1/live?ticket={canary}",
             f"/api/v1/nothing?secret={canary}", f"/join?{canary}", f"/api/v1/alarms?password={canary}"]
    for path in paths:
        for headers in ({}, narrow.viewer, {"Host": "evil.example"}, {"Authorization": f"Bearer fg_{canary}"},
                        {"Cookie": f"__Host-firegate={canary}"}, {"X-Forwarded-For": canary}):
            on_its_own(narrow, "GET", path, headers=headers)
    given = dict.fromkeys(SECRETS, canary)
    for path in ("/api/v1/session", "/api/v1/setup", "/api/v1/invites:redeem", "/api/v1/password", "/api/v1/session:confirm"):
        for headers in ({}, narrow.viewer):
            on_its_own(narrow, "POST", path, {**given, "user": "viewer", "name": "x"}, {"Content-Type": "application/json", **headers})
    narrow.kill(15)  # what is logged at the end is in it, too
    assert "request_refused" in narrow.logged(), "there is something to find it in"
    assert canary not in narrow.logged()
    for folder, _, names in os.walk(narrow.data):
        for name in names:
            with open(os.path.join(folder, name), "rb") as stream:
                assert canary.encode() not in stream.read(), name
