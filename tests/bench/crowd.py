#!/usr/bin/python3
"""How much a crowd on the live feed slows the news: 200 fires, from publish to one healthy client, alone and then beside 500 idle
and 50 slow clients (who take nothing). Prints both 95th percentiles and their ratio; the bound is 1.5.
Usage: tests/bench/crowd.py [--json FILE]"""
import argparse
import asyncio
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time

import websockets

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from clients import LiveListener, Publisher  # noqa: E402
from estate import PERSON, Broker, Gateway  # noqa: E402

ALARMS, IDLE, SLOW, PAUSE = 200, 500, 50, 0.05
PIN = "274916"


def token_of(gateway):
    """A bearer token that may look everywhere: a crowd needs no tickets."""
    for path, body, method in (("/api/v1/session:confirm", {"password": PERSON["password"]}, "POST"),
                               ("/api/v1/account/pin", {"password": PERSON["password"], "pin": PIN}, "PUT"),
                               ("/api/v1/session:confirm", {"pin": PIN}, "POST")):
        status, data = gateway.request(path, body, method)
        assert status in (200, 204), data
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    status, made = gateway.post("/api/v1/tokens", {"name": "crowd", "grants": [{"role": "viewer", "estate": "*"}], "ends_at": ends})
    assert status == 201, made
    return made["secret"]


async def idle_crowd(port, token, count, ready, stop):
    async def one():
        async with websockets.connect(f"ws://127.0.0.1:{port}/api/v1/live", subprotocols=["firegate.v1"], max_size=None,
                                      extra_headers={"Authorization": f"Bearer {token}"}) as feed:
            await feed.send(json.dumps({"t": "resume", "server_id": "", "seq": 0}))
            await feed.recv()
            joined.append(1)
            async for _ in feed:
                pass

    joined = []
    tasks = [asyncio.create_task(one()) for _ in range(count)]
    while len(joined) < count:
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.05)
    ready.set()
    while not stop.is_set():
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()


def run_idle_crowd(*arguments):
    asyncio.run(idle_crowd(*arguments))


def slow_client(port, token):
    """Joins the feed with a small window and reads nothing more than the upgrade."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.settimeout(10)
    made.connect(("127.0.0.1", port))
    made.sendall((f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Protocol: firegate.v1\r\n\r\n").encode())
    assert b" 101 " in made.recv(64)
    resume = json.dumps({"t": "resume", "server_id": "", "seq": 0}).encode()
    mask = b"\0\0\0\0"
    made.sendall(bytes([0x81, 0x80 | len(resume)]) + mask + resume)
    return made


def latencies(gateway, broker, name):
    listener, publisher = LiveListener(gateway), Publisher(broker.port, client_id=name)
    took = []
    try:
        for number in range(ALARMS):
            device = f"{name}-{number:03}"
            at = publisher.publish(f"fg/v1/jinxiu/{device}/up", {"readings": {"smoke": True}})
            seen = listener.wait_for(f"?native/{device}", 10)
            assert seen, f"the fire of {device} did not come within 10 s"
            took.append((seen - at) * 1000)
            time.sleep(PAUSE)
    finally:
        publisher.close()
        listener.close()
    return took


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


def measure(folder):
    broker = Broker(folder)
    gateway = Gateway(folder, broker)
    slow, ready, stop = [], multiprocessing.Event(), multiprocessing.Event()
    crowd = None
    try:
        token = token_of(gateway)
        latencies(gateway, broker, "warm")
        alone = latencies(gateway, broker, "alone")
        crowd = multiprocessing.Process(target=run_idle_crowd, args=(gateway.port, token, IDLE, ready, stop))
        crowd.start()
        assert ready.wait(60), "the idle clients did not all join within 60 s"
        slow = [slow_client(gateway.port, token) for _ in range(SLOW)]
        beside = latencies(gateway, broker, "crowd")
        return alone, beside
    finally:
        stop.set()
        if crowd:
            crowd.join(10)
        for one in slow:
            one.close()
        gateway.kill()
        broker.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", help="write the figures there too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        alone, beside = measure(folder)
    result = {"alone_p50_ms": statistics.median(alone), "alone_p95_ms": p95(alone), "crowd_p50_ms": statistics.median(beside),
              "crowd_p95_ms": p95(beside), "ratio_p95": p95(beside) / p95(alone), "bound": 1.5}
    print("\n".join(f"{name:>14} {value:8.2f}" for name, value in result.items()))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=2)


if __name__ == "__main__":
    main()
