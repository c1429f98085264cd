"""The recorded fires of the NIST Home Smoke Alarm tests (Technical Note 1455-1), as houses with stations.

A station is what a multi-sensor device at the ceiling would have measured: TC<station>_1, SM<station>_1 and
GAS<station>_1. Alarms are the recorded ones, in seconds from the start of the test.
"""
import csv
import os
from datetime import datetime, timedelta, timezone

ESTATE = "nist"
FIRST_START = datetime(2026, 1, 1, tzinfo=timezone.utc)
APART = timedelta(hours=2)  # from the start of one test to the next


class Station:
    def __init__(self, test, letter):
        self.test, self.letter = test, letter
        self.samples = []  # (seconds, {point: value})
        self.photoelectric = None  # seconds of the first alarm of the kind at the station
        self.ionisation = None

    @property
    def device(self):
        return f"{self.test}-{self.letter}".lower()


class House:
    def __init__(self, test, start, stations):
        self.test, self.start, self.stations = test, start, stations

    def first(self, kind):
        return min((getattr(s, kind) for s in self.stations if getattr(s, kind) is not None), default=None)


def read_number(row, column):
    try:
        return float(row[column])
    except (KeyError, TypeError, ValueError):
        return None


def read_sample(row, letter):
    sample = {"temperature_c": read_number(row, f"TC{letter}_1"), "smoke_od_m": read_number(row, f"SM{letter}_1")}
    co_volume_pct = read_number(row, f"GAS{letter}_1")
    if co_volume_pct is not None:
        sample["co_ppm"] = max(0.0, round(co_volume_pct * 10000, 1))
    return {point: value for point, value in sample.items() if value is not None}


def read_houses(folder):
    """Every test of the folder; each is a house that burns two hours after the one before."""
    with open(os.path.join(folder, "activation_times.csv"), encoding="utf-8") as stream:
        activations = list(csv.DictReader(stream))
    houses = []
    for test in sorted({row["test"] for row in activations}):
        with open(os.path.join(folder, test + ".csv"), encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        letters = sorted(name[2] for name in rows[0] if len(name) == 5 and name.startswith("TC") and name.endswith("_1"))
        stations = [Station(test, letter) for letter in letters]
        for station in stations:
            station.samples = [(float(row["TIME"]), read_sample(row, station.letter)) for row in rows]
            for kind, prefix in (("photoelectric", "Pho"), ("ionisation", "Ion")):
                times = [float(a["activation_s"]) for a in activations
                         if a["test"] == test and a["alarm"].startswith(prefix) and a["alarm"][-1] == station.letter]
                setattr(station, kind, min(times, default=None))
        houses.append(House(test, FIRST_START + APART * len(houses), stations))
    return houses


def default_folder():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.path.join(os.path.dirname(root), "shared", "data", "fires")
