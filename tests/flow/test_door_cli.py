"""The machine's own command line over the Unix socket: tokens, live alarms, devices; its exit codes are those of the README."""
import json
import queue
import signal
import socket
import subprocess
import threading
import time

import pytest

from estate import PROGRAM, native, run_firegate
from test_door import make_user, without_session

SMOKE = ("jinxiu", "b1-f3-smoke-e")


@pytest.fixture(scope="module")
def gateway(estate_of_module):
    return estate_of_module[1]


def at(gateway, *command):
    """A command at the gateway's socket."""
    return run_firegate(*command, "--socket", f"{gateway.data}/firegate.sock")


def bearer(gateway, secret, path):
    return without_session(gateway, path, headers={"Authorization": f"Bearer {secret}"})[0]


# --- tokens ---

def test_a_token_is_made_listed_and_ended(gateway):
    make_user(gateway, "reports", ["viewer@jinxiu"])
    made = at(gateway, "user", "token", "make", "reports", "--name", "月报", "--grant", "viewer@jinxiu", "--days", "3")
    assert made.returncode == 0, made.stderr
    secret = made.stdout.strip()
    assert secret.startswith("fg_") and "\n" not in secret, "the secret alone, for a script"
    assert bearer(gateway, secret, "/api/v1/alarms") == 200 and bearer(gateway, secret, "/api/v1/users") == 403

    listed = at(gateway, "user", "token", "ls", "reports", "--json")
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    assert [(row["user"], row["name"], row["grants"]) for row in rows] == [("reports", "月报", [{"role": "viewer", "estate": "jinxiu"}])]
    assert "月报" in at(gateway, "user", "token", "ls").stdout and secret not in listed.stdout
    assert at(gateway, "user", "token", "ls", "nobody").stdout == ""

    assert at(gateway, "user", "token", "end", rows[0]["id"]).returncode == 0
    assert bearer(gateway, secret, "/api/v1/alarms") == 401
    assert at(gateway, "user", "token", "end", rows[0]["id"]).returncode == 4
    assert secret not in gateway.logged()
    kinds = {entry["kind"]: entry for entry in gateway.get("/api/v1/journal?limit=20")["entries"]}
    assert kinds["token_create"]["who"].startswith("local:") and "of user:reports" in kinds["token_create"]["to"]


@pytest.mark.parametrize("arguments,code,said", [
    (["nobody", "--grant", "viewer@jinxiu"], 4, "no user"),
    (["wangfang", "--grant", "viewer@jinxiu", "--days", "0"], 2, "--days"),
    (["wangfang"], 2, "--grant"),
    (["wangfang", "--grant", "chef@jinxiu"], 1, "role"),
], ids=["no_such_user", "no_days", "no_grant", "no_such_role"])
def test_a_token_that_cannot_be_made(gateway, arguments, code, said):
    made = at(gateway, "user", "token", "make", arguments[0], "--name", "x", *arguments[1:])
    assert made.returncode == code and said in made.stderr and made.stdout == ""


def test_a_token_never_may_more_than_its_user(gateway):
    make_user(gateway, "small", ["viewer@jinxiu"])
    for more in ("duty@jinxiu", "viewer@*"):
        made = at(gateway, "user", "token", "make", "small", "--name", "x", "--grant", more)
        assert made.returncode == 1 and "more than small" in made.stderr


# --- devices ---

def test_devices_are_listed_by_number_and_shown(gateway):
    listed = [json.loads(line)["id"] for line in at(gateway, "device", "ls", "--json").stdout.splitlines()]
    assert len(listed) == gateway.get("/api/v1/devices")["total"] and SMOKE[1] in listed
    table = at(gateway, "device", "ls", "--estate", "jinxiu", "--building", "b1", "--kind", "smoke_detector")
    assert table.returncode == 0 and SMOKE[1] in table.stdout and table.stdout.startswith("ID ")
    assert at(gateway, "device", "ls", "--estate", "elsewhere", "--json").stdout == ""
    gateway.broker.publish(*native(*SMOKE, seq=901, smoke=False))
    shown = at(gateway, "device", "show", SMOKE[1])
    assert shown.returncode == 0 and "smoke_detector" in shown.stdout
    assert json.loads(at(gateway, "device", "show", SMOKE[1], "--json").stdout)["id"] == SMOKE[1]


@pytest.mark.parametrize("command,code", [
    (["device", "show", "nobody"], 4), (["device", "ls", "--kind", "kettle"], 1), (["device", "ls", "--building", "b1"], 2),
    (["device"], 2), (["alarm", "watch", "--nothing"], 2)])
def test_device_commands_say_what_is_wrong(gateway, command, code):
    ended = at(gateway, *command) if command != ["device"] else run_firegate("device")
    assert ended.returncode == code and ended.stderr


def test_estates_are_those_of_the_places(gateway):
    listed = {one["id"]: one for one in gateway.get("/api/v1/estates")["estates"]}
    assert listed["jinxiu"]["name"] and "b1" in [building["id"] for building in listed["jinxiu"]["buildings"]]


# --- live alarms ---

