#!/usr/bin/python3
"""Runs a command beside a real broker and a real gateway, whose addresses it gets in the environment (real_gateway.test.ts names the
variables). Restarting and stopping the gateway's process is asked for over HTTP on a port of loopback.
Usage: with_gateway.py COMMAND [ARGUMENT...]"""
import http.server
import os
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))
from estate import PERSON, Broker, Gateway, copy_config  # noqa: E402


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


def main(command):
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(folder)
        try:
            config = copy_config(folder, gateway_yaml="api:\n  posts: [desk-1, desk-2]\n")
            gateway = Gateway(folder, broker, config)
            try:
                control = Control(gateway)
                found = {"FIREGATE_URL": f"http://127.0.0.1:{gateway.port}", "FIREGATE_MQTT_HOST": "127.0.0.1",
                         "FIREGATE_USER": PERSON["user"], "FIREGATE_PASSWORD": PERSON["password"],
                         "FIREGATE_MQTT_PORT": str(broker.port), "FIREGATE_TEST_TOPIC": "fg/v1/jinxiu/b1-f3-smoke-e/up",
                         "FIREGATE_RESTART": control.command("restart"), "FIREGATE_CUT": control.command("cut"),
                         "FIREGATE_JOIN": control.command("join")}
                code = subprocess.run(command, env={**os.environ, **found}, check=False).returncode
                if code:
                    print(gateway.logged()[-3000:], file=sys.stderr)
                return code
            finally:
                gateway.kill()
        finally:
            broker.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
