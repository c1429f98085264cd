#!/usr/bin/python3
"""Checks of the house. Each rule is a function that yields (file, line, what was found, remedy).

Run: tests/lint/lint.py [--list]. The last line is `N passed, N failed`: a rule passes when it yields nothing.
"""
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Who may include whom (architecture, section 6). `core` is allowed everywhere.
MAY_INCLUDE = {
    "core": set(),
    "metrics": {"core"},
    "settings": {"core"},
    "documents": {"core"},
    "drivers": {"core", "drivers"},
    "ingest": {"core", "metrics", "drivers/common"},
    # The link frames a stream and answers in the words of one format: it shares that format's codec.
    "gb_link": {"core", "metrics", "ingest", "drivers/common", "drivers/gb26875"},
    "cage": {"core"},
    "codec": {"core", "metrics", "cage"},
    "codec_worker": {"core", "codec", "cage"},
    "picture": {"core", "metrics", "cage"},
    "picture_worker": {"core", "picture", "cage"},
    "decode": {"core", "metrics"},
    "registry": {"core", "metrics", "documents"},
    "readings": {"core"},
    "rules": {"core"},
    "alarms": {"core"},
    "interlocks": {"core"},
    "commands": {"core"},
    "partition": {"core", "metrics", "readings", "rules", "alarms", "interlocks"},
    "replay": {"core", "metrics", "decode", "partition"},
    "duty": {"core", "metrics", "documents"},
    "accounts": {"core", "metrics"},
    "respond": {"core", "metrics"},
    "store": {"core", "metrics"},
    "api": {"core", "metrics", "accounts", "registry", "duty", "rules", "replay", "documents"},
    "simulate": {"core", "drivers/common"},
    "dashboards": set(),
}
EVERYTHING = {"app", "cli", "main.cpp", "tests"}

# Third-party headers and the folders that may see them (architecture, section 6).
CONFINED = [
    (r"^mqtt/|^MQTT", "Paho", {"ingest", "simulate"}),
    (r"^sqlite3\.h", "SQLite", {"store"}),
    (r"^boost/beast", "Beast", {"api"}),
    (r"^curl/", "libcurl", {"respond", "cli"}),
    (r"^prometheus/", "prometheus-cpp", {"metrics"}),
    (r"^yaml-cpp/", "yaml-cpp", {"settings"}),
    (r"^simdjson", "simdjson", {"drivers", "decode"}),
    (r"^boost/json", "Boost.JSON", {"drivers", "api", "respond", "cli", "simulate"}),
    (r"^(sodium|openssl/)", "libsodium and OpenSSL", {"accounts", "api", "ingest", "picture", "respond", "store"}),
    (r"^qrencode\.h", "libqrencode", {"documents"}),
    (r"^protozero/", "protozero", {"drivers"}),
    (r"^CLI/", "CLI11", {"cli"}),
    (r"^spdlog/", "spdlog", {"core"}),
    (r"^(jsapi|jsfriendapi|js/|mozilla/)", "SpiderMonkey", {"codec_worker"}),
    (r"^seccomp\.h", "libseccomp", {"cage"}),
    (r"^(png\.h|turbojpeg\.h|expat\.h|librsvg/|fontconfig/)", "decoders of pictures", {"picture_worker"}),
    (r"^(gtest|gmock)/", "GoogleTest", {"tests"}),
]

