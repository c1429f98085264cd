#!/usr/bin/env python3
"""The benches of firegate: what it costs beside a subscriber that does nothing, under the same load.

    tests/bench/bench.py [--rounds 5] [--json FILE] [--only cpu,throughput,latency,memory] [--build DIR]

The sides run one after the other in rounds, each with a broker of its own of the same settings, so that whatever else
the machine does falls on both. Absolute figures do not travel; compare the ratios. Nothing is asserted here.
"""
import argparse
import contextlib
import datetime
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(BENCH))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
sys.path.insert(0, BENCH)

import estate  # noqa: E402
from clients import LiveListener, Publisher  # noqa: E402

RATE = 10_000
DEVICES = 2_000
MINUTELY = 1_667  # messages a second of 100,000 devices that report once a minute
# The broker as firegate ships it, but without bounds on what waits: both sides are to be the limit, not the queue.
TUNED = "max_queued_messages 0\nmax_queued_bytes 0\nmax_inflight_messages 0\n"
COLUMNS = "id,kind,format,source,model,address,estate,building,floor,zone,location,name,note"
TICK = os.sysconf("SC_CLK_TCK")
# Who is measured side by side, with its settings: the gateway as it is, and acknowledging before it has synced.
SIDES = {"null": None, "ungated": ["broker.ack_gate=false"], "gateway": []}


# ---- what runs ----

def write_config(folder, devices, buildings, more=()):
    """A configuration with `devices` smoke detectors load-00001.. spread over the buildings, as simulate --rate makes
    them, and the devices of `more` beside them. Neighbours in the load live in different buildings."""
    os.makedirs(folder)
    for name in ("gateway.yaml", "routes.yaml"):
        shutil.copy(os.path.join(ROOT, "config", name), folder)
    shutil.copytree(os.path.join(ROOT, "config", "rules"), os.path.join(folder, "rules"))
    with open(os.path.join(folder, "places.yaml"), "w", encoding="utf-8") as out:
        out.write("estates:\n  - id: load\n    name: load\n    buildings:\n")
        for b in range(buildings):
            out.write(f"      - id: b{b}\n        name: b{b}\n        floors:\n          - id: f1\n            name: f1\n"
                      f"            zones:\n              - id: z1\n                name: z1\n"
                      f"                locations:\n                  - {{id: l1, name: l1}}\n")
    ids = [f"load-{i + 1:05}" for i in range(devices)]
    load = os.path.join(folder, "load.csv")
    for path, listed in ((os.path.join(folder, "devices.csv"), ids + list(more)), (load, ids)):
        with open(path, "w", encoding="utf-8") as out:
            out.write(COLUMNS + "\n")
            for i, one in enumerate(listed):
                out.write(f"{one},smoke_detector,native,,generic,{one},load,b{i % buildings},f1,z1,l1,{one},\n")
    os.rename(load, folder + ".load.csv")
    return folder


def simulate(build, config, broker, **options):
    command = [os.path.join(build, "firegate"), "simulate", "--estate", config + ".load.csv", "--port", str(broker.port)]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finished(load):
    out, _ = load.communicate(timeout=600)
    report = json.loads(out)
    if not report["complete"]:
        raise RuntimeError(f"the load was not taken whole: {out}")
    return report


