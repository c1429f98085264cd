"""Floor plans and photos against the real program: what is kept, what is served, what is refused and counted, and that nothing of an
upload ever lies outside the store's folder or in a file of a name that came from outside."""
import contextlib
import hashlib
import json
import os
import socket
import struct
import zlib

import pytest

PLAN = "/api/v1/floors/jinxiu/b1/f3/plan"
DEVICE = "b1-hall-smoke"
PHOTOS = f"/api/v1/devices/{DEVICE}/photos"
SVG = ('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><rect width="600" height="400" fill="#eef"/>'
       '<text x="50" y="100" font-size="40">3层 走廊 Room 301</text></svg>')


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows=None):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes([200, 100, 50]) * width for _ in range(height))) if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def send(gateway, body, kind="image/png", path=PLAN, method="PUT"):
    status, _, data = gateway.exchange(path, body if isinstance(body, bytes) else body.encode(), method, {"Content-Type": kind})
    return status, json.loads(data)


def folder(gateway):
    return os.path.join(gateway.data, "pictures")


def everything(gateway):
    """Every file below the gateway's folder and beside it, but for those that are written all the time."""
    top = os.path.dirname(gateway.data)
    found = {os.path.relpath(os.path.join(path, name), top) for path, _, names in os.walk(top) for name in names}
    return {one for one in found if not one.startswith(("data/firegate.db", "data/inbox", "data/journal", "firegate.log", "mosquitto"))}


def refusals(gateway):
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in gateway.get("/metrics", raw=True).splitlines()
            if line.startswith("firegate_requests_refused_total{") and "picture_" in line}


def journal(gateway, kind):
    with contextlib.closing(gateway.database()) as record:
        return record.execute("SELECT subject, name FROM journal WHERE kind = ?", (kind,)).fetchall()


def test_a_plan_is_drawn_anew_and_survives_a_restart(gateway):
    status, plan = send(gateway, SVG, "image/svg+xml")
    assert status == 201 and (plan["type"], plan["width"], plan["height"], plan["by"]) == ("image/png", 4096, 2730, "王芳"), plan
    gateway.kill()
    gateway.start()
    status, headers, data = gateway.exchange(PLAN)
    assert status == 200 and hashlib.sha256(data).hexdigest() == plan["hash"]
    assert headers["Content-Type"] == "image/png" and headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox" and headers["Cache-Control"] == "private, no-cache"
    status, _, _ = gateway.exchange(PLAN, headers={"If-None-Match": headers["ETag"]})
    assert status == 304
    assert [p["floor"] for p in gateway.get("/api/v1/plans")["plans"]] == ["f3"]
    assert gateway.request(PLAN, method="DELETE")[0] == 204
    assert gateway.request(PLAN)[0] == 404 and gateway.get("/api/v1/plans")["plans"] == []
    assert journal(gateway, "plan_put") == [("floor:jinxiu/b1/f3", "王芳")] == journal(gateway, "plan_dropped")


def test_a_picture_that_nobody_names_goes_with_a_restart(gateway):
    send(gateway, png(30, 20))
    send(gateway, png(60, 20))
    assert len(os.listdir(folder(gateway))) == 2
    gateway.kill()
    gateway.start()
    assert os.listdir(folder(gateway)) == [gateway.get("/api/v1/plans")["plans"][0]["hash"]]


def test_photos_are_evidence(gateway):
    status, photo = send(gateway, png(64, 48), path=PHOTOS, method="POST")
    assert status == 201 and (photo["no"], photo["test"], photo["type"]) == (1, None, "image/jpeg"), photo
    assert send(gateway, png(64, 48), path=PHOTOS + "?test=1", method="POST")[0] == 404
    assert gateway.post(f"/api/v1/devices/{DEVICE}/test", {"minutes": 5})[0] == 200
    status, photo = send(gateway, png(32, 48), path=PHOTOS + "?test=1", method="POST")
    assert status == 201 and (photo["no"], photo["test"]) == (2, 1)
    assert gateway.request(f"{PHOTOS}/2", method="DELETE")[0] == 204
    status, photo = send(gateway, png(16, 16), path=PHOTOS, method="POST")
    assert photo["no"] == 3, "a number is not given twice"
    gateway.kill()
    gateway.start()
    assert [p["no"] for p in gateway.get(PHOTOS)["photos"]] == [1, 3]
    status, headers, data = gateway.exchange(f"{PHOTOS}/1")
    assert status == 200 and headers["Content-Type"] == "image/jpeg" and data[:3] == b"\xff\xd8\xff"
    assert journal(gateway, "photo_added") == [(f"device:{DEVICE}", "王芳")] * 3


