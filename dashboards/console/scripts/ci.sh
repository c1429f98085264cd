#!/bin/sh
# Type check and unit tests of the console, and whether the client's types are those of gateway/api/openapi.yaml; installs the packages where that has not been done. $JUNIT: file for the results.
set -eu
cd "$(dirname "$0")/.."
[ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
if ! npx --no-install openapi-typescript ../../gateway/api/openapi.yaml -o src/api/schema.d.ts --check >/dev/null 2>&1; then
  echo 'checking src/api/schema.d.ts: it differs from gateway/api/openapi.yaml, expected what `npm run generate` writes' >&2
  exit 1
fi
npx tsc --noEmit
reports="--reporter=default"
[ -z "${JUNIT:-}" ] || reports="$reports --reporter=junit --outputFile.junit=$JUNIT"
# shellcheck disable=SC2086
exec npx vitest run $reports