class NullSide:
    """The null subscriber, ready to be measured."""

    def __init__(self, build, broker, count):
        self.process = subprocess.Popen([os.path.join(build, "tests", "bench", "null_subscriber"), str(broker.port),
                                         str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise RuntimeError("the null subscriber does not start")

    def wait_for_all(self, _count):
        """When the last one came (the count was given at start)."""
        self.process.stdout.readline()
        return time.monotonic()

    def settle(self):
        pass

    def rows(self):
        return 0

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


class GatewaySide:
    def __init__(self, build, broker, config, folder, settings=()):
        estate.PROGRAM = os.path.join(build, "firegate")
        self.gateway = estate.Gateway(folder, broker, config=config, settings=settings)
        self.process = self.gateway.process
        estate.wait_until(lambda: self.gateway.metric("firegate_broker_connected") == 1, 20, "connected")

    def wait_for_all(self, count, seconds=300):
        """When all have been decided (decoded, judged and on their way to the record)."""
        end = time.monotonic() + seconds
        pause = threading.Event()
        while True:
            metrics = self.gateway.get("/metrics", raw=True)
            at = time.monotonic()
            if (value_of(metrics, "firegate_messages_decoded_total") >= count
                    and value_of(metrics, "firegate_lane_waiting_messages") < 1024):
                return at
            if at > end:
                raise RuntimeError(f"only {value_of(metrics, 'firegate_messages_decoded_total')} of {count} came")
            pause.wait(0.1)

    def settle(self):
        """Until what was decided is committed: its cost belongs to the messages."""
        pause = threading.Event()
        pause.wait(1.2)
        estate.wait_until(lambda: self.gateway.metric("firegate_writer_waiting_batches") == 0, 120, "all is recorded")

    def rows(self):
        return self.gateway.metric("firegate_rows_written_total")

    def stop(self):
        self.gateway.kill(15)


def value_of(metrics, name):
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines()
               if line.startswith(name + " ") or line.startswith(name + "{"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stream:
        fields = stream.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def rss_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as stream:
        return next(int(line.split()[1]) * 1024 for line in stream if line.startswith("VmRSS"))


@contextlib.contextmanager
def workspace():
    folder = tempfile.mkdtemp(prefix="firegate-bench-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- what is measured ----

def one_run(build, config, name, rate, count):
    """One side alone with a broker of its own: CPU and time from the first publication until all is done. Before that
    every device has spoken once, so that neither side pays for what happens only once."""
    with workspace() as folder:
        broker = estate.Broker(folder, extra=TUNED)
        gateway = SIDES[name] is not None
        side = (GatewaySide(build, broker, config, folder, SIDES[name]) if gateway
                else NullSide(build, broker, DEVICES + count))
        try:
            finished(simulate(build, config, broker, rate=2 * DEVICES, count=DEVICES, boot="first"))
            if gateway:
                side.wait_for_all(DEVICES)
            side.settle()
            rows = side.rows()
            cpu, broker_cpu, began = cpu_seconds(side.process.pid), cpu_seconds(broker.process.pid), time.monotonic()
            load = simulate(build, config, broker, rate=rate, count=count)
            report = finished(load)
            seconds = side.wait_for_all(DEVICES + count) - began
            side.settle()
            run = {"messages": count, "seconds": seconds, "per_second": count / seconds,
                   "offered_per_second": report["rate"],
                   "cpu_us": (cpu_seconds(side.process.pid) - cpu) / count * 1e6,
                   "broker_cpu_us": (cpu_seconds(broker.process.pid) - broker_cpu) / count * 1e6}
            if gateway:
                run["rows_per_message"] = (side.rows() - rows) / count
            return run
        finally:
            side.stop()
            broker.stop()


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def rounds(build, config, number, rate, count, what):
    """`number` rounds, each with every side in another order; ratios within a round."""
    runs = []
    for i in range(number):
        order = list(SIDES) if i % 2 == 0 else list(reversed(SIDES))
        one = {name: one_run(build, config, name, rate, count) for name in order}
        runs.append(one)
        say(f"  {what} round {i + 1}: " + ", ".join(
            f"{name} {one[name]['cpu_us']:.1f} us {one[name]['per_second']:.0f} msg/s" for name in SIDES))

    def ratio(key, above, below):
        return spread([run[above][key] / run[below][key] for run in runs])
    sides = {name: {key: spread([run[name][key] for run in runs]) for key in runs[0][name]} for name in SIDES}
    return {**sides, "rounds": runs,
            "cpu_ratio": ratio("cpu_us", "ungated", "null"), "cpu_ratio_gate": ratio("cpu_us", "gateway", "null"),
            "throughput_ratio": ratio("per_second", "ungated", "null"),
            "throughput_ratio_gate": ratio("per_second", "gateway", "ungated")}


def one_sync_a_message(seconds=3):
    """What a log could take at most that is synced for each message: a write of 300 bytes and a sync, again and again."""
    with workspace() as folder:
        log = os.open(os.path.join(folder, "log"), os.O_RDWR | os.O_CREAT)
        try:
            os.posix_fallocate(log, 0, 64 << 20)
            os.fsync(log)
            began, count = time.monotonic(), 0
            while time.monotonic() - began < seconds:
                os.pwrite(log, bytes(300), count * 300)
                os.fdatasync(log)
                count += 1
            return count / (time.monotonic() - began)
        finally:
            os.close(log)


def percentiles(values):
    ordered = sorted(values)
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000  # noqa: E731
    return {"samples": len(ordered), "p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": ordered[-1] * 1000}


def wait_for_row(database, device, pause, seconds=10):
    """Looks each half millisecond; the index on time keeps the look cheap."""
    end = time.monotonic() + seconds
    while database.execute("SELECT 1 FROM (SELECT device FROM alarms ORDER BY first_raised_at DESC LIMIT 3) "
                           "WHERE device = ?", (device,)).fetchone() is None:
        if time.monotonic() > end:
            raise RuntimeError(f"no row about {device} within {seconds} s")
        pause.wait(0.0005)
    return time.monotonic()


def histogram_percentile(before, after, name, share):
    """The upper bound of the bucket in which the share lies, in ms: what the gateway's own histogram can say."""
    def buckets(metrics):
        found = {}
        for line in metrics.splitlines():
            if line.startswith(name + "_bucket"):
                found[line.split('le="')[1].split('"')[0]] = float(line.rsplit(" ", 1)[1])
        return found
    first, last = buckets(before), buckets(after)
    counts = {bound: last[bound] - first.get(bound, 0) for bound in last}
    total = counts["+Inf"]
    within = [float(b) for b, c in counts.items() if b != "+Inf" and c >= share * total]
    return min(within) * 1000 if within and total else None


def latency(build, rate, samples):
    """Publish → decided → row → WebSocket of lone fires on top of a load."""
    fires = [f"fire-{i:05}" for i in range(samples)]
    with workspace() as folder:
        config = write_config(os.path.join(folder, "config"), DEVICES, 20, fires)
        broker = estate.Broker(folder, extra=TUNED)
        side = GatewaySide(build, broker, config, folder)
        load = simulate(build, config, broker, rate=rate, seconds=samples * 0.15 + 30)
        try:
            listener, publisher = LiveListener(side.gateway), Publisher(broker.port)
            database = sqlite3.connect(f"file:{side.gateway.data}/firegate.db?mode=ro", uri=True)
            pause = threading.Event()
            pause.wait(3)
            before = side.gateway.get("/metrics", raw=True)
            rows, frames = [], []
            for device in fires:
                at = publisher.publish(f"fg/v1/load/{device}/up", {"readings": {"smoke": True}})
                rows.append(wait_for_row(database, device, pause) - at)
                frame = listener.wait_for(device, 10)
                if frame is None:
                    raise RuntimeError(f"no frame about {device} within 10 s")
                frames.append(frame - at)
                pause.wait(0.1)
            after = side.gateway.get("/metrics", raw=True)
            decided = {f"p{int(share * 100)}_ms_at_most": histogram_percentile(
                before, after, "firegate_decision_delay_seconds", share) for share in (0.5, 0.99)}
            listener.close()
            publisher.close()
            return {"background_per_second": rate, "arrived_to_decided": decided,
                    "publish_to_row": percentiles(rows), "publish_to_frame": percentiles(frames)}
        finally:
            load.terminate()
            load.wait(20)
            side.stop()
            broker.stop()


def memory_of(build, devices, buildings, messages):
    with workspace() as folder:
        config = write_config(os.path.join(folder, "config"), devices, buildings)
        broker = estate.Broker(folder, extra=TUNED)
        side = GatewaySide(build, broker, config, folder)
        try:
            idle = rss_bytes(side.process.pid)
            finished(simulate(build, config, broker, rate=MINUTELY, count=messages))
            side.wait_for_all(messages)
            side.settle()
            return {"devices": devices, "messages": messages, "rss_before": idle, "rss_after": rss_bytes(side.process.pid)}
        finally:
            side.stop()
            broker.stop()


def memory(build, devices=100_000):
    """The same messages to few devices and to many: the difference is what a device costs, its seven points included."""
    few = memory_of(build, 100, 1, devices)
    many = memory_of(build, devices, 200, devices)
    return {"few": few, "many": many,
            "bytes_per_device": (many["rss_after"] - few["rss_after"]) / (devices - few["devices"]),
            "bytes_per_silent_device": (many["rss_before"] - few["rss_before"]) / (devices - few["devices"])}


# ---- the report ----

def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as stream:
        model = next((line.split(":", 1)[1].strip() for line in stream if line.startswith("model name")), "unknown")
    version = subprocess.run([estate.BROKER, "-h"], capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return {"cpu": model, "cores": os.cpu_count(), "kernel": platform.release(), "broker": version,
            "load_average_before": os.getloadavg(), "at": datetime.datetime.now(datetime.timezone.utc).isoformat()}


def say(text):
    print(text, file=sys.stderr, flush=True)


def shown(values, digits=2):
    return f"{values['median']:.{digits}f} [{values['min']:.{digits}f}..{values['max']:.{digits}f}]"


def table(result):
    lines = ["| what | firegate | null subscriber | ratio | bound |", "|---|---|---|---|---|"]
    if cpu := result.get("cpu"):
        null = shown(cpu["null"]["cpu_us"], 1)
        for side, ratio, what, bound in (("ungated", "cpu_ratio", "without the ack gate", 2.0),
                                         ("gateway", "cpu_ratio_gate", "with it", 2.7)):
            lines.append(f"| CPU a message at {RATE} msg/s, {what}, µs | {shown(cpu[side]['cpu_us'], 1)} | {null} | "
                         f"{shown(cpu[ratio])} | ≤ {bound} |")
    if most := result.get("throughput"):
        lines.append(f"| saturated, without the ack gate, msg/s | {shown(most['ungated']['per_second'], 0)} | "
                     f"{shown(most['null']['per_second'], 0)} | {shown(most['throughput_ratio'])} | ≥ 0.9 |")
        gated = most["gateway"]["per_second"]
        lines.append(f"| … with it, beside without | {shown(gated, 0)} | | {shown(most['throughput_ratio_gate'])} | ≥ 0.85 |")
        lines.append(f"| … beside one sync a message ({most['one_sync_a_message']:.0f}/s) | | | "
                     f"{gated['median'] / most['one_sync_a_message']:.1f} | ≥ 3 |")
    for one in result.get("latency", []):
        row, frame, decided = one["publish_to_row"], one["publish_to_frame"], one["arrived_to_decided"]
        lines.append(f"| fire over {one['background_per_second']} msg/s, p50 / p99 ms: decided | "
                     f"≤ {decided['p50_ms_at_most']} / ≤ {decided['p99_ms_at_most']} | | | |")
        lines.append(f"| … row committed | {row['p50_ms']:.1f} / {row['p99_ms']:.1f} | | | |")
        lines.append(f"| … frame at the console | {frame['p50_ms']:.1f} / {frame['p99_ms']:.1f} | | | |")
    if held := result.get("memory"):
        lines.append(f"| memory a device at {held['many']['devices']}, bytes | {held['bytes_per_device']:.0f} | | | ≤ 2048 |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", help="write the figures here")
    parser.add_argument("--only", default="cpu,throughput,latency,memory")
    parser.add_argument("--build", default=os.path.join(ROOT, "build"), help="build folder (RelWithDebInfo)")
    parser.add_argument("--seconds", type=float, default=20, help="length of a run at a fixed rate")
    parser.add_argument("--burst", type=int, default=400_000, help="messages of a saturated run")
    parser.add_argument("--samples", type=int, default=200, help="fires of a latency run")
    options = parser.parse_args()
    wanted = options.only.split(",")
    build = os.path.abspath(options.build)
    result = {"machine": machine(), "build": build}
    with workspace() as folder:
        config = write_config(os.path.join(folder, "config"), DEVICES, 20)
        if "cpu" in wanted:
            say(f"CPU a message at {RATE} msg/s")
            result["cpu"] = rounds(build, config, options.rounds, RATE, int(RATE * options.seconds), "cpu")
        if "throughput" in wanted:
            say("saturated")
            result["throughput"] = rounds(build, config, options.rounds, 0, options.burst, "saturated")
            result["throughput"]["one_sync_a_message"] = one_sync_a_message()
    if "latency" in wanted:
        result["latency"] = []
        for rate in (1_000, 10_000):
            say(f"latency over {rate} msg/s")
            result["latency"].append(latency(build, rate, options.samples))
    if "memory" in wanted:
        say("memory at 100,000 devices")
        result["memory"] = memory(build)
    result["machine"]["load_average_after"] = os.getloadavg()
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
    print(table(result))


if __name__ == "__main__":
    main()
