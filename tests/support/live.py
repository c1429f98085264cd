"""A console's end of the live feed: a WebSocket that collects every frame with the moment it came."""
import asyncio
import json
import threading
import time

import websockets

from estate import wait_until


class LiveClient:
    def __init__(self, gateway, server_id="", seq=0, post="desk-1"):
        self.frames = []  # (time.monotonic(), frame)
        self._hello = [{"t": "resume", "server_id": server_id, "seq": seq},
                       {"t": "console", "post": post, "visible": True, "audio": "running", "build": "test"}]
        self._gateway = gateway
        self._loop = asyncio.new_event_loop()
        self._socket = None
        self.failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_until(lambda: self.failure or self.server_id, 10, "the live feed says hello")
        assert not self.failure, self.failure

    def _run(self):
        try:
            self._loop.run_until_complete(self._listen())
        except Exception as error:  # what a test asks about: the feed has ended
            self.failure = error

    async def _listen(self):
        _, ticket = self._gateway.post("/api/v1/session:ticket", {})
        async with self._connect("/api/v1/live?ticket=" + ticket["ticket"]) as made:
            assert made.subprotocol == "firegate.v1"
            self._socket = made
            for frame in self._hello:
                await made.send(json.dumps(frame))
            async for text in made:
                self.frames.append((time.monotonic(), json.loads(text)))

    def _connect(self, path):
        return websockets.connect(f"ws://127.0.0.1:{self._gateway.port}{path}", subprotocols=["firegate.v1"], max_size=None,
                                  extra_headers=self._gateway.session)

    def _first(self, kind):
        return next((frame for _, frame in list(self.frames) if frame["t"] == kind), None)

    @property
    def server_id(self):
        hello = self._first("hello")
        return hello["server_id"] if hello else None

    @property
    def seq(self):
        """The last event that this client has been sent."""
        return max((frame["seq"] for _, frame in list(self.frames) if frame["t"] in ("hello", "hb", "ev", "gap")), default=0)

    def said(self, kind):
        return [frame for _, frame in list(self.frames) if frame["t"] == kind]

    def alarms(self, **wanted):
        """(moment, alarm) of the alarm events whose fields equal what is wanted."""
        return [(at, frame["data"]) for at, frame in list(self.frames)
                if frame["t"] == "ev" and frame["type"] == "alarm" and all(frame["data"][k] == v for k, v in wanted.items())]

    def wait_alarm(self, within, **wanted):
        return wait_until(lambda: self.alarms(**wanted), within, f"an alarm event with {wanted}")[0]

    def cut(self):
        """The link breaks without a word."""
        transport = self._socket.transport
        self._loop.call_soon_threadsafe(transport.abort)
        self._thread.join(10)

    close = cut