# Patterns that must not stand in our code: (expression, folders it is allowed in, rule, remedy).
FORBIDDEN = [
    (r"system_clock::now|\bgettimeofday\b|\btime\((NULL|nullptr|0)\)|CLOCK_REALTIME", {"core/clock.cpp"},
     "the system clock is read in one place", "take the time as a parameter, or ask core/clock.h"),
    (r"\bsleep_for\b|\bsleep_until\b|\busleep\(|\bnanosleep\(|[^_\w]sleep\(\d", set(),
     "nothing sleeps", "wait on a timer or on a condition with a deadline"),
    (r"\bstd::sto(i|l|ll|ul|ull|f|d|ld)\b|\bato(i|l|f)\(|\bstrto(l|ul|ll|d)\(", set(),
     "input is never read with the stoi family", "use std::from_chars and check the rest"),
    (r"\b(post|dispatch|defer|async_\w+|co_spawn)\([^;\n]*\[(&|=)\]", set(),
     "no wildcard capture is handed to Asio", "name what is captured, and who keeps it alive"),
    (r"\bstart_consuming\b|\btry_consume_message|\bconsume_message\b", set(),
     "Paho's consume queue acknowledges before we have written", "use the message callback"),
    (r"\bstd::regex\b", set(), "std::regex recurses on input", "parse by hand, or use RE2 in rules"),
    (r"\bsystem\(|\bpopen\(", set(), "no shell is started", "use posix_spawn with an argument list"),
    (r"catch \(\.\.\.\)", set(), "nothing is caught blindly", "catch what the library throws, at its adapter"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", set(), "nothing is left to do", "do it, or write an issue"),
]


def files(*folders, ends=(".h", ".cpp")):
    for folder in folders:
        top = os.path.join(ROOT, folder)
        for path, names, leaves in os.walk(top):
            names[:] = [n for n in names if n not in ("node_modules", "dist", "__pycache__")]
            for leaf in sorted(leaves):
                if leaf.endswith(ends):
                    yield os.path.relpath(os.path.join(path, leaf), ROOT)


def lines(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
        return stream.read().split("\n")


def code_lines(path):
    """(number, text) with comments and the contents of string literals blanked."""
    text = "\n".join(lines(path))
    text = re.sub(r'R"(\w*)\((.*?)\)\1"', lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', text)
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    for number, line in enumerate(text.split("\n"), 1):
        yield number, re.sub(r"//.*", "", line)


def folder_of(path):
    parts = path.split("/")
    return parts[1] if parts[0] == "gateway" else parts[0]


def include_folder(target):
    if target.startswith("drivers/"):
        return "/".join(target.split("/")[:2])
    return target.split("/")[0]


def includes(path):
    for number, line in enumerate(lines(path), 1):
        found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1), found.group(2)


def rule_includes():
    """a folder includes only what the table of architecture section 6 allows"""
    for path in files("gateway", "drivers"):
        own = folder_of(path)
        if own in EVERYTHING:
            continue
        for number, kind, target in includes(path):
            if kind != '"':
                continue
            if "/" not in target:
                continue  # a library's own header
            other = include_folder(target)
            allowed = MAY_INCLUDE.get(own, set()) | {own}
            if other.startswith("drivers/") and "drivers" in allowed:
                continue
            if other not in allowed:
                yield path, number, f'"{target}" is included by {own}', \
                    "move what is shared into core, or join the two in app"


def rule_no_include_cycles():
    """header files form no cycle"""
    graph = {}
    for path in files("gateway", "drivers", ends=(".h",)):
        name = path[len("gateway/"):] if path.startswith("gateway/") else path
        graph[name] = [target for _, kind, target in includes(path) if kind == '"']
    state = {}

    def visit(name, trail):
        state[name] = 1
        for target in graph.get(name, []):
            if state.get(target) == 1:
                yield name, 1, "cycle " + " → ".join(trail + [name, target]), "split the header or move a type to core"
            elif target in graph and target not in state:
                yield from visit(target, trail + [name])
        state[name] = 2

    for name in graph:
        if name not in state:
            yield from visit(name, [])


def rule_third_party_confined():
    """a third-party header is seen only by the folders that own it"""
    for path in files("gateway", "drivers"):
        own = folder_of(path)
        for number, _, target in includes(path):
            for expression, name, allowed in CONFINED:
                if re.search(expression, target) and own not in allowed:
                    yield path, number, f"{name} is included by {own}", \
                        f"only {', '.join(sorted(allowed))} may see {name}: go through a seam of core"


def rule_forbidden_patterns():
    """traps that have a better way"""
    for path in files("gateway", "drivers"):
        short = path[len("gateway/"):] if path.startswith("gateway/") else path
        for number, line in code_lines(path):
            for expression, allowed, rule, remedy in FORBIDDEN:
                if re.search(expression, line) and short not in allowed:
                    yield path, number, rule, remedy


def rule_beast_in_two_units():
    """Beast is compiled in at most two units (one costs a minute)"""
    units = [p for p in files("gateway", ends=(".cpp",))
             if any(t.startswith("boost/beast") for _, _, t in includes(p))]
    headers = [p for p in files("gateway", ends=(".h",)) if any(t.startswith("boost/beast") for _, _, t in includes(p))]
    # A private header that only those two units include is fine; a public one is not.
    for path in units[2:]:
        yield path, 1, f"Beast in a third unit ({', '.join(units[:2])} have it)", "put it behind the interface of api/server.h"
    for path in headers:
        if not os.path.basename(path).startswith("beast_"):
            yield path, 1, "Beast in a header that others include", "name private headers beast_*.h, or hide it in a .cpp"


def rule_headers_open_with_a_comment():
    """a header opens by saying what the thing is"""
    for path in files("gateway", "drivers", ends=(".h",)):
        if not lines(path)[0].startswith("//"):
            yield path, 1, "no opening comment", "say what it is, who owns it, which thread, what errors"
        if "#pragma once" not in "\n".join(lines(path)[:40]):
            yield path, 1, "no #pragma once", "add it after the opening comment"


def rule_drivers_complete():
    """a wire format has vectors: alarms, and at least three malformed, each with its source; and notes"""
    top = os.path.join(ROOT, "drivers")
    for name in sorted(os.listdir(top)):
        folder = os.path.join(top, name)
        if not os.path.isfile(os.path.join(folder, "driver.cpp")):
            continue
        place = f"drivers/{name}"
        for needed in ("vectors.jsonl", "notes.md"):
            if not os.path.isfile(os.path.join(folder, needed)):
                yield f"{place}/{needed}", 1, "missing", "every wire format brings it (drivers/README.md)"
        vectors = os.path.join(folder, "vectors.jsonl")
        if os.path.isfile(vectors):
            yield from check_vectors(f"{place}/vectors.jsonl", rejected=3)


def rule_json_formats_complete():
    """a format that a file describes has vectors: at least three malformed, each with its source"""
    for path in files("drivers/json_path/formats", ends=(".yaml",)):
        beside = path[:-len(".yaml")] + ".jsonl"
        if not os.path.isfile(os.path.join(ROOT, beside)):
            yield beside, 1, "missing", "a format brings vectors of what it says (drivers/README.md)"
        else:
            yield from check_vectors(beside, rejected=3)


def rule_models_complete():
    """a model has vectors of what it says, each with its source"""
    for path in files("drivers/models", ends=(".yaml",)):
        beside = path[:-len(".yaml")] + ".jsonl"
        if not os.path.isfile(os.path.join(ROOT, beside)):
            yield beside, 1, "missing", "a model brings vectors of what it says (drivers/README.md)"
        else:
            yield from check_vectors(beside, rejected=0)


def check_vectors(path, rejected):
    seen_rejected, seen_readings = 0, 0
    for number, line in enumerate(lines(path), 1):
        if not line.strip():
            continue
        try:
            vector = json.loads(line)
        except ValueError as error:
            yield path, number, f"not JSON: {error}", "one JSON object a line"
            continue
        for key in ("name", "source", "topic", "expect"):
            if not vector.get(key):
                yield path, number, f"no {key}", "each vector says its name, source, topic and what is expected"
        outcome = vector.get("expect", {}).get("outcome")
        seen_rejected += outcome == "rejected"
        seen_readings += outcome == "readings"
    if seen_rejected < rejected:
        yield path, 1, f"{seen_rejected} malformed vectors, expected at least {rejected}", "add truncated, mistyped and hostile ones"
    if not seen_readings:
        yield path, 1, "no vector that gives readings", "add what a real device says"


def rule_points_from_core():
    """a point's name in a rule, a model or a vector is one of core's"""
    text = "\n".join(lines("gateway/core/point.cpp"))
    known = set(re.findall(r'(?:boolean|text|choice|number)\("(\w+)"', text))
    if len(known) < 80:
        yield "gateway/core/point.cpp", 1, f"only {len(known)} points found", "mend this rule's expression"
    for path in files("config/rules", "drivers/models", "drivers/json_path/formats", ends=(".yaml",)):
        for number, line in enumerate(lines(path), 1):
            found = re.search(r"\bpoint:\s*\"?(\w+)", line)
            if found and found.group(1) not in known:
                yield path, number, f"unknown point {found.group(1)}", "use a point of gateway/core/point.h"


def rule_metrics_are_golden():
    """the list of metrics is golden: whoever changes it says so"""
    text = "\n".join(lines("gateway/metrics/metrics.cpp"))
    now = sorted("firegate_" + n for n in re.findall(r'out\.(?:counters?|gauges?|gathered|histograms?)\(\s*"(\w+)"', text))
    golden_path = "tests/unit/metrics/metrics.golden"  # with types and labels, which the unit test compares
    golden = [line.split()[0] for line in lines(golden_path) if line]
    for name in sorted(set(now) ^ set(golden)):
        yield golden_path, 1, f"{name} {'is new' if name in now else 'is gone'}", \
            "dashboards depend on it: change the golden list on purpose"
    for name in now:
        if not re.fullmatch(r"firegate_[a-z0-9_]+", name):
            yield "gateway/metrics/metrics.cpp", 1, f"bad name {name}", "firegate_<noun>_<unit>[_total]"


def rule_every_code_is_explained():
    """each error code, reject reason and fault code is a row of gateway/README.md"""
    readme = "\n".join(lines("gateway/README.md"))
    for header, enum in (("core/result.h", "ErrorCode"), ("core/driver.h", "RejectReason"),
                         ("core/driver.h", "IgnoreReason"), ("core/self_fault.h", "SelfFaultCode")):
        text = "\n".join(lines("gateway/" + header))
        block = re.search(r"struct Labels<%s> \{(.*?)\};\s*\n\};" % enum, text, re.S)
        for word in re.findall(r'"(\w+)"', block.group(1)):
            if f"`{word}`" not in readme:
                yield "gateway/" + header, 1, f"{enum} {word} is not in gateway/README.md", "add its row there"
    text = "\n".join(lines("gateway/core/config_node.h"))
    for code in re.findall(r"\bE(\d{3})_\w+", text):
        if f"E{code}" not in readme:
            yield "gateway/core/config_node.h", 1, f"E{code} is not in gateway/README.md", "add its row there"


def rule_no_foreign_words():
    """the project speaks of itself alone, in the field's words"""
    banned = [(r"/work/|/tmp/fg\b", "a path of one machine", "say it relative to the repository"),
              (r"\bcertified\b|\bcomplies with\b", "a claim that was not measured", 'say "designed to"')]
    own = "tests/lint/lint.py"
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for path in tracked:
        if not path or path in (own, "LICENSE") or path.endswith((".png", ".json", ".jsonl", ".lock")):
            continue
        try:
            text = lines(path)
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for number, line in enumerate(text, 1):
            for expression, what, remedy in banned:
                if re.search(expression, line) and "never" not in line:
                    yield path, number, what, remedy


def main():
    rules = [(name[5:], function) for name, function in sorted(globals().items()) if name.startswith("rule_")]
    failed = 0
    for name, function in rules:
        found = list(function())
        failed += bool(found)
        print(f"{'FAIL' if found else 'ok  '} {name}: {function.__doc__}")
        for path, number, what, remedy in found:
            print(f"     {path}:{number}: {what}; remedy: {remedy}")
    print(f"{len(rules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
