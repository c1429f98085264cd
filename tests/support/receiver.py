"""The far end of a webhook: an HTTP server on a free port of loopback that keeps every request."""
import http.server
import json
import threading
import time


class Receiver:
    """Answers what `answers` says next (200 when it is empty), each answer after `delay` seconds; `port` takes a given port."""

    def __init__(self, port=0):
        self.requests, self.answers = [], []
        self._events = []
        self.delay = 0
        self._gone = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((time.monotonic(), dict(self.headers), body))
                receiver._events.append((dict(self.headers), json.loads(body)))
                receiver._gone.wait(receiver.delay)
                try:
                    self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:  # whoever asked is gone
                    self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server.server_address[1]

    def events(self, kind):
        """(headers, event) of the notices of a kind."""
        return [(headers, event) for headers, event in self.all() if event["type"] == f"firegate.alarm.{kind}"]

    def all(self):
        return list(self._events)

    def close(self):
        self._gone.set()
        self.server.shutdown()
        self.server.server_close()
