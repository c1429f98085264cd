"""An installer's afternoon against the real program and a real broker: tray, adopt, replace, ignore, test, tables."""
import json
import signal
import time
import urllib.parse

import pytest
from estate import native, run_firegate, wait_until

NEW = "basement-77"
PLACE = {"estate": "jinxiu", "building": "b1"}


def tray(gateway, ignored=False):
    return {d["address"]: d for d in gateway.get(f"/api/v1/unmapped?ignored={str(ignored).lower()}")["devices"]}


def say(broker, device=NEW, **readings):
    topic, payload = native("jinxiu", device, **readings)
    broker.publish(topic, json.dumps(payload))


def seen(broker, gateway, device=NEW, **readings):
    say(broker, device, **(readings or {"smoke": False, "battery_pct": 90}))
    return wait_until(lambda: tray(gateway).get(device), 5, f"{device} is in the tray")


def post(gateway, path, body):
    return gateway.post(path, body)


def change(gateway, one, revision, **fields):
    status, _, data = gateway.exchange(f"/api/v1/devices/{one}", fields, "PATCH", {"If-Match": f'"{revision}"'})
    return status, json.loads(data)


def adopt(gateway, entry, **more):
    status, answer = post(gateway, f"/api/v1/unmapped/{entry['key']}:adopt", {"kind": "smoke_detector", **PLACE, **more})
    assert status == 201, answer
    return answer


def device(gateway, one):
    return gateway.get(f"/api/v1/devices/{one}")


def devices_csv(rows):
    return "id,kind,format,source,address,estate,building,name\n" + "".join(rows)


def send_table(gateway, csv, dry=False):
    path = f"/api/v1/devices:import?dry_run={str(dry).lower()}"
    status, _, data = gateway.exchange(path, csv.encode(), "POST", {"Content-Type": "text/csv"})
    return status, json.loads(data)


def test_a_device_that_speaks_is_adopted(broker, gateway):
    entry = seen(broker, gateway)
    assert entry["suggestion"]["kind"] == "smoke_detector" and entry["battery_pct"] == 90
    made = adopt(gateway, entry, name="1-B1-烟感1")
    assert made["id"] == NEW and made["mapped"] and made["adopted_at"]
    assert NEW not in tray(gateway)
    say(broker, smoke=True)
    alarm = gateway.wait_alarm(5, subject=NEW)
    assert alarm["confirmation"] == "single" and alarm["class"] == "fire_alarm"


def test_an_answered_adoption_survives_a_kill(broker, gateway):
    adopt(gateway, seen(broker, gateway))
    gateway.kill(signal.SIGKILL)
    gateway.start()
    assert device(gateway, NEW)["mapped"]
    assert [c["what"] for c in gateway.get(f"/api/v1/devices/{NEW}/changes")["changes"]] == ["adopted"]


def test_a_replacement_keeps_place_and_history(broker, gateway):
    before = adopt(gateway, seen(broker, gateway))
    fresh = seen(broker, gateway, "basement-78")
    status, after = post(gateway, f"/api/v1/devices/{NEW}/replace", {"key": fresh["key"], "reason": "电池失效"})
    assert status == 200, after
    assert after["address"] == "basement-78" and after["place"] == before["place"] and after["name"] == before["name"]
    say(broker, "basement-78", smoke=True)
    assert gateway.wait_alarm(5, subject=NEW)
    seen(broker, gateway, NEW)  # the old one is nobody's now
    assert [c["what"] for c in gateway.get(f"/api/v1/devices/{NEW}/changes")["changes"]] == ["replaced", "adopted"]


def test_what_is_ignored_stays_so_and_still_cries_fire(broker, gateway):
    entry = seen(broker, gateway)
    assert post(gateway, f"/api/v1/unmapped/{entry['key']}:ignore", {"reason": "邻居"})[0] == 200
    assert NEW not in tray(gateway)
    gateway.kill(signal.SIGKILL)
    gateway.start()
    assert tray(gateway, ignored=True)[NEW]["ignored"]["reason"] == "邻居"
    say(broker, smoke=True)
    assert gateway.wait_alarm(5, subject=f"?native/{NEW}")["confirmation"] == "unverified"
    assert NEW not in tray(gateway)


def test_a_disablement_ends_by_itself(broker, gateway):
    adopt(gateway, seen(broker, gateway))
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
    assert post(gateway, f"/api/v1/devices/{NEW}/disable", {"reason": "刷漆", "until": until})[0] == 200
    say(broker, smoke=True)
    alarm = gateway.wait_alarm(5, subject=NEW)
    assert alarm["overlays"] == ["out_of_service"]
    wait_until(lambda: device(gateway, NEW)["disabled_until"] is None, 15, "the disablement is over")
    wait_until(lambda: gateway.wait_alarm(5, subject=NEW)["overlays"] == [], 15, "the alarm is told")


