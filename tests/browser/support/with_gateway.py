#!/usr/bin/python3
"""Runs a command beside a real broker and a real gateway, whose addresses it gets in the environment (real.ts names the variables).
Beside plain HTTP it answers by HTTPS, with a certificate of `firegate tls init`. Its last devices have hostile names (hostile.json).
Restarting and stopping the gateway's process is asked for over HTTP on a port of loopback.
Usage: with_gateway.py COMMAND [ARGUMENT...]"""
import csv
import http.server
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from estate import PERSON, Broker, Gateway, copy_config, free_port, run_firegate  # noqa: E402

NAME = "gate.local"  # not loopback to a browser, which trusts loopback without a certificate


class Control(http.server.ThreadingHTTPServer):
    """GET /restart, /cut and /join; answered when it is done."""

    def __init__(self, gateway):
        acts = {"/restart": lambda: (gateway.kill(), gateway.start()),
                "/cut": lambda: gateway.process.send_signal(signal.SIGSTOP),
                "/join": lambda: gateway.process.send_signal(signal.SIGCONT)}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                acts[self.path]()
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def command(self, act):
        return f"curl -sf -m 50 http://127.0.0.1:{self.server_address[1]}/{act}"


def hostile_devices(config):
    """A smoke detector for each hostile name that may stand in a file: a line without control characters."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "hostile.json"), encoding="utf-8") as stream:
        names = [text for text in json.load(stream) if len(text.encode()) <= 256 and "Cc" not in map(unicodedata.category, text)]
    with open(os.path.join(config, "devices.csv"), "a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [f"hostile-{n}", "smoke_detector", "native", "", "generic", f"hostile-{n}", "jinxiu", "b1", "f1", "b1-hall", "entrance", name, name]
            for n, name in enumerate(names))


def with_https(folder, broker, config):
    """A gateway that answers by HTTPS, too; the address and the authority."""
    made = run_firegate("tls", "init", "--data", os.path.join(folder, "data"), "--name", NAME)
    if made.returncode:
        raise SystemExit(made.stderr)
    port = free_port()
    gateway = Gateway(folder, broker, config, settings=["api.https.address=127.0.0.1", f"api.https.port={port}"])
    return gateway, {"FIREGATE_HTTPS_URL": f"https://{NAME}:{port}", "FIREGATE_CA": os.path.join(gateway.data, "tls", "ca.pem")}


def run_beside(command, gateway, broker, more):
    control = Control(gateway)
    found = {"FIREGATE_URL": f"http://127.0.0.1:{gateway.port}", "FIREGATE_MQTT_HOST": "127.0.0.1",
             "FIREGATE_USER": PERSON["user"], "FIREGATE_PASSWORD": PERSON["password"],
             "FIREGATE_MQTT_PORT": str(broker.port), "FIREGATE_TEST_TOPIC": "fg/v1/jinxiu/b1-f3-smoke-e/up",
             "FIREGATE_RESTART": control.command("restart"), "FIREGATE_CUT": control.command("cut"),
             "FIREGATE_JOIN": control.command("join"), **more}
    code = subprocess.run(command, env={**os.environ, **found}, check=False).returncode
    if code:
        print(gateway.logged()[-3000:], file=sys.stderr)
    return code


def main(command):
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(folder)
        try:
            config = copy_config(folder, gateway_yaml="api:\n  posts: [desk-1, desk-2]\n")
            hostile_devices(config)
            gateway, https = with_https(folder, broker, config)
            try:
                return run_beside(command, gateway, broker, https)
            finally:
                gateway.kill()
        finally:
            broker.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
