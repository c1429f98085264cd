#!/usr/bin/env bash
# Line coverage of gateway/rules and gateway/alarms by their unit tests. Usage: coverage.sh [build directory]
# Builds with --coverage in a directory of its own; prints a line a file, what is not covered, and the sum of each folder.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build-coverage}
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS="-O0 --coverage" -DFIREGATE_CONSOLE=OFF >/dev/null
ninja -C "$build" rules_test alarms_test >/dev/null
find "$build" -name '*.gcda' -delete
for folder in rules alarms; do
  (cd "$root" && "$build/tests/${folder}_test" --gtest_brief=1 >/dev/null)
  find "$build/gateway" -path "*firegate_$folder.dir*" -name '*.gcda' -print0 |
    xargs -0 gcov --json-format --stdout 2>/dev/null |
    python3 "$root/tests/mutation/coverage.py" "$root/gateway/$folder"
done
