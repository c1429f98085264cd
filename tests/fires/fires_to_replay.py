#!/usr/bin/python3
"""Recorded fires -> input of `firegate replay`: a configuration folder and lines {"at", "topic", "payload"}.

Each test becomes a dwelling (a zone), each station an analogue multi-sensor device of the native format.
  fires_to_replay.py OUT                       as recorded (2 s, one test 5 s)
  fires_to_replay.py OUT --interval 10 --phase 4
  fires_to_replay.py OUT --on-change           heartbeat 60 s, a message at +0.5 °C or +0.01 /m
then: firegate replay --config OUT --jsonl OUT/fires.jsonl | report.py
"""
import argparse
import json
import os
from datetime import timedelta

import fires

HEARTBEAT_S, CHANGE_C, CHANGE_OD_M = 60, 0.5, 0.01


def at_intervals(samples, interval, phase):
    due = samples[0][0] + phase
    for at, sample in samples:
        if at >= due:
            yield at, sample
            while due <= at:
                due += interval


def on_change(samples):
    sent_at, sent = None, {}
    for at, sample in samples:
        moved = sent_at is None or at - sent_at >= HEARTBEAT_S or any(
            abs(sample.get(point, 0) - sent.get(point, 0)) >= step
            for point, step in (("temperature_c", CHANGE_C), ("smoke_od_m", CHANGE_OD_M)))
        if moved:
            sent_at, sent = at, sample
            yield at, sample


def messages(houses, options):
    for house in houses:
        for station in house.stations:
            samples = station.samples
            if options.on_change:
                samples = on_change(samples)
            elif options.interval:
                samples = at_intervals(samples, options.interval, options.phase)
            for number, (seconds, sample) in enumerate(samples, 1):
                at = house.start + timedelta(seconds=seconds)
                payload = {"seq": number, "boot": "test", "readings": sample}
                yield at, station.device, {"at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                                           "topic": f"fg/v1/{fires.ESTATE}/{station.device}/up", "payload": payload}


def write_config(folder, houses):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "places.yaml"), "w", encoding="utf-8") as out:
        out.write(f"estates:\n  - id: {fires.ESTATE}\n    name: Recorded fires\n    buildings:\n")
        for house in houses:
            test = house.test.lower()
            out.write(f"      - id: {test}\n        name: {house.test}\n        floors:\n          - id: f1\n"
                      f"            name: Ground\n            zones:\n              - {{id: home, name: {house.test}}}\n")
    with open(os.path.join(folder, "devices.csv"), "w", encoding="utf-8") as out:
        out.write("id,kind,format,address,estate,building,floor,zone\n")
        for house in houses:
            for station in house.stations:
                device = station.device
                out.write(f"{device},multi_detector,native,{device},{fires.ESTATE},{house.test.lower()},f1,home\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", help="folder to write: places.yaml, devices.csv, fires.jsonl")
    parser.add_argument("--data", default=fires.default_folder())
    parser.add_argument("--interval", type=float, default=0, help="seconds between reports; 0: as recorded")
    parser.add_argument("--phase", type=float, default=0, help="seconds from the start to the first report")
    parser.add_argument("--on-change", action="store_true", help="reports on change, as event-driven devices do")
    options = parser.parse_args()
    houses = fires.read_houses(options.data)
    write_config(options.out, houses)
    with open(os.path.join(options.out, "fires.jsonl"), "w", encoding="utf-8") as out:
        for _, _, line in sorted(messages(houses, options), key=lambda message: message[:2]):
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
