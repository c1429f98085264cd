#!/usr/bin/env bash
# Sets up and passes every test. Usage: ./test.sh [quick|full|nightly]   (default: full)
#   quick    build, lint, unit, vectors, one flow                             about 3 minutes once built
#   full     all of it: ASan+UBSan, fuzz targets over their corpus, TSan for the parts with threads, flows, browser, crash
#   nightly  full, and long crash runs, all faults, a hundred power cuts, 10 million random steps, 100 nuisance years, mutation of rules
#            and alarms, benches
# The last line is the sum over everything: N passed, N failed, N skipped.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$ROOT"
tier=${1:-full}
case $tier in quick | full | nightly) ;; *) sed -n '2,7p' "$0" | sed 's/^# //'; exit 2 ;; esac

passed=0 failed=0 skipped=0 broken=()
results=$(mktemp -d); trap 'rm -rf "$results"' EXIT

# tally <name> <passed> <failed> <skipped>
tally() {
  passed=$((passed + $2)); failed=$((failed + $3)); skipped=$((skipped + $4))
  [ "$3" -eq 0 ] || broken+=("$1")
  printf '%-28s %5d passed %3d failed %3d skipped  (%ds)\n' "$1" "$2" "$3" "$4" $((SECONDS - started))
}
# A suite that ends without a count has failed as a whole.
start() { started=$SECONDS; say "$1"; }

# The sum of a JUnit file: "passed failed skipped".
junit() {
  $PYTHON - "$1" <<'PY'
import re, sys, xml.etree.ElementTree as tree
try:  # node writes the colours of messages into it, which are no XML
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        cases = list(tree.fromstring(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", file.read())).iter("testcase"))
except (OSError, tree.ParseError): cases = []
bad = sum(any(next(case.iter(tag), None) is not None for tag in ("failure", "error")) for case in cases)
skipped = sum(next(case.iter("skipped"), None) is not None or case.get("status") in ("notrun", "disabled") for case in cases)
print(len(cases) - bad - skipped, bad if cases else 1, skipped)  # a suite that ran nothing has failed
PY
}

run_ctest() {  # <name> <preset> [ctest options]
  local name=$1 folder=$ROOT/build; [ "$2" = release ] || folder=$ROOT/build-$2; shift 2
  start "$name"
  ctest --test-dir "$folder" -j2 --output-on-failure --output-junit "$results/$name.xml" "$@" >"$results/$name.log" 2>&1 \
    || grep -vE '^ *[0-9]+/[0-9]+ Test .*Passed|^ *Start ' "$results/$name.log" | tail -n 60
  # shellcheck disable=SC2046
  tally "$name" $(junit "$results/$name.xml")
}

# Tests of one folder without the time limit of a normal run: random walks of ten million steps, a hundred years of nuisance.
run_long() {  # <folder> <filter>
  local name=$1-long
  start "$name"
  FIREGATE_LONG=1 "$ROOT/build/tests/$1_test" --gtest_filter="$2" --gtest_output="xml:$results/$name.xml" >"$results/$name.log" 2>&1 \
    || tail -n 60 "$results/$name.log"
  # shellcheck disable=SC2046
  tally "$name" $(junit "$results/$name.xml")
}

# One test a folder: its unit tests notice enough of the changes that are made to it on purpose.
run_mutation() {  # <folder>
  local name=mutation-$1
  start "$name"
  if "$ROOT/tests/mutation/mutate.py" --build "$ROOT/build" --folder "$1" --minutes 120 --at-least 85 >"$results/$name.log" 2>&1
  then tally "$name" 1 0 0; else tail -n 60 "$results/$name.log"; tally "$name" 0 1 0; fi
}

run_pytest() {  # <name> <folder or file> [pytest options]
  local name=$1; shift
  start "$name"
  $PYTHON -m pytest -q -p no:cacheprovider --basetemp "$results/$name" --junitxml "$results/$name.xml" "$@" >"$results/$name.log" 2>&1 \
    || tail -n 60 "$results/$name.log"
  # shellcheck disable=SC2046
  tally "$name" $(junit "$results/$name.xml")
}

run_node() {  # <name> <folder> <npm script>: the script prints node's TAP or vitest's JUnit into $JUNIT
  local name=$1
  start "$name"
  (cd "$2" && JUNIT="$results/$name.xml" npm run --silent "$3") >"$results/$name.log" 2>&1 || tail -n 60 "$results/$name.log"
  # shellcheck disable=SC2046
  tally "$name" $(junit "$results/$name.xml")
}

run_lint() {
  start lint
  "$ROOT/tests/lint/lint.py" >"$results/lint.log" || cat "$results/lint.log"
  local last; last=$(tail -n 1 "$results/lint.log")
  tally lint "${last%% passed*}" "$(sed 's/.* \([0-9]*\) failed/\1/' <<<"$last")" 0
}

# Fire, hostile messages and the publishing of rules against a gateway with ASan and UBSan. What they find ends the gateway and stands in its log,
# which also tells of an end that no test has noticed.
run_flow_asan() {
  FIREGATE_PROGRAM=$ROOT/build-asan/firegate run_pytest flow-asan tests/flow/test_smoke.py tests/flow/test_hostile.py tests/flow/test_rules_publish.py \
    -k "not no_memory and not every_five_seconds"
  if grep -rhE -A 30 --include=firegate.log "runtime error:|ERROR: [A-Za-z]+Sanitizer" "$results/flow-asan"; then broken+=(flow-asan); fi
}

# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES $TEST_PACKAGES
install_node

say "building"
build release firegate
export FIREGATE_PROGRAM=$ROOT/build/firegate
run_lint
run_node console dashboards/console test:ci
run_node grafana dashboards/grafana test:ci

if [ "$tier" = quick ]; then
  build release unit_tests
  run_ctest unit release
  run_pytest flow tests/flow -k "smoke"
else
  say "building with ASan and UBSan"
  build asan unit_tests fuzzers firegate
  export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1
  run_ctest unit-asan asan -LE fuzz
  run_ctest fuzz asan -L fuzz
  run_flow_asan
  say "building with TSan what has threads"
  build tsan unit_tests
  TSAN_OPTIONS=suppressions=$ROOT/tests/support/tsan.supp run_ctest unit-tsan tsan
  run_pytest flow tests/flow
  run_pytest metrics tests/metrics
  run_pytest fires tests/fires
  run_pytest crash tests/crash
  run_pytest faults tests/faults -m quick
  run_node browser-real tests/browser test:ci:real  # first of the two: nobody has missed a listener yet
  run_node browser tests/browser test:ci
fi
if [ "$tier" = nightly ]; then
  FIREGATE_LONG=1 run_pytest crash-long tests/crash
  FIREGATE_LONG=1 run_pytest faults-long tests/faults
  build release unit_tests null_subscriber
  run_long alarms '*Walk*'
  run_long rules 'Nuisance*'
  run_mutation rules
  run_mutation alarms
  start bench; "$ROOT/tests/bench/bench.py" --rounds 5 --json "$ROOT/build/bench.json" || broken+=(bench)
fi

[ ${#broken[@]} -eq 0 ] || printf 'failed: %s\n' "${broken[*]}"
printf '%d passed, %d failed, %d skipped\n' $passed $failed $skipped
[ $failed -eq 0 ] && [ ${#broken[@]} -eq 0 ]
