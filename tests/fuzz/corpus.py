#!/usr/bin/python3
"""Makes the corpus and a dictionary of each fuzz target from what the tree has: vectors of drivers, configurations,
hostile strings of tests. Run: corpus.py FOLDER; FOLDER/<target>/ and FOLDER/<target>.dict are made anew."""
import ast
import base64
import collections
import glob
import json
import os
import re
import shutil
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NEXT = b"\x1e"  # fuzz.h, kNext
MOST_BYTES = 32 * 1024  # of one input
MOST_WORDS = 400  # of a dictionary
ANY_WORDS = [b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\r\n", b"\n", b"\t",
             b"\\u0000", b"\\ud800", b"\"", b"\\", b"'", b"{", b"}", b"[", b"]", b"[[[[[[[[", b"{\"a\":", b",", b":", b"null", b"true",
             b"false", b"-0", b"1e400", b"-1", b"0", b"18446744073709551616", b"9223372036854775807", b"-9223372036854775808", b"0.1",
             b"NaN", b"%00", b"%2f", b"../", b"*", b"&a ", b"*a", b"!!binary", b"<<: *a", b"- ", b"? ", b"|", b">", NEXT]


def read(path):
    with open(os.path.join(ROOT, path), "rb") as stream:
        return stream.read()


def found(*patterns):
    return sorted(os.path.relpath(path, ROOT) for pattern in patterns
                  for path in glob.glob(os.path.join(ROOT, pattern), recursive=True))


def literals(*patterns):
    """The string literals of C++ tests: what somebody thought hostile, or right."""
    texts = []
    for path in found(*patterns):
        source = read(path)
        texts += re.findall(rb'R"\w*\((.*?)\)\w*"', source, re.S)
        for body in re.findall(rb'(?<!R)"((?:\\.|[^"\\\n])*)"', source):
            if len(body) > 2 and not body.endswith(b".h"):
                texts.append(re.sub(rb"\\(x[0-9A-Fa-f]{2}|[ntr0\"\\])", escaped, body))
    return texts


def escaped(match):
    word = match.group(1)
    if word.startswith(b"x"):
        return bytes([int(word[1:], 16)])
    return {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"0": b"\0"}.get(word, word)


def payload_of(vector):
    if "payload_b64" in vector:
        return base64.b64decode(vector["payload_b64"])
    payload = vector["payload"]
    if isinstance(payload, str):
        return base64.b64decode(payload) if vector.get("encoding") == "base64" else payload.encode("utf-8", "surrogatepass")
    return json.dumps(payload, ensure_ascii=False).encode()


