"""The machine gives the process too little: F31 and F33 of the list; and what asks it for its state does not take its time: F44."""
import os
import socket
import subprocess
import sys

import pytest
from estate import wait_until
from fault_site import limit_descriptors
from injection import Injection


def hold_sockets(port, count, ask=b""):
    held = []
    for _ in range(count):
        made = socket.create_connection(("127.0.0.1", port), 5)
        if ask:
            made.sendall(ask)
        held.append(made)
    return held


@pytest.mark.quick
def test_without_descriptors_an_open_board_sees_the_fire_and_all_comes_right_afterwards(site):
    """F31: two hundred strangers hold every descriptor that is left."""
    site.fire(1)
    site.settle()
    before = limit_descriptors(site.gateway.process, len(os.listdir(f"/proc/{site.gateway.process.pid}/fd")) + 8)
    held = hold_sockets(site.gateway.port, 200)
    try:
        wait_until(lambda: "event=accept_failed" in site.gateway.logged(), 10, "no connection is accepted any more")
        site.fire(1)
        site.fire(1)
    finally:
        for each in held:
            each.close()
        limit_descriptors(site.gateway.process, before[0])
    wait_until(site.gateway.ready, 20, "it is ready")
    site.fire(1)
    site.settle(75)
    site.check()


def test_two_busy_processors_delay_no_fire(site):
    """F33"""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 2))]
    try:
        for _ in range(50):
            site.fire(3)
    finally:
        for process in busy:
            process.kill()
            process.wait(10)
    site.check()


@pytest.mark.quick
def test_who_asks_for_metrics_and_does_not_read_delays_no_fire(site):
    """F44"""
    ask = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % site.gateway.port
    held = hold_sockets(site.gateway.port, 90, ask * 20)
    try:
        for _ in range(3):
            site.fire(1)
    finally:
        for each in held:
            each.close()
    site.check()


def test_loops_that_stand_still_are_named_and_go_on(site):
    """F32: whoever waits for another thread waits for half a minute. The service's watchdog is fed only while every loop goes round."""
    with Injection(site.gateway.process, "futex", "delay_exit=30000000"):
        site.ledger.publish("fault-0299", True)
        wait_until(lambda: b"loops" in site.gateway.request("/readyz")[1], 60, "readyz names what stands still")
    wait_until(site.gateway.ready, 60, "it is ready again")
    site.gateway.wait_alarm(5, subject="fault-0299")