HOSTILE = {
    "50,000 × 50,000": (png(50_000, 50_000, b""), "image/png", 422, "picture_too_many_pixels"),
    "bomb": (png(7000, 7000, zlib.compress(b"\0" * (7000 * 21_001), 9)), "image/png", 422, "picture_too_many_pixels"),
    "cut short": (png(100, 100)[:-60], "image/png", 422, "picture_damaged"),
    "empty": (b"", "image/png", 415, "picture_unknown_type"),
    "GIF and JavaScript": (b"GIF89a/*" + png(4, 4), "image/png", 415, "picture_unknown_type"),
    "HTML as SVG": (b"<html><script>1</script></html>", "image/svg+xml", 422, "picture_unsafe_svg"),
    "script": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "image/svg+xml", 422, "picture_unsafe_svg"),
    "handler": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="1"/>', "image/svg+xml", 422, "picture_unsafe_svg"),
    "file": (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "image/svg+xml", 422, "picture_unsafe_svg"),
    "entities": (b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>',
                 "image/svg+xml", 422, "picture_unsafe_svg"),
    "page": (b"<html/>", "text/html", 415, "unsupported_media_type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_uploads_leave_nothing_behind(gateway, name):
    body, kind, wanted, code = HOSTILE[name]
    before = everything(gateway)
    status, problem = send(gateway, body, kind)
    assert (status, problem["code"]) == (wanted, code), problem
    assert problem["detail"] and everything(gateway) == before
    assert gateway.get("/api/v1/plans")["plans"] == []
    if code.startswith("picture_"):
        assert refusals(gateway) == {code: 1}


def test_too_many_bytes_are_not_even_read(gateway):
    with socket.create_connection(("127.0.0.1", gateway.port)) as one:
        one.sendall(f"PUT {PLAN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 8388609\r\n\r\n".encode())
        assert one.recv(64).split(b" ")[1] == b"413"


def test_a_fetching_svg_reaches_nobody(gateway):
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.5)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/x.png"
        for svg in (f'<image href="{url}"/>', f'<style>@import "{url}";</style>', f'<rect style="fill:url({url})"/>'):
            status, problem = send(gateway, f'<svg xmlns="http://www.w3.org/2000/svg">{svg}</svg>', "image/svg+xml")
            assert (status, problem["code"]) == (422, "picture_unsafe_svg")
        with pytest.raises(TimeoutError):
            trap.accept()


@pytest.mark.parametrize("path", ["/api/v1/floors/jinxiu/b1/..%2F..%2Ff3/plan", "/api/v1/floors/jinxiu/%2e%2e/%2e%2e/plan",
                                  "/api/v1/floors/jinxiu/b1/f3%00/plan", "/api/v1/floors/jinxiu/b1/nowhere/plan",
                                  "/api/v1/devices/..%2F..%2Fetc/photos"])
def test_no_name_from_outside_becomes_a_path(gateway, path):
    before = everything(gateway)
    status, _ = send(gateway, png(4, 4), path=path, method="POST" if path.endswith("photos") else "PUT")
    assert status in (400, 404) and everything(gateway) == before


def test_what_a_sender_hid_in_a_picture_is_not_kept(gateway):
    hidden = png(8, 8)[:-12] + chunk(b"tEXt", b"Comment\0<script>alert(1)</script>") + chunk(b"IEND", b"") + b"PK\x03\x04 and more"
    assert send(gateway, hidden)[0] == 201
    _, _, data = gateway.exchange(PLAN)
    assert b"script" not in data and b"PK" not in data
