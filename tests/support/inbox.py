"""Reads the segments of an inbox: an independent check, written from the description of the format in gateway/ingest/segment.h."""
import glob
import os
import struct

SEGMENT = struct.Struct("<8sIIQQQq16x")  # magic, version, crc, salt, ordinal, first, created_at
RECORD = struct.Struct("<IIIHBBQq")      # magic, crc, payload, topic, flags, unused, seq, arrived_at
RECORD_MAGIC = 0x31524746                # "FGR1"


def _table():
    rows = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        rows.append(byte)
    return rows


CRC_ROWS = _table()


def crc32c(start, data):
    crc = ~start & 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_ROWS[(crc ^ byte) & 0xFF]
    return ~crc & 0xFFFFFFFF


def records(folder, check_every=0):
    """(seq, topic, payload) of every record, in order. Every `check_every`-th record's checksum is checked (0: none)."""
    segments = []
    for path in glob.glob(os.path.join(folder, "segment-*.inbox")):
        with open(path, "rb") as stream:
            magic, version, _, salt, ordinal, _, _ = SEGMENT.unpack(stream.read(SEGMENT.size))
        if ordinal:  # 0: a spare, not in use
            assert magic == b"FGINBOX\n" and version == 1, path
            segments.append((ordinal, salt, path))
    count = 0
    for _, salt, path in sorted(segments):
        with open(path, "rb") as stream:
            data = stream.read()
        at = SEGMENT.size
        while at + RECORD.size <= len(data):
            magic, crc, payload, topic, _, _, seq, _ = RECORD.unpack_from(data, at)
            if magic != RECORD_MAGIC:  # the preallocated rest, or what a crash tore
                at += 8
                if data.find(b"FGR1", at) < 0:
                    break
                continue
            begin, end = at + RECORD.size, at + RECORD.size + topic + payload
            count += 1
            if check_every and count % check_every == 0:
                assert crc32c(salt & 0xFFFFFFFF, data[at + 8:end]) == crc, f"record {seq} in {path} does not check"
            yield seq, data[begin:begin + topic], data[begin + topic:end]
            at = (end + 7) & ~7
