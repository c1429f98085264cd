"""A small MQTT 3.1.1 client for tests: publishes at QoS 1 and counts the acknowledgements, so that a test knows what it may rely on.
Written for the tests alone; it shares no code with the gateway or its simulator."""
import socket
import struct
import time


def _text(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack(">H", len(data)) + data


def _packet(kind, body):
    length, head = len(body), bytearray([kind])
    while True:
        length, low = divmod(length, 128)
        head.append(low | (128 if length else 0))
        if not length:
            return bytes(head) + body


class MqttClient:
    def __init__(self, port, client_id, clean=True, will=None, keep_alive=0):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.next_id = 1
        flags = 0x02 if clean else 0
        body = _text(client_id)
        if will:
            topic, payload = will
            flags |= 0x04 | 0x08 | 0x20  # a will, QoS 1, retained
            body += _text(topic) + _text(payload)
        self.socket.sendall(_packet(0x10, _text("MQTT") + bytes([4, flags]) + struct.pack(">H", keep_alive) + body))
        kind, answer = self._read(10)
        assert kind == 0x20 and answer[1] == 0, f"the broker answers {answer!r} to CONNECT"

    def publish(self, *messages, retain=False, within=20):
        """Sends (topic, payload) pairs in one go and returns when each one is acknowledged."""
        waiting, out = set(), bytearray()
        for topic, payload in messages:
            data = payload if isinstance(payload, bytes) else payload.encode()
            out += _packet(0x33 if retain else 0x32, _text(topic) + struct.pack(">H", self.next_id) + data)
            waiting.add(self.next_id)
            self.next_id = self.next_id % 65535 + 1
        self.socket.sendall(out)
        end = time.monotonic() + within
        while waiting:
            kind, body = self._read(max(0.01, end - time.monotonic()))
            if kind == 0x40:
                waiting.discard(struct.unpack(">H", body[:2])[0])

    def closed(self, within):
        """Whether the broker closes the connection within so many seconds."""
        end = time.monotonic() + within
        try:
            while time.monotonic() < end:
                self._read(max(0.01, end - time.monotonic()))
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return False

    def leave(self):
        self.socket.sendall(b"\xe0\x00")
        self.socket.close()

    def vanish(self):
        """The connection breaks: the broker publishes the will."""
        self.socket.close()

    def _read(self, within):
        self.socket.settimeout(within)
        while True:
            at, length, shift = 1, 0, 0
            while at < len(self.buffer):
                byte = self.buffer[at]
                length |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if byte < 128:
                    if len(self.buffer) < at + length:
                        break
                    kind, body = self.buffer[0], self.buffer[at:at + length]
                    self.buffer = self.buffer[at + length:]
                    return kind, body
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("the broker closed the connection")
            self.buffer += data
