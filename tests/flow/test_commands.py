"""What people order devices to do, with a real broker and devices that answer, keep silent or cannot: every order ends with its outcome
on the record, and none is ever sent twice."""
import json
import signal
import subprocess
import threading

import pytest
from estate import PERSON, Gateway, copy_config, free_port, native, run_firegate, wait_until
from gb_unit import SYNC_CLOCK, GbUnit, unit_state
from live import LiveClient
from test_door import in_name_of, make_user

UNIT = 0x3E9
PASSWORD = "六号楼的猫很安静"
DEVICES = """id,kind,format,source,address,estate,building
charger,charging_station,native,,charger,jinxiu,b1
relay,relay,native,,relay,jinxiu,b1
juy,charging_station,juy_charger,,864000000000001,jinxiu,b1
unit,user_transmission_unit,gb26875,,0000000003e9,jinxiu,b1
lora,smoke_detector,chirpstack,,24e124136d110099,jinxiu,b1
"""


class Device:
    """The device's end of the native format: keeps what it is told, and answers what `answers` says."""

    def __init__(self, broker, name, answers=None):
        self.broker, self.name, self.answers, self.told = broker, name, answers or {}, []
        command = ["stdbuf", "-oL", "mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-q", "1", "-t", f"fg/v1/jinxiu/{name}/down", "-d"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.listening = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self.listening.wait(20), "the device listens"

    def _read(self):
        for line in self.process.stdout:
            if "SUBACK" in line:
                self.listening.set()
            if not line.startswith("{"):
                continue
            said = json.loads(line)
            self.told.append(said)
            for result in self.answers.get(said["command"], ()):
                self.broker.publish(f"fg/v1/jinxiu/{self.name}/up", {"reply": {"id": said["id"], **result}})

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Site:
    def __init__(self, folder, broker):
        self.broker, self.port, self.devices = broker, free_port(), []
        self.gateway = Gateway(folder, broker, copy_config(folder, devices_csv=DEVICES), settings=(f"gb26875.port={self.port}",))
        self.confirm()

    def confirm(self):
        """As a person does before what is dangerous; a restart forgets it."""
        assert self.gateway.exchange("/api/v1/session:confirm", {"password": PERSON["password"]})[0] == 200

    def device(self, name, **answers):
        """A device that has spoken once: its topic is known then."""
        made = Device(self.broker, name, answers)
        self.devices.append(made)
        self.broker.publish(*native("jinxiu", name, signal_dbm=-60))
        wait_until(lambda: self.gateway.get(f"/api/v1/devices/{name}")["presence"] == "online", 20, "it has been heard")
        return made

    def order(self, device, command, key=None, **more):
        headers = {"Idempotency-Key": key} if key else {}
        status, _, data = self.gateway.exchange(f"/api/v1/devices/{device}/commands",
                                                {"command": command, "reason": "试验", **more}, "POST", headers)
        return status, json.loads(data)

    def accepted(self, device, command, **more):
        status, made = self.order(device, command, **more)
        assert status == 202, made
        return made

    def commands(self, device):
        return self.gateway.get(f"/api/v1/devices/{device}/commands")["commands"]

    def becomes(self, command, state, within=20):
        def now():
            return next(c for c in self.commands(command["device"]) if c["id"] == command["id"])
        return wait_until(lambda: now()["state"] == state and now(), within, f"{command['command']} is {state}: {now()}")


@pytest.fixture
def site(tmp_path, broker):
    made = Site(tmp_path, broker)
    yield made
    for device in made.devices:
        device.stop()
    made.gateway.kill()


def test_a_cut_off_is_answered_and_everybody_knows(site):
    charger = site.device("charger", cut_off=[{"result": "accepted"}, {"result": "done"}])
    live = LiveClient(site.gateway)
    made = site.accepted("charger", "cut_off", port=3)
    done = site.becomes(made, "done")
    assert (done["port"], done["by"], done["reason"]) == (3, "王芳", "试验")
    assert [(t["command"], t["port"], t["id"]) for t in charger.told] == [("cut_off", 3, made["id"])]
    wait_until(lambda: [f for _, f in list(live.frames) if f.get("type") == "command" and f["data"]["state"] == "done"], 10, "the live feed says it")
    lines = {e["kind"]: e for e in site.gateway.get("/api/v1/journal")["entries"] if e["subject"] == "device:charger"}
    assert lines["command"]["name"] == "王芳" and lines["command"]["to"] == "cut_off port 3" and lines["command"]["why"] == "试验"
    assert lines["command_result"]["who"] == "system"
    assert 'firegate_commands_total{command="cut_off",result="done"} 1' in site.gateway.get("/metrics", raw=True)


def test_the_effect_that_is_measured_verifies_it(site):
    site.device("relay")
    made = site.accepted("relay", "switch_off")
    site.becomes(made, "sent")
    site.broker.publish(*native("jinxiu", "relay", switch_on=False))
    assert site.becomes(made, "verified")["why"] == "its readings show it"


def test_a_device_that_cannot_says_why(site):
    site.device("charger", release=[{"result": "failed", "reason": "继电器粘连"}])
    assert site.becomes(site.accepted("charger", "release", port=1), "failed")["why"] == "继电器粘连"


def test_who_does_not_answer_has_timed_out_and_a_late_answer_is_the_truth(site):
    site.device("charger")
    made = site.accepted("charger", "cut_off", port=2)
    site.becomes(made, "sent")
    assert "did not answer" in site.becomes(made, "timed_out", 60)["why"]
    site.broker.publish("fg/v1/jinxiu/charger/up", {"reply": {"id": made["id"], "result": "done"}})
    site.becomes(made, "done")


def test_another_device_cannot_answer_for_it(site):
    site.device("charger")
    made = site.accepted("charger", "cut_off", port=2)
    site.becomes(made, "sent")
    site.broker.publish("fg/v1/jinxiu/relay/up", {"reply": {"id": made["id"], "result": "done"}})
    site.broker.publish("fg/v1/jinxiu/charger/up", {"reply": {"id": made["id"], "result": "accepted"}})
    site.becomes(made, "accepted")


@pytest.mark.parametrize("device, command, more, why", [
    ("juy", "cut_off", {"port": 3}, "order on port 3 is not known"),
    ("juy", "cut_off", {}, "expected 1 to 255"),
    ("lora", "sound", {}, "has no such command"),
    ("relay", "switch_off", {}, "its first message says it"),
    ("unit", "sync_clock", {}, "has not spoken"),
])
def test_what_cannot_be_sent_is_refused_with_the_reason(site, device, command, more, why):
    made = site.accepted(device, command, **more)
    assert made["state"] == "refused" and why in made["why"], made
    assert [c["state"] for c in site.commands(device)] == ["refused"]


def test_orders_that_make_no_sense_are_turned_away(site):
    assert site.order("nobody", "cut_off")[0] == 404
    assert site.order("relay", "explode")[1]["code"] == "bad_input"
    assert site.order("relay", "switch_on", port=-1)[0] == 400


def test_a_restart_in_the_middle_sends_nothing_again(site):
    charger = site.device("charger")
    made = site.accepted("charger", "cut_off", port=5, key="k-1")
    site.becomes(made, "sent")
    wait_until(lambda: charger.told, 10, "the device has it")
    site.gateway.kill(signal.SIGKILL)
    site.gateway.start()
    site.confirm()
    again = site.accepted("charger", "cut_off", port=5, key="k-1")
    assert again["id"] == made["id"]
    assert again["state"] in ("sent", "timed_out")  # as long as the restart took
    assert site.order("charger", "release", port=5, key="k-1")[0] in (400, 422)
    site.broker.publish("fg/v1/jinxiu/charger/up", {"reply": {"id": made["id"], "result": "done"}})
    site.becomes(made, "done")
    assert len(charger.told) == 1


def test_dangerous_ones_take_the_pin_others_do_not(site):
    site.device("charger")
    duty = make_user(site.gateway, "duty", ["duty@jinxiu"], PASSWORD)

    def order(command):
        status, _, data = in_name_of(site.gateway, duty, "/api/v1/devices/charger/commands", {"command": command, "port": 1, "reason": "试验"})
        return status, json.loads(data).get("code")
    assert order("query") == (202, None)
    assert order("cut_off") == (403, "pin_required")
    assert in_name_of(site.gateway, duty, "/api/v1/session:confirm", {"password": PASSWORD})[0] == 200
    assert order("cut_off") == (202, None)
    assert [c["command"] for c in site.commands("charger")] == ["cut_off", "query"]


def test_only_who_may_command_here_does(site):
    site.device("relay")
    elsewhere = make_user(site.gateway, "elsewhere", ["duty@yunqi"])
    viewer = make_user(site.gateway, "viewer", ["viewer@jinxiu"])
    path = "/api/v1/devices/relay/commands"
    body = {"command": "query", "reason": "试验"}
    assert in_name_of(site.gateway, elsewhere, path, body)[0] == 404
    assert in_name_of(site.gateway, elsewhere, path)[0] == 404
    assert in_name_of(site.gateway, viewer, path, body)[0] == 403
    assert in_name_of(site.gateway, viewer, path)[0] == 200
    assert site.commands("relay") == []


def test_a_unit_sets_its_clock_over_its_own_connection(site):
    unit = GbUnit(site.port, UNIT).connect()
    unit.upload(21, unit_state(0x01))
    wait_until(lambda: site.gateway.get("/api/v1/devices/unit")["presence"] == "online", 20, "the unit has been heard")

    def clocks():
        return sum(1 for _, data in list(unit.told) if data[:1] == bytes([SYNC_CLOCK]))
    before = wait_until(clocks, 20, "it was given the time when it connected")
    made = site.accepted("unit", "sync_clock")
    site.becomes(made, "done")
    assert clocks() == before + 1
    site.becomes(site.accepted("unit", "query"), "done")
    unit.cut()
    wait_until(lambda: site.accepted("unit", "sync_clock")["id"] and site.commands("unit")[0]["state"] == "refused", 20, "the link is lost")
    assert "connection" in site.commands("unit")[0]["why"]


def test_the_command_line_does_the_same(site):
    site.device("relay", switch_on=[{"result": "done"}])
    at = ("--socket", f"{site.gateway.data}/firegate.sock")
    made = run_firegate("device", "command", "relay", "switch_on", "--reason", "试验", "--json", *at)
    assert made.returncode == 0, made.stderr
    site.becomes(json.loads(made.stdout), "done")
    listed = run_firegate("device", "commands", "relay", *at)
    assert listed.returncode == 0 and "switch_on" in listed.stdout and "done" in listed.stdout
    assert run_firegate("device", "command", "lora", "sound", "--reason", "试验", *at).returncode == 1
    assert run_firegate("device", "command", "nobody", "query", "--reason", "试验", *at).returncode == 4


def test_the_page_and_the_offers(site):
    site.device("charger", query=[{"result": "done"}])
    for _ in range(3):
        site.becomes(site.accepted("charger", "query"), "done")
    first = site.gateway.get("/api/v1/devices/charger/commands?limit=2")
    rest = site.gateway.get(f"/api/v1/devices/charger/commands?limit=2&cursor={first['next_cursor']}")
    assert len(first["commands"]) == 2 and len(rest["commands"]) == 1 and rest["next_cursor"] is None
    offers = {o["command"]: o for o in site.gateway.get("/api/v1/devices/juy/commands")["offers"]}
    assert offers["cut_off"] == {"command": "cut_off", "needs_port": True, "dangerous": True}
    assert set(offers) == {"cut_off", "stop", "query"}
    assert site.gateway.get("/api/v1/devices/lora/commands")["offers"] == []
