"""Recorded fires through the whole program: converter, `firegate replay` with the default rules, report.

Run: FIREGATE_PROGRAM=build/firegate /usr/bin/python3 -m pytest tests/fires
"""
import os
import subprocess
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import fires  # noqa: E402

PROGRAM = os.environ.get("FIREGATE_PROGRAM", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "firegate"))
pytestmark = [
    pytest.mark.skipif(not os.path.isdir(fires.default_folder()), reason="no recorded fires beside the checkout"),
    pytest.mark.skipif(not os.path.isfile(PROGRAM), reason=f"no program at {PROGRAM}"),
]


def run_tool(name, *arguments, given=None):
    return subprocess.run([sys.executable, os.path.join(HERE, name), *arguments], input=given, text=True,
                          capture_output=True, check=False)


def replay(folder, *options):
    converted = run_tool("fires_to_replay.py", str(folder), *options)
    assert converted.returncode == 0, converted.stderr
    done = subprocess.run([PROGRAM, "replay", "--config", str(folder), "--jsonl", str(folder / "fires.jsonl")], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_as_recorded(tmp_path):
    found = run_tool("report.py", "--limits", "recorded", "--svg", str(tmp_path / "fires.svg"), given=replay(tmp_path))
    assert found.returncode == 0, found.stderr + found.stdout
    assert (tmp_path / "fires.svg").read_text(encoding="utf-8").endswith("</svg>\n")


@pytest.mark.parametrize("phase", ["0", "2", "4", "6", "8"])
def test_ten_second_reports(tmp_path, phase):
    found = run_tool("report.py", "--limits", "thinned", given=replay(tmp_path, "--interval", "10", "--phase", phase))
    assert found.returncode == 0, found.stderr + found.stdout


def test_the_report_says_what_it_misses(tmp_path):
    found = run_tool("report.py", "--limits", "recorded", given="")
    assert found.returncode == 1
    assert "median lead" in found.stderr
