#!/usr/bin/python3
"""How much a crowd on the live feed slows the news: fires, from publish to one healthy client, alone and then beside 500 idle and
50 slow clients (who take nothing), in pairs. Prints both 95th percentiles and the median of the pairs' ratios; the bound is 1.5.
Usage: tests/bench/crowd.py [--pairs N] [--json FILE]"""
import argparse
import contextlib
import json
import multiprocessing
import os
import selectors
import socket
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from clients import LiveListener, Publisher  # noqa: E402
from estate import PERSON, Broker, Gateway  # noqa: E402

FIRES, IDLE, SLOW, PAUSE = 100, 500, 50, 0.05
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


def join(port, token, window=0):
    """A client that has joined the feed; `window`: of its receive buffer, in bytes."""
    made = socket.socket()
    if window:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
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


def run_idle_crowd(port, token, count, ready, stop):
    """Takes what comes and looks at none of it, and only when nobody else wants the processor: the crowd stands for other machines,
    and must not take the one that the gateway and the healthy client are measured on. It is gone before the gateway pings anybody
    (30 s)."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    with selectors.DefaultSelector() as crowd:
        for _ in range(count):
            crowd.register(join(port, token), selectors.EVENT_READ)
        ready.set()
        space = bytearray(1 << 16)
        while not stop.is_set():
            for key, _ in crowd.select(0.05):
                assert key.fileobj.recv_into(space), "the gateway has cut off an idle client"


def latencies(gateway, broker, name):
    listener, publisher = LiveListener(gateway), Publisher(broker.port, client_id=name)
    took = []
    try:
        for number in range(FIRES):
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


@contextlib.contextmanager
def crowd_of(gateway, token):
    ready, stop = multiprocessing.Event(), multiprocessing.Event()
    idle = multiprocessing.Process(target=run_idle_crowd, args=(gateway.port, token, IDLE, ready, stop))
    idle.start()
    slow = []
    try:
        assert ready.wait(60), "the idle clients did not all join within 60 s"
        slow += [join(gateway.port, token, window=4096) for _ in range(SLOW)]
        yield
    finally:
        stop.set()
        idle.join(10)
        for one in slow:
            one.close()
    assert idle.exitcode == 0, "the idle crowd did not last"


def p95(values):
    return statistics.quantiles(values, n=20)[-1]


def measure(pairs):
    """The latencies alone and beside the crowd, a pair a round: what else the machine does falls on both."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(folder)
        gateway = Gateway(folder, broker)
        try:
            token = token_of(gateway)
            latencies(gateway, broker, "warm")
            for number in range(pairs):
                alone = latencies(gateway, broker, f"alone-{number}")
                with crowd_of(gateway, token):
                    beside = latencies(gateway, broker, f"crowd-{number}")
                yield alone, beside
        finally:
            gateway.kill()
            broker.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--json", help="write the figures there too")
    options = parser.parse_args()
    rounds = list(measure(options.pairs))
    ratios = sorted(p95(beside) / p95(alone) for alone, beside in rounds)
    alone, beside = ([value for one in side for value in one] for side in zip(*rounds))
    result = {"alone_p50_ms": statistics.median(alone), "alone_p95_ms": p95(alone), "crowd_p50_ms": statistics.median(beside),
              "crowd_p95_ms": p95(beside), "ratio_p50": statistics.median(beside) / statistics.median(alone),
              "ratio_p95": statistics.median(ratios), "lowest": ratios[0], "highest": ratios[-1], "bound": 1.5}
    print("\n".join(f"{name:>14} {value:8.2f}" for name, value in result.items()))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=2)


if __name__ == "__main__":
    main()
