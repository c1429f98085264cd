#!/bin/sh
# Type check and unit tests of the console; installs the packages where that has not been done. $JUNIT: file for the results.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npx tsc --noEmit
reports="--reporter=default"
[ -z "${JUNIT:-}" ] || reports="$reports --reporter=junit --outputFile.junit=$JUNIT"
# shellcheck disable=SC2086
exec npx vitest run $reports
