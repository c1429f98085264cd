#!/usr/bin/env bash
# Sets up and runs a demo estate: broker, gateway, simulated devices in real wire formats, and the console.
# Usage: ./run.sh [--fresh] [--scenario NAME] [--port HTTP_PORT] [--seconds N]
#   --fresh     forget what earlier runs recorded      --scenario  what the devices go through (default: demo)
#   --port      port of the console (default 8080)     --seconds   stop by itself after N seconds
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

http_port=8080 scenario=demo seconds=0 fresh=no
while [ $# -gt 0 ]; do
  case $1 in
    --fresh) fresh=yes; shift ;;
    --scenario) scenario=$2; shift 2 ;;
    --port) http_port=$2; shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    *) sed -n '2,5p' "${BASH_SOURCE[0]}" | sed 's/^# //'; exit 2 ;;
  esac
done

# shellcheck disable=SC2086
install_packages $BUILD_PACKAGES
install_node
say "building"
build release firegate

data=$ROOT/run
[ "$fresh" = yes ] && rm -rf "$data"
mkdir -p "$data/mosquitto"
port_is_free "$http_port" || { busy=$http_port; http_port=$(free_port); say "port $busy is taken, using $http_port"; }
mqtt_port=18830
port_is_free $mqtt_port || mqtt_port=$(free_port)

# The broker: our settings, its own port and data folder, not the system's service.
broker=$(command -v mosquitto || echo /usr/sbin/mosquitto)
sed -e "s/^listener .*/listener $mqtt_port 127.0.0.1/" "$ROOT/config/mosquitto/firegate.conf" > "$data/mosquitto.conf"
echo "persistence_location $data/mosquitto/" >> "$data/mosquitto.conf"
[ "$(id -u)" = 0 ] && echo "user root" >> "$data/mosquitto.conf"

children=()
stop() {
  trap - EXIT INT TERM
  for ((i = ${#children[@]} - 1; i >= 0; i--)); do  # each while what it talks to still lives
    kill "${children[i]}" 2>/dev/null || true
    wait "${children[i]}" 2>/dev/null || true
  done
}
trap stop EXIT
trap 'exit 0' INT TERM  # Ctrl-C is how it ends

say "starting the broker on 127.0.0.1:$mqtt_port"
"$broker" -c "$data/mosquitto.conf" >"$data/mosquitto.log" 2>&1 & children+=($!)

say "starting firegate"
"$ROOT/build/firegate" serve --config "$ROOT/config" --data "$data" \
  --set broker.port=$mqtt_port --set api.port="$http_port" >"$data/firegate.log" 2>&1 & gateway=$!; children+=($gateway)
for _ in $(seq 100); do
  curl -sf -o /dev/null "http://127.0.0.1:$http_port/readyz" && break
  kill -0 $gateway 2>/dev/null || { tail -n 20 "$data/firegate.log" >&2; die "firegate did not start"; }
  read -rt 0.1 <> <(:) || true
done

say "starting the simulated estate ($scenario)"
"$ROOT/build/firegate" simulate --estate "$ROOT/config/devices.csv" --port $mqtt_port --scenario "$scenario" \
  >"$data/simulate.log" 2>&1 & children+=($!)

# While there is no user, the gateway prints a code that lets the first one be made.
code=$(sed -n 's/.*event=setup_code code="\{0,1\}\([0-9A-Z-]*\).*/\1/p' "$data/firegate.log" | tail -n 1)
[ -z "$code" ] || cat <<TEXT

  First, make your account (it has every role):
                http://127.0.0.1:$http_port/setup#$code
TEXT

cat <<TEXT

  The board:    http://127.0.0.1:$http_port/board     (open it; click once so that the browser may sound)
  Wall screen:  http://127.0.0.1:$http_port/wall?post=desk
  Metrics:      http://127.0.0.1:$http_port/metrics
  MQTT:         127.0.0.1:$mqtt_port                   (publish your own device; see README)
  Logs:         run/firegate.log, run/simulate.log, run/mosquitto.log

  A kitchen detector in 1号楼 raises a fire within a minute. Ctrl-C stops everything.

TEXT
if [ "$seconds" -gt 0 ]; then
  read -rt "$seconds" <> <(:) || true
else
  wait $gateway || die "firegate stopped: see run/firegate.log"
fi
