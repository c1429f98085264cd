#!/bin/sh
# Usage: ci.sh TEST_FILE...   Browser tests, beside a real broker and gateway. Installs the packages and builds the console
# where that has not been done. $JUNIT: file for the results.
set -eu
cd "$(dirname "$0")"
console=../../dashboards/console
# npm writes that file last: it is older than the lock file where packages are missing.
install() { [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
install
(cd $console && install)
built=../../build/dashboards/console
[ -f $built/index.html ] || { (cd $console && npm run --silent build); built=$console/dist; }
export FIREGATE_CONSOLE_DIST="${FIREGATE_CONSOLE_DIST:-$(cd $built && pwd)}"
reports="--test-reporter=spec --test-reporter-destination=stdout"
[ -z "${JUNIT:-}" ] || reports="$reports --test-reporter=junit --test-reporter-destination=$JUNIT"
# shellcheck disable=SC2086
exec /usr/bin/python3 support/with_gateway.py node --import tsx --test --test-concurrency=1 $reports "$@"
