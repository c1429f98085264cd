#!/usr/bin/python3
"""firegate's alarms beside the recorded ones: reads the lines of `firegate replay`, writes a table and a plot (SVG).

  firegate replay --config OUT --jsonl OUT/fires.jsonl | report.py [--svg FILE] [--limits recorded|thinned]
With --limits the exit code is 1 when the figures miss them. Lead: the first photoelectric alarm at the station minus
ours, + is earlier; the house: the first in the house against our first.
"""
import argparse
import json
import statistics
import sys
from datetime import datetime

import fires

# Median lead, share of stations that may be later, worst lateness; the house: median, never later.
LIMITS = {"recorded": (30, 0.10, 15, 45), "thinned": (25, 0.20, 20, 45)}
RAISED = {"fire_alarm", "pre_alarm"}


def first_alarms(stream):
    """{(device, class): time of the first raise}"""
    first = {}
    for line in stream:
        event = json.loads(line)
        if "alarm" not in event or event.get("class") not in RAISED or not event.get("subject"):
            continue
        if event.get("to") in (None, "normal"):
            continue
        at = datetime.fromisoformat(event["at"].replace("Z", "+00:00"))
        key = (event["subject"].split("/")[0], event["class"])
        first[key] = min(at, first.get(key, at))
    return first


class Row:
    def __init__(self, house, station, alarms):
        def after_start(alarm_class):
            at = alarms.get((station.device, alarm_class))
            return None if at is None else (at - house.start).total_seconds()
        self.station = station
        self.alarm = after_start("fire_alarm")
        self.pre_alarm = after_start("pre_alarm")
        self.lead = None
        if station.photoelectric is not None:
            self.lead = float("-inf") if self.alarm is None else station.photoelectric - self.alarm


def figures(leads):
    return statistics.median(leads), sum(lead < 0 for lead in leads), len(leads), min(leads)


def house_leads(houses, rows):
    for house in houses:
        ours = min((r.alarm for r in rows if r.station in house.stations and r.alarm is not None), default=float("inf"))
        yield house.first("photoelectric") - ours


def show(value, sign=False):
    return "" if value is None else f"{value:+.0f}" if sign else f"{value:.0f}"


def print_table(rows):
    print(f"{'station':10}{'ionisation':>12}{'photoelectric':>15}{'firegate':>10}{'pre-alarm':>11}{'lead s':>8}")
    for row in rows:
        print(f"{row.station.device:10}{show(row.station.ionisation):>12}{show(row.station.photoelectric):>15}"
              f"{show(row.alarm):>10}{show(row.pre_alarm):>11}{show(row.lead, True):>8}")


def write_svg(path, rows):
    left, width, high, longest = 90, 640, 20, 210
    marks = [("ionisation", "#8e8e93", lambda r: r.station.ionisation), ("photoelectric", "#0a64ad", lambda r: r.station.photoelectric),
             ("firegate", "#c8102e", lambda r: r.alarm)]
    rows = [row for row in rows if row.station.photoelectric is not None]
    height = 60 + high * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 20} {height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>']
    for seconds in range(0, longest, 30):
        x = left + width * seconds / longest
        parts.append(f'<path d="M{x:.1f} 30V{height - 25}" stroke="#ddd"/><text x="{x:.1f}" y="{height - 8}" text-anchor="middle">{seconds} s</text>')
    for i, (name, colour, _) in enumerate(marks):
        parts.append(f'<circle cx="{left + 140 * i}" cy="14" r="5" fill="{colour}"/><text x="{left + 140 * i + 10}" y="18">{name}</text>')
    for i, row in enumerate(rows):
        y = 42 + high * i
        parts.append(f'<text x="8" y="{y + 4}">{row.station.device}</text>')
        if row.alarm is not None:
            ends = [left + width * at / longest for at in (row.alarm, row.station.photoelectric)]
            parts.append(f'<path d="M{ends[0]:.1f} {y}H{ends[1]:.1f}" stroke="{"#2e7d32" if row.lead >= 0 else "#e08a00"}" stroke-width="3"/>')
        for _, colour, at in marks:
            if at(row) is not None:
                parts.append(f'<circle cx="{left + width * at(row) / longest:.1f}" cy="{y}" r="5" fill="{colour}"/>')
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(parts + ["</svg>"]) + "\n")


def misses(stations, house, limits):
    median_s, share, worst_s, house_s = limits
    if stations[0] < median_s:
        yield f"median lead {stations[0]:.1f} s, expected {median_s} s"
    if stations[1] > share * stations[2]:
        yield f"later at {stations[1]} of {stations[2]} stations, expected {share:.0%} at most"
    if stations[3] < -worst_s:
        yield f"worst {stations[3]:.0f} s, expected {-worst_s} s"
    if house[0] < house_s or house[1]:
        yield f"house: median {house[0]:.1f} s, later at {house[1]}; expected {house_s} s and none"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("replayed", nargs="?", help="lines of `firegate replay`; standard input without it")
    parser.add_argument("--data", default=fires.default_folder())
    parser.add_argument("--svg", help="file of the plot")
    parser.add_argument("--limits", choices=sorted(LIMITS))
    options = parser.parse_args()
    houses = fires.read_houses(options.data)
    if options.replayed:
        with open(options.replayed, encoding="utf-8") as stream:
            alarms = first_alarms(stream)
    else:
        alarms = first_alarms(sys.stdin)
    rows = [Row(house, station, alarms) for house in houses for station in house.stations]
    print_table(rows)
    stations = figures([row.lead for row in rows if row.lead is not None])
    house = figures(list(house_leads(houses, rows)))
    for name, found in (("stations", stations), ("house", house)):
        print(f"{name}: median lead {found[0]:.1f} s, later at {found[1]} of {found[2]}, worst {found[3]:+.0f} s")
    if options.svg:
        write_svg(options.svg, rows)
    missed = list(misses(stations, house, LIMITS[options.limits])) if options.limits else []
    for what in missed:
        print(what, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
