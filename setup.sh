# Sourced by run.sh and test.sh: installs what is missing (Debian 12), and builds. Safe to run again: a second run takes seconds.
# Nothing here is run by hand.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/firegate-ccache}
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1   # another checkout of the same code finds the same objects
PYTHON=/usr/bin/python3   # Debian's, which sees Debian's Python packages

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "installing packages needs root: run this as root or install sudo"; fi
}

BUILD_PACKAGES="g++ cmake ninja-build ccache pkg-config git ca-certificates
  libpaho-mqttpp-dev libpaho-mqtt-dev libboost1.81-dev libboost-json1.81-dev libsqlite3-dev libsimdjson-dev libprotozero-dev
  libyaml-cpp-dev prometheus-cpp-dev libgtest-dev libgmock-dev libcli11-dev libspdlog-dev libfmt-dev libexpected-dev
  libcurl4-openssl-dev libsodium-dev libssl-dev zlib1g-dev libqrencode-dev libmozjs-102-dev libseccomp-dev
  libpng-dev libturbojpeg0-dev librsvg2-dev libfontconfig-dev libexpat1-dev mosquitto mosquitto-clients curl python3 python3-yaml"
TEST_PACKAGES="chromium libnss3-tools fonts-noto-cjk python3-pytest python3-websockets openssl sqlite3 nginx haproxy
  prometheus prometheus-alertmanager strace faketime e2fsprogs"

# install_packages <package>...: those that are not installed yet, in one go.
install_packages() {
  local missing="" package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  say "installing$missing"
  as_root apt-get update -q >/dev/null || die "apt-get update failed"
  local policy=/usr/sbin/policy-rc.d made_policy=""  # what is installed here does not start as a service of the machine
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $policy && made_policy=yes; }
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/tmp/firegate-apt.$$ 2>&1 \
    || { [ -z "$made_policy" ] || as_root rm -f $policy; tail -n 20 /tmp/firegate-apt.$$ >&2; die "apt-get install failed"; }
  [ -z "$made_policy" ] || as_root rm -f $policy
  rm -f /tmp/firegate-apt.$$
}

# Node.js 18 or later, with npm: what is there already, else Debian's.
install_node() {
  local major
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')
  if [ "${major:-0}" -lt 18 ] || ! command -v npm >/dev/null; then install_packages nodejs npm; fi
}

# build <preset> [target...]
build() {
  local preset=$1 folder; shift
  folder=$ROOT/build; [ "$preset" = release ] || folder=$ROOT/build-$preset
  [ -f "$folder/build.ninja" ] || cmake -S "$ROOT" --preset "$preset" >"$ROOT/.configure.log" 2>&1 \
    || { cat "$ROOT/.configure.log" >&2; die "cmake could not configure the build"; }
  local targets=(); [ $# -gt 0 ] && targets=(--target "$@")
  cmake --build "$folder" "${targets[@]}" || die "the build failed"
}

# free_port: a TCP port of loopback that nobody has now.
free_port() {
  $PYTHON -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port_is_free() {
  $PYTHON -c 'import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try: s.bind(("127.0.0.1", int(sys.argv[1])))
except OSError: sys.exit(1)' "$1"
}
