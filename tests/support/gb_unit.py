"""A 用户信息传输装置 over TCP, written from GB/T 26875.3-2011 for the tests alone: it shares no code with the gateway. It sends again what
is not confirmed, confirms what it is told, answers what it is asked, and keeps a list of both."""
import datetime
import socket
import struct
import threading
import time

CONTROL, SEND, CONFIRM, REQUEST, ANSWER, REFUSE = range(1, 7)
BEIJING = datetime.timezone(datetime.timedelta(hours=8))


def time_tag(moment=None):
    """Seconds, minutes, hours, day, month, year from 2000 (p. 17)."""
    at = moment or datetime.datetime.now(BEIJING)
    return bytes([at.second, at.minute, at.hour, at.day, at.month, at.year - 2000])


def frame(serial, source, destination, command, data=b"", tag=None):
    """Table 1, p. 4-5: little endian, the checksum over everything between @@ and itself."""
    body = struct.pack("<HBB", serial, 1, 1) + (time_tag() if tag is None else tag)
    body += source.to_bytes(6, "little") + destination.to_bytes(6, "little") + struct.pack("<HB", len(data), command) + data
    return b"@@" + body + bytes([sum(body) & 0xFF]) + b"##"


def frames_in(buffer):
    """(serial, source, destination, command, data) of each whole frame, and the rest."""
    found = []
    while len(buffer) >= 30:
        assert buffer[:2] == b"@@", buffer[:40].hex()
        length = struct.unpack_from("<H", buffer, 24)[0]
        if len(buffer) < 30 + length:
            break
        body, check, end = buffer[2:27 + length], buffer[27 + length], buffer[28 + length:30 + length]
        assert sum(body) & 0xFF == check and end == b"##", buffer[:30 + length].hex()
        found.append((struct.unpack_from("<H", body)[0], int.from_bytes(body[10:16], "little"),
                      int.from_bytes(body[16:22], "little"), body[24], body[25:]))
        buffer = buffer[30 + length:]
    return found, buffer


def text(words, size):
    return words.encode("gb18030")[:size].ljust(size, b"\0")


# The objects of table 3, as a unit sends them: each gives the bytes of one object.

def system_state(status, kind=1, number=1):                                                    # type 1
    return bytes([kind, number]) + struct.pack("<H", status) + time_tag()


def component_state(address, status, component=40, kind=1, number=1, words="三层走廊烟感"):      # type 2
    return bytes([kind, number, component]) + struct.pack("<IH", address, status) + text(words, 31) + time_tag()


def component_value(address, analogue, value, component=91, kind=12, number=1):                # type 3
    return bytes([kind, number, component]) + struct.pack("<IBh", address, analogue, value) + time_tag()


def system_operation(flags, operator=1, kind=1, number=1):                                     # type 4
    return bytes([kind, number, flags, operator]) + time_tag()


def unit_state(status):                                                                        # type 21
    return bytes([status]) + time_tag()


def unit_operation(flags, operator=1):                                                         # type 24
    return bytes([flags, operator]) + time_tag()


# One upload of every type that goes up.
UPLOADS = {
    1: system_state(0x0001), 2: component_state(7, 0x0001), 3: component_value(8, 5, 3521), 4: system_operation(0x20),
    5: bytes([1, 1, 2, 7]), 6: bytes([1, 1, 12]) + text("消防主机一号", 12), 7: bytes([1, 1, 40]) + struct.pack("<I", 7) + text("三层走廊烟感", 31),
    8: bytes([1, 1]) + time_tag(), 21: unit_state(0x01), 24: unit_operation(0x10), 25: bytes([3, 1]), 26: bytes([8]) + text("传输装置", 8),
    28: time_tag(),
}
# What answers a query of the centre (61 to 68, 81 to 88).
ANSWERS = {61: 1, 62: 2, 63: 3, 64: 4, 65: 5, 66: 6, 67: 7, 68: 8, 81: 21, 84: 24, 85: 25, 86: 26, 88: 28}
SYNC_CLOCK, DUTY_CHECK = 90, 91
UNIT_ADDRESS = 0x3E9  # where none is given


