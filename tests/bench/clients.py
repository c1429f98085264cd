"""The two ends of a latency measurement: a publisher (MQTT 3.1.1, QoS 1) and a listener of the live feed (WebSocket)."""
import base64
import json
import os
import socket
import struct
import threading
import time


class Publisher:
    """One connection, written by hand so that the time of publishing is the time of the system call."""

    def __init__(self, port, client_id="bench"):
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.packet_id = 0
        self.socket.sendall(self.packet(0x10, self.text("MQTT") + b"\x04\x02\x00\x00" + self.text(client_id)))
        if self.socket.recv(4)[3] != 0:
            raise ConnectionError("the broker refuses the publisher")

    @staticmethod
    def text(value):
        data = value.encode()
        return struct.pack(">H", len(data)) + data

    @staticmethod
    def packet(kind, body):
        length, out = len(body), bytes([kind])
        while True:
            low, length = length & 0x7F, length >> 7
            out += bytes([low | (0x80 if length else 0)])
            if not length:
                return out + body

    def publish(self, topic, payload):
        """Sends, waits for the acknowledgement, and answers when the message was handed to the system."""
        self.packet_id = self.packet_id % 65535 + 1
        packet = self.packet(0x32, self.text(topic) + struct.pack(">H", self.packet_id) + json.dumps(payload).encode())
        at = time.monotonic()
        self.socket.sendall(packet)
        self.socket.recv(4)
        return at

    def close(self):
        self.socket.close()


class LiveListener(threading.Thread):
    """Joins the live feed and notes when the first frame about each device came."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        port, (_, ticket) = gateway.port, gateway.post("/api/v1/session:ticket", {})
        session = "".join(f"{name}: {value}\r\n" for name, value in gateway.session.items())
        self.seen = {}
        self.changed = threading.Condition()
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET /api/v1/live?ticket={ticket['ticket']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                             f"{session}Upgrade: websocket\r\n"
                             f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Protocol: firegate.v1\r\n\r\n").encode())
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline()
        if b" 101 " not in status:
            raise ConnectionError(f"joining the live feed: found {status!r}, expected 101")
        while self.stream.readline().strip():
            pass
        self.send({"t": "resume", "server_id": "", "seq": 0})
        self.socket.settimeout(None)
        self.start()

    def send(self, message):
        data, mask = json.dumps(message).encode(), os.urandom(4)
        masked = bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        self.socket.sendall(struct.pack(">BB", 0x81, 0x80 | len(data)) + mask + masked)

    def run(self):
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                return
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack(">H", self.stream.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.stream.read(8))[0]
            data, at = self.stream.read(size), time.monotonic()
            if head[0] & 0x0F == 1:
                self.note(json.loads(data), at)

    def note(self, frame, at):
        devices = list(subjects_of(frame))
        with self.changed:
            for device in devices:
                self.seen.setdefault(device, at)
            self.changed.notify_all()

    def wait_for(self, device, seconds):
        with self.changed:
            return self.seen.get(device) if self.changed.wait_for(lambda: device in self.seen, seconds) else None

    def close(self):
        self.socket.close()


def subjects_of(node):
    """Every value of a key `subject` within a frame: the device's id where an alarm is about no port of it."""
    if isinstance(node, dict):
        if isinstance(node.get("subject"), str):
            yield node["subject"]
        for value in node.values():
            yield from subjects_of(value)
    elif isinstance(node, list):
        for value in node:
            yield from subjects_of(value)