def hostile_messages():
    """What tests/flow sends to a gateway: (topic, payload)."""
    for node in ast.parse(read("tests/flow/test_hostile.py")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id.isupper():
            yield node


def hostile():
    names = {"bytes": bytes, "range": range}
    for node in hostile_messages():
        code = compile(ast.Module([node], []), "test_hostile.py", "exec")
        exec(code, {"__builtins__": names}, names)  # constants of a test of ours
    return [(topic, payload) for topic, payload in names["REJECTED"].values()]


def messages_of(name):
    """Each vector alone, and behind what earlier ones have taught."""
    files = [f"drivers/{name}/vectors.jsonl"] + (found("drivers/models/*/*.jsonl") if name == "chirpstack" else [])
    for file in files:
        taught = b""
        for line in read(file).splitlines():
            if not line.strip():
                continue
            vector = json.loads(line)
            message = vector["topic"].encode() + b"\n" + payload_of(vector)
            if vector.get("base"):
                message = b"@" + vector["base"].encode() + b"\n" + NEXT + message
            yield message
            if taught and len(taught) + len(message) < MOST_BYTES:
                yield taught + NEXT + message
            if vector["expect"].get("reason") == "learned_only":
                taught = message
    for topic, payload in hostile():
        yield topic.encode() + b"\n" + payload
    for text in literals("tests/unit/drivers/*_test.cpp"):
        if text.startswith((b"{", b"[")):
            yield b"zigbee2mqtt/d\n" + text
    # Link state as the store gives it back (drivers/zigbee2mqtt/properties.h).
    yield b"!device:kitchen\n!1\nsmoke\tb\t\ttrue\tfalse\ntemperature\tn\t\xe2\x84\x83\t\t\n" + NEXT + b"zigbee2mqtt/kitchen\n{\"smoke\":true}"


def json_formats():
    """Messages of the formats that files describe, behind the name of their format."""
    for path in found("drivers/json_path/formats/*.jsonl"):
        name = os.path.basename(path)[:-len(".jsonl")].encode()
        for line in read(path).splitlines():
            vector = json.loads(line)
            base = b"@" + vector["base"].encode() + b"\n" + NEXT if "base" in vector else b""
            yield name + b"\n" + NEXT + base + vector["topic"].encode() + b"\n" + payload_of(vector)
    for topic, payload in hostile():
        yield b"iot_zinx\n" + NEXT + topic.encode() + b"\n" + payload


def segments():
    """Segments of the inbox (gateway/ingest/segment.cpp) without checksums: the target puts them in."""
    def record(seq, topic, payload):
        body = struct.pack("<IIIHBBqq", 0x31524746, 0, len(payload), len(topic), 1, 0, seq, 1_795_316_055_000) + topic + payload
        return body + bytes(-len(body) % 8)

    header = b"FGINBOX\n" + struct.pack("<IIQQQq", 1, 0, 0x1234_5678_9ABC_DEF0, 1, 1, 1_795_316_055_000) + bytes(16)
    one, two = record(1, b"fg/v1/a/b/up", b'{"readings":{"smoke":true}}'), record(2, b"t", b"x" * 300)
    whole = header + one + two + record(3, b"u", b"")
    for bytes_ in (header, whole, whole + bytes(512), whole + b"\xff" * 24 + record(4, b"v", b"y"), whole[:-5], header + two[:40] + one,
                   header + record(1, b"in", one) + one, header + bytes(64) + two):
        for mode in (b"\x00\x00", b"\x01\x00", b"\x01\x03"):
            yield mode + bytes_


def requests():
    bodies = [text for text in literals("tests/unit/api/*_test.cpp") if text.startswith(b"{")]
    targets = set(re.findall(rb'"(/[a-z0-9/_.:?=&%{}*+-]+)"', b"".join(read(path) for path in found("tests/unit/api/*_test.cpp")), re.I))
    routes = re.findall(rb"^  (/[^:\n]*(?::[a-z]+)?):\n", read("gateway/api/openapi.yaml"), re.M)
    targets |= {re.sub(rb"\{\w+\}", b"0000000000000001", route) for route in routes}
    for target in sorted(targets):
        yield b"GET " + target + b"\n\n"
    for index, target in enumerate(sorted(targets)):
        for method in (b"POST", b"PATCH", b"DELETE"):
            yield method + b" " + target + b"\nIf-Match: \"1\"\nIdempotency-Key: k" + b"%d" % index + b"\n\n" + bodies[index % len(bodies)]
    header_lines = [b"Host: [::1]:8080", b"Host: evil.example", b"Origin: http://127.0.0.1:8080", b"Origin: null", b"Cookie: a=b; __Host-firegate=x",
                    b"Authorization: Bearer fg_1a2b3c4d_" + b"A" * 43, b"Accept-Encoding: gzip;q=0.5, br", b"If-None-Match: \"i1\"",
                    b"X-Forwarded-For: 10.0.0.1, ::ffff:127.0.0.1, [::1]", b"X-Forwarded-Proto: https", b"Content-Type: text/plain", b"X-Firegate-Token: x"]
    for line in header_lines:
        yield b"POST /api/v1/alarms/0000000000000001/acknowledge\n" + line + b"\n\n{\"post\":\"desk-1\"}"
        yield b"GET /api/v1/users\n" + line + b"\n\n"


def bodies():
    yield from (text for text in literals("tests/unit/api/*_test.cpp") if text[:1] in b"{[\"n0")
    yield b'{"t":"resume","server_id":"server-1","seq":7}'
    yield b'{"t":"console","post":"desk-1","build":"1","visible":true,"audio":"running"}'
    yield b'{"t":"sub","estates":["sunny"],"topics":["alarms"]}'
    yield b'{"post":"desk-1","why":"x","verdict":"cooking","until":"2099-01-01T00:00:00+08:00"}'
    yield b'{"id":"a","user":"a","name":"A","password":"12345678","pin":"493817","secret":"s","code":"c","old":"o","new":"n","label":"l",' \
          b'"kind":"phone","disabled":false,"ends_at":"2099-01-01T00:00:00Z","grants":[{"role":"duty","estate":"*"},{"role":"viewer","estate":"sunny"}]}'
    for _, payload in hostile():
        yield payload


def stored_texts():
    yield from literals("tests/unit/store/*_test.cpp", "tests/unit/store/*.h", "tests/unit/rules/evaluate_test.cpp", "tests/unit/core/*_test.cpp",
                        "tests/unit/accounts/*_test.cpp")
    yield from [b"", b"?", b"t", b"n86.1", b"n-1e300", b"c7", b"c300", b"sE2", b"a", b"auh255d1795316055000", b"ad-1", b"d9223372036854775807",
                b"smoke\t-1\t1795316055000\t-\tt\n", b"temperature_c\t3\t1\t70.5\tn86.1\nfault_code\t-1\t0\t-\tsE2\\t\\n\\\\x\n",
                b"0123456789abcdef", b"duty@jinxiu,viewer@*", b"2026-11-22T03:14:15.926Z", b"9999-12-31T23:59:60.999999999+23:59", b"0000-01-01T00:00:00-2359",
                b"5min", b"3650d", b"315360000000ms", b"7K3M-09TX-VWAB-HD41", b"fg_1a2b3c4d_" + b"A" * 43,
                b'{"number":7,"at":"2026-11-22T03:14:15.926Z","seq":1204,"hash":"' + b"0a" * 32 + b'","first":1,"previous":"' + b"0b" * 64 +
                b'","signature":"' + b"0c" * 64 + b'"}']


def filters():
    words = [b"fg/v1/+/+/up", b"fg/v1/#", b"#", b"+/a/#", b"zigbee2mqtt/#", b"a//b", b"/", b"+/+", b"$SYS/#", b"$share/g/a", b"a+/b", b"a/#/b", b"a" * 300]
    topics = [b"fg/v1/estate/device/up", b"a//b", b"/", b"zigbee2mqtt", b"", b"\xe9\x95\xbf/x"]
    for one in words:
        for index, other in enumerate(words):
            yield one + NEXT + other + NEXT + topics[index % len(topics)]


def configurations():
    overrides = [b"broker.port=18830", b"api=1", b"sources.0.id=x", b"a.b.c.d=\"", b"=", b"broker=", b"limits.lane.=5"]
    for index, path in enumerate(found("config/**/*.yaml", "tests/unit/settings/data/**/*.yaml", "drivers/models/**/*.yaml",
                                      "drivers/json_path/formats/*.yaml")):
        yield read(path)
        yield read(path) + NEXT + overrides[index % len(overrides)]
    yield from (text for text in literals("tests/unit/settings/*_test.cpp", "tests/unit/rules/parse_test.cpp", "tests/unit/respond/*_test.cpp",
                                          "tests/unit/api/settings_test.cpp", "tests/unit/registry/*_test.cpp", "tests/unit/ingest/settings_test.cpp")
                if b":" in text)


def tables():
    yield from (read(path) for path in found("config/**/*.csv", "tests/unit/settings/data/**/*.csv"))
    yield from (text for text in literals("tests/unit/documents/*_test.cpp", "tests/unit/registry/devices_file_test.cpp") if b"," in text)


def targets():
    yield "api_bodies", bodies()
    yield "api_request", requests()
    yield "devices_csv", tables()
    yield "codec_frame", codec_frames()
    yield "inbox_segment", segments()
    yield "page_cursor", [b"", b"0" * 32, b"0000019f0b2d3c40" + b"0000000000000001", b"f" * 32, b"7" + b"f" * 31, b"0" * 31, b"x" * 32, b"0" * 33]
    yield "stored_text", stored_texts()
    yield "topic_filter", filters()
    yield "yaml", configurations()
    yield "driver_json_path", json_formats()
    for path in found("drivers/*/driver.cpp"):
        name = path.split("/")[1]
        yield "driver_" + name, messages_of(name)


def codec_frames():
    """Bodies and streams of gateway/codec/frame.h: scripts of the tests, calls with and without a time, answers of every outcome."""
    def text(body):
        return struct.pack("<I", len(body)) + body

    bodies = [b"\x04"]
    for number, path in enumerate(found("tests/unit/codec/scripts/*.js"), 1):
        bodies.append(b"\x01" + struct.pack("<I", number) + text(os.path.basename(path).encode()) + text(read(path)))
    for at in (None, 0, 1795316055123, -1):
        bodies.append(b"\x02" + struct.pack("<IBBq", 1, 85, at is not None, at or 0) + text(bytes(range(12))) + text(b'{"a":"b"}'))
    for outcome in range(10):
        bodies.append(b"\x03" + bytes([outcome]) + text(b'{"smoke":true}') + text(b"[]") + text(b'["low"]') + text(b"codecs/a.js:1:2: why"))
    framed = [text(body) for body in bodies]
    return bodies + framed + [b"".join(framed[:3]), b"".join(framed[-4:]), text(b"")]


def dictionary(inputs):
    """Words that stand in the inputs, the most frequent ones, and those that hurt any parser."""
    counted = collections.Counter(word for text in inputs for word in set(re.findall(rb"[A-Za-z_][\w.+/:-]{1,40}", text)))
    words = ANY_WORDS + [word for word, _ in sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_WORDS]]
    quoted = ["".join(chr(c) if 32 <= c < 127 and c not in b'"\\' else f"\\x{c:02x}" for c in word) for word in words]
    return "".join(f'"{word}"\n' for word in quoted)


def main():
    folder = sys.argv[1]
    for name, made in targets():
        inputs = sorted({text for text in made if len(text) <= MOST_BYTES})
        place = os.path.join(folder, name)
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        for number, text in enumerate(inputs):
            with open(os.path.join(place, f"{number:04}"), "wb") as stream:
                stream.write(text)
        with open(os.path.join(folder, name + ".dict"), "w", encoding="ascii") as stream:
            stream.write(dictionary(inputs))
        print(f"{name}: {len(inputs)} inputs, {sum(map(len, inputs)) // 1024} KiB")


if __name__ == "__main__":
    main()
