#!/bin/sh
# Checks the types and the dashboards. Installs the packages where that has not been done. $JUNIT: file for the results.
set -eu
cd "$(dirname "$0")"
# npm writes that file last: it is older than the lock file where packages are missing.
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
npm run --silent lint
reports="--test-reporter=spec --test-reporter-destination=stdout"
[ -z "${JUNIT:-}" ] || reports="$reports --test-reporter=junit --test-reporter-destination=$JUNIT"
# shellcheck disable=SC2086
exec node --import tsx --test $reports test/*.test.ts