class Watch:
    """`firegate alarm watch`, as it runs."""

    def __init__(self, path, *options):
        self.process = subprocess.Popen([PROGRAM, "alarm", "watch", "--socket", path, *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self._lines.put(line)

    def line(self, within=10):
        """The next line; none where it does not come."""
        try:
            return self._lines.get(timeout=within)
        except queue.Empty:
            return None

    def end(self, how=None):
        """Exit code and standard error."""
        if how:
            self.process.send_signal(how)
        said = self.process.stderr.read()
        self._reader.join(10)
        return self.process.wait(30), said


def first_alarm(watch, gateway):
    """Smoke until the watcher, whose start nobody announces, has said so; it comes and goes, each a line."""
    for seq in range(1000, 1030):
        gateway.broker.publish(*native(*SMOKE, seq=seq, smoke=seq % 2 == 0))
        if line := watch.line(0.5):
            return line
    raise AssertionError("nothing was said")


def test_alarms_are_printed_as_they_happen(gateway):
    watch = Watch(f"{gateway.data}/firegate.sock", "--json")
    try:
        said = json.loads(first_alarm(watch, gateway))
        assert said["device"]["id"] == SMOKE[1] and said["class"] == "fire_alarm"
        assert at(gateway, "alarm", "acknowledge", said["id"]).returncode == 0
        while not said["acknowledged_by"]:
            said = json.loads(watch.line())
    finally:
        code, error = watch.end(signal.SIGINT)
    assert (code, error) == (130, "")


def test_a_watcher_says_when_nobody_is_there(gateway, tmp_path):
    lost = Watch(str(tmp_path / "nothing.sock")).end()
    assert lost[0] == 5 and "expected it to run" in lost[1]


class Scripted:
    """A gateway's socket that says what it is told to: the frames of one live feed, and then the alarms to whoever asks."""

    def __init__(self, folder, frames, alarms=()):
        self.path = str(folder / "gate.sock")
        self.heard = b""
        self._frames, self._alarms = frames, alarms
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(self.path)
        self._listening.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        feed, _ = self._listening.accept()
        with feed:
            head = feed.recv(4096)
            assert b"Sec-WebSocket-Protocol: firegate.v1" in head
            feed.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + self._frames[0])
            for frame in self._frames[1:]:
                time.sleep(0.05)  # apart, so that they arrive in pieces
                feed.sendall(frame)
            if self._alarms:
                self._answer()
            feed.settimeout(1)
            try:
                while chunk := feed.recv(4096):
                    self.heard += chunk
            except TimeoutError:
                pass

    def _answer(self):
        asked, _ = self._listening.accept()
        with asked:
            assert asked.recv(4096).startswith(b"GET /api/v1/alarms ")
            body = json.dumps({"alarms": list(self._alarms)}).encode()
            asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def join(self):
        self._thread.join(10)
        self._listening.close()


def frame(payload, opcode=1, last=True):
    data = payload.encode() if isinstance(payload, str) else payload
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    return bytes([(0x80 if last else 0) | opcode]) + size + data


def event(alarm):
    return json.dumps({"t": "ev", "seq": 8, "type": "alarm", "data": alarm})


HELLO = frame(json.dumps({"t": "hello", "server_id": "s-1", "seq": 7}))
BYE = frame(json.dumps({"t": "bye", "reason": "shutting_down"}))


def test_frames_may_come_in_any_pieces(tmp_path):
    text = event({"id": "00000000000000aa", "note": "烟" * 300})
    whole = frame(text)
    pieces = [frame(text.encode()[:99], last=False), frame(b"are you there", opcode=9), frame(text.encode()[99:], opcode=0)]
    gate = Scripted(tmp_path, [HELLO, whole[:1], whole[1:3], whole[3:], *pieces, BYE])
    watch = Watch(gate.path, "--json")
    lines = [json.loads(watch.line()), json.loads(watch.line())]
    code, said = watch.end()
    gate.join()
    assert lines[0] == lines[1] == json.loads(text)["data"]
    assert code == 5 and "shutting_down" in said
    assert b'{"t":"resume","server_id":"s-1","seq":7}' in gate.heard and b'"topics":["alarms"]' in gate.heard
    assert b"\x8a\x8d\0\0\0\0are you there" in gate.heard, "a pong, masked"


def test_after_a_gap_all_that_is_live_is_printed(tmp_path):
    gate = Scripted(tmp_path, [HELLO, frame(json.dumps({"t": "gap", "seq": 900}))], [{"id": "00000000000000ab"}])
    watch = Watch(gate.path, "--json")
    assert json.loads(watch.line()) == {"id": "00000000000000ab"}
    code, said = watch.end()
    gate.join()
    assert code == 5 and "passed over" in said


def test_what_a_device_calls_itself_does_not_reach_the_terminal(tmp_path):
    name = "\x1b]0;owned\x07烟感\u009b2J"
    gate = Scripted(tmp_path, [HELLO, frame(event({"id": "00000000000000ac", "device": {"id": "d", "name": name}})), BYE])
    watch = Watch(gate.path)
    line = watch.line()
    watch.end()
    gate.join()
    assert "?]0;owned?烟感?2J" in line


def test_whoever_is_refused_is_told_so(tmp_path):
    path = str(tmp_path / "gate.sock")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        watch = Watch(path)
        asked, _ = listening.accept()
        with asked:
            asked.recv(4096)
            asked.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            code, said = watch.end()
    assert code == 6 and "403" in said
