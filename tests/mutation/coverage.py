#!/usr/bin/env python3
"""Sums up what `gcov --json-format --stdout` says about the files below a folder: coverage.py FOLDER < gcov.json"""
import collections
import json
import os
import sys


def main():
    folder = os.path.realpath(sys.argv[1])
    counts = collections.defaultdict(lambda: collections.defaultdict(int))
    for line in sys.stdin:
        if not line.startswith("{"):
            continue
        for one in json.loads(line)["files"]:
            path = os.path.realpath(one["file"])
            if path.startswith(folder + os.sep):
                for row in one["lines"]:
                    counts[path][row["line_number"]] += row["count"]
    total = missed = 0
    for path in sorted(counts):
        lines = counts[path]
        gaps = sorted(number for number, count in lines.items() if count == 0)
        total, missed = total + len(lines), missed + len(gaps)
        where = f"  not covered: {', '.join(map(str, gaps))}" if gaps else ""
        print(f"{100 * (1 - len(gaps) / len(lines)):6.1f} % of {len(lines):4d}  {os.path.relpath(path, os.path.dirname(folder))}{where}")
    print(f"{os.path.basename(folder)}: {100 * (1 - missed / total) if total else 0:.1f} % of {total} lines")
    return 0 if total else 1


if __name__ == "__main__":
    sys.exit(main())