class GbUnit:
    def __init__(self, port, address, centre=0x15B38, answers_duty=True):
        self.port, self.address, self.centre, self.answers_duty = port, address, centre, answers_duty
        self.serial = 0
        self.confirmed, self.refused, self.told = [], [], []  # serials; (command, data) of the centre
        self.sends = 0
        self.socket = None
        self.lock = threading.Condition()
        self.reader = None

    # ---- the connection ----

    def connect(self, within=20):
        """Tries until somebody listens."""
        end = time.monotonic() + within
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", self.port), 5)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                threading.Event().wait(0.1)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = threading.Thread(target=self._read, args=(self.socket,), daemon=True)
        self.reader.start()
        return self

    def cut(self):
        """The link breaks: no goodbye in the words of the protocol."""
        if self.socket:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.socket.close()
            self.reader.join(5)

    def _read(self, connection):
        buffer = b""
        while True:
            try:
                more = connection.recv(4096)
            except OSError:
                more = b""
            if not more:
                break
            found, buffer = frames_in(buffer + more)
            for one in found:
                self._take(connection, *one)
        with self.lock:
            self.lock.notify_all()

    def _take(self, connection, serial, source, destination, command, data):
        assert (source, destination) == (self.centre, self.address)
        with self.lock:
            if command == CONFIRM:
                self.confirmed.append(serial)
            elif command == REFUSE:
                self.refused.append(serial)
            else:
                self.told.append((command, data))
            self.lock.notify_all()
        try:
            if command == CONTROL:
                connection.sendall(frame(serial, self.address, self.centre, CONFIRM))
                if data[0] == DUTY_CHECK and self.answers_duty:
                    connection.sendall(self.next_frame(24, unit_operation(0x20, operator=3)))
            elif command == REQUEST:
                kind = ANSWERS[data[0]]
                connection.sendall(frame(serial, self.address, self.centre, ANSWER, bytes([kind, 1]) + UPLOADS[kind]))
        except OSError:
            pass  # it went meanwhile

    # ---- what it sends ----

    def next_frame(self, kind, *objects, command=SEND):
        with self.lock:
            serial = self.serial
            self.serial = (serial + 1) & 0x7FFF
        return frame(serial, self.address, self.centre, command, bytes([kind, len(objects)]) + b"".join(objects))

    def keep_alive(self):
        self.raw(frame(0, self.address, self.centre, SEND))

    def raw(self, data):
        self.socket.sendall(data)

    def again(self, data):
        """Once more, if the link still holds."""
        try:
            self.raw(data)
        except OSError:
            pass

    def deliver(self, data, sends=3, within=10.0):
        """Sends a frame until it is confirmed, over a new connection where the old one has gone. The standard: 10 s, three times."""
        serial = struct.unpack_from("<H", data, 2)[0]
        with self.lock:
            before = self.confirmed.count(serial)
        for _ in range(sends):
            self.sends += 1
            try:
                self.raw(data)
            except OSError:
                self.cut()
                self.connect(60)
                continue
            if self.waits_for(lambda: self.confirmed.count(serial) > before, within):
                return True
        return False

    def waits_for(self, check, within):
        """Also ends, without it, when the connection does."""
        end = time.monotonic() + within
        with self.lock:
            while not check():
                left = end - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    return check()
                self.lock.wait(min(left, 0.2))
        return True

    def upload(self, kind, *objects, **how):
        assert self.deliver(self.next_frame(kind, *objects), **how), f"type {kind} is not confirmed"


def live(port, address):
    """A unit with a panel and a detector that stays connected: states at first, then a keep-alive every 20 s, over a new connection where
    the old one has gone."""
    unit = GbUnit(port, address).connect(within=3600)
    unit.deliver(unit.next_frame(21, unit_state(0x01)))
    unit.deliver(unit.next_frame(1, system_state(0x0001)))
    unit.deliver(unit.next_frame(2, component_state(7, 0x0001)))
    while True:
        threading.Event().wait(20)
        try:
            unit.keep_alive()
        except OSError:
            unit.cut()
            unit.connect(within=3600)


if __name__ == "__main__":
    import argparse
    arguments = argparse.ArgumentParser(description="A unit of GB/T 26875.3 that connects to a gateway on this machine and lives")
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--address", type=lambda digits: int(digits, 16), default=UNIT_ADDRESS, help="hexadecimal (default: %(default)x)")
    wanted = arguments.parse_args()
    try:
        live(wanted.port, wanted.address)
    except KeyboardInterrupt:
        pass