def test_a_walk_test_and_what_is_true_at_its_end(broker, gateway):
    adopt(gateway, seen(broker, gateway))
    assert post(gateway, f"/api/v1/devices/{NEW}/test", {"minutes": 5})[0] == 200
    began = time.monotonic()
    say(broker, smoke=True)
    record = wait_until(lambda: (t := gateway.get(f"/api/v1/devices/{NEW}/tests")["tests"]) and t[0]["passed"] and t[0], 10, "the record")
    print(f"record after {time.monotonic() - began:.2f} s")
    assert "smoke" in record["payload"] and record["message_at"]
    assert gateway.wait_alarm(5, subject=NEW)["class"] == "test"
    assert post(gateway, f"/api/v1/devices/{NEW}/end_test", {})[0] == 200
    alarm = wait_until(lambda: (a := gateway.wait_alarm(5, subject=NEW))["class"] == "fire_alarm" and a, 5, "the real alarm")
    assert alarm["state"] == "unacknowledged"
    assert device(gateway, NEW)["last_test"]["passed"]
    tests = gateway.get("/api/v1/tests?state=passed")
    assert [t["device"] for t in tests["devices"]] == [NEW] and tests["tested"] == 1


def test_a_conflict_is_said(broker, gateway):
    adopt(gateway, seen(broker, gateway))
    assert change(gateway, NEW, 1, name="x")[0] == 200
    status, answer = change(gateway, NEW, 1, name="y")
    assert status == 412 and answer["code"] == "precondition_failed"


@pytest.mark.parametrize("count", [10_000])
def test_a_large_table(broker, gateway, count):
    rows = [f"imp-{i},smoke_detector,native,,imp-{i},jinxiu,b1,烟感{i}\n" for i in range(count)]
    began = time.monotonic()
    status, report = send_table(gateway, devices_csv(rows))
    print(f"{count} rows in {time.monotonic() - began:.2f} s")
    assert status == 200, report
    assert report["added"] == count and report["removed"] == 0
    assert gateway.get("/api/v1/devices?q=imp-9999")["total"] == 1
    status, undone = post(gateway, f"/api/v1/imports/{report['import']}:undo", {})
    assert status == 200 and undone["removed"] == count
    assert gateway.get("/api/v1/devices?q=imp-9999")["total"] == 0


def test_two_hundred_mistakes_are_each_named(gateway):
    wrong = {"id": "bad id", "kind": "smok", "format": "nothing", "building": "b99"}
    rows, expected = [], []
    for i in range(200):
        column = list(wrong)[i % len(wrong)]
        cells = {"id": f"m-{i}", "kind": "smoke_detector", "format": "native", "source": "", "address": f"m-{i}", "estate": "jinxiu",
                 "building": "b1", "name": "x"}
        cells[column] = f"{wrong[column]} {i}" if column == "id" else wrong[column]
        rows.append(",".join(cells.values()) + "\n")
        expected.append((i + 2, column))
    total = gateway.get("/api/v1/devices")["total"]
    status, answer = send_table(gateway, devices_csv(rows))
    assert status == 422
    assert [(p["row"], p["column"]) for p in answer["problems"]] == expected
    assert gateway.get("/api/v1/devices")["total"] == total


def test_an_export_comes_back_unchanged(gateway):
    csv = gateway.get("/api/v1/devices.csv", raw=True)
    total = gateway.get("/api/v1/devices")["total"]
    status, report = send_table(gateway, csv)
    assert status == 200 and report["unchanged"] == total and report["import"] is None


@pytest.mark.parametrize("hostile", ["#", "+", "../../etc", "a b", "x%2fy", "<script>"])
def test_hostile_addresses_get_harmless_ids(broker, gateway, hostile):
    rows = [f'"{hostile}",smoke_detector,native,,h,jinxiu,b1,x\n']
    assert send_table(gateway, devices_csv(rows))[0] == 422
    key = urllib.parse.quote(hostile, safe="")
    assert post(gateway, f"/api/v1/unmapped/{key}:adopt", {"kind": "relay", **PLACE})[0] in (400, 404)


def test_the_command_line_does_the_same(broker, gateway, tmp_path):
    socket = gateway.data + "/firegate.sock" if isinstance(gateway.data, str) else gateway.data / "firegate.sock"

    def run(*words):
        return run_firegate("device", *words, "--socket", socket)

    key = seen(broker, gateway)["key"]
    assert key in run("tray").stdout
    wrong = run("adopt", key, "--kind", "smoke_detector", "--estate", "jinxiu", "--building", "b77")
    assert wrong.returncode == 1 and "b1" in wrong.stderr
    made = run("adopt", key, "--kind", "smoke_detector", "--estate", "jinxiu", "--building", "b1", "--name", "烟感")
    assert made.returncode == 0 and made.stdout.strip() == NEW, made.stderr
    assert run("move", NEW, "--estate", "jinxiu", "--building", "b1", "--floor", "f1").returncode == 0
    assert run("test", NEW, "--minutes", "1").returncode == 0
    assert run("end-test", NEW).returncode == 0
    assert run("enable", NEW).returncode == 1
    whats = [json.loads(line)["what"] for line in run("changes", NEW, "--json").stdout.splitlines()]
    assert whats == ["tested", "changed", "adopted"]
    table = tmp_path / "devices.csv"
    table.write_text(run("export").stdout, encoding="utf-8")
    assert "unchanged" in run("import", table, "--dry-run").stdout
    table.write_text("id,kind,format,address,estate,building\nx,smoke,native,x,jinxiu,b1\n", encoding="utf-8")
    refused = run("import", table)
    assert refused.returncode == 1 and "row 2, column kind" in refused.stderr
    assert run("remove", NEW, "--reason", "拆除").returncode == 0
    assert run("show", NEW).returncode == 4
