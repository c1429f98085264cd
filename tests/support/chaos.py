"""A TCP relay on loopback that does to the bytes what bad networks do. It stands between a gateway and its broker: give the gateway
the relay in the broker's place. Everything may change while connections stand."""
import asyncio
import threading

from estate import free_port


class ChaosProxy:
    """Relays `port` (of whoever has one: a broker) through a port of its own."""

    def __init__(self, target):
        self.port = free_port()
        self.delay = 0.0          # seconds that every piece takes longer, in order
        self.bytes_a_second = 0   # in each direction; 0: as fast as it goes
        self.pieces_of = 0        # bytes a piece, so that no packet comes whole; 0: as they come
        self.flips = 0            # so many of the next pieces to the client get one wrong bit
        self.connections = 0      # accepted so far
        self._target = target
        self._pairs = []          # (writer, writer, the event that lets it live)
        self._parted = False
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", self.port))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def part(self):
        """Nothing goes through any more and nobody is told: what stands is dead for good, what comes anew gets no answer."""
        self._call(self._part)

    def heal(self):
        """What comes from now on is relayed. What stood before stays dead: its ends have to notice for themselves."""
        self._call(self._heal)

    def reset(self):
        """Every connection ends at once, as by RST."""
        self._call(self._reset)

    def close(self):
        self._call(self._reset)
        self._call(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _call(self, what):
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (what(), done.set()))
        assert done.wait(10), "the relay does not answer"

    def _part(self):
        self._parted = True
        for _, _, lives in self._pairs:
            lives.clear()

    def _heal(self):
        self._parted = False

    def _reset(self):
        for near, far, _ in self._pairs:
            near.transport.abort()
            far.transport.abort()
        self._pairs.clear()

    async def _accept(self, reader, near):
        self.connections += 1
        lives = asyncio.Event()
        if not self._parted:
            lives.set()
        try:
            back, far = await asyncio.open_connection("127.0.0.1", self._target.port)
        except OSError:
            near.transport.abort()
            return
        self._pairs.append((near, far, lives))
        await asyncio.gather(self._pump(reader, far, lives, False), self._pump(back, near, lives, True))

    async def _pump(self, reader, writer, lives, to_client):
        try:
            while data := await reader.read(16384):
                for piece in self._pieces(data):
                    await lives.wait()
                    if wait := self.delay + (len(piece) / self.bytes_a_second if self.bytes_a_second else 0):
                        await asyncio.sleep(wait)
                    writer.write(self._harmed(piece) if to_client else piece)
                    await writer.drain()
            await lives.wait()
            writer.close()
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()

    def _pieces(self, data):
        size = self.pieces_of or min(len(data), max(1, self.bytes_a_second // 10) if self.bytes_a_second else len(data))
        return [data[at:at + size] for at in range(0, len(data), size)]

    def _harmed(self, piece):
        if self.flips <= 0:
            return piece
        self.flips -= 1
        at = len(piece) // 2
        return piece[:at] + bytes([piece[at] ^ 0x10]) + piece[at + 1:]
