#!/usr/bin/env bash
# The AWS that the tests of wharf talk to, on loopback:
# LocalStack with the plugin in plugin/, an OCI registry (behind ECR) and a container engine (for ECS tasks).
#
#   emulators.sh start    install what is missing, start, wait until healthy; prints the path of a file to source
#   emulators.sh stop     end everything that start has started
#   emulators.sh status   one line per part; exit status 0 when all of them are up
#   emulators.sh test     start, then run the tests of the emulators themselves (arguments go to pytest)
#   emulators.sh check    ruff and mypy over the plugin and its tests
#   emulators.sh env      print the lines of that file:  eval "$(tests/emulators/emulators.sh env)"
#
# Settings (environment) are listed in README.md. Needs bash, curl, flock and Python; the rest is installed.
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
STATE=${WHARF_EMULATORS_STATE:-$HERE/../../target/emulators}
mkdir -p "$STATE"
STATE=$(cd "$STATE" && pwd)
PORT=${WHARF_EMULATORS_PORT:-4566}
REGISTRY_PORT=${WHARF_EMULATORS_REGISTRY_PORT:-5055}
PASSWORD=ecr-test-password
ID=$(printf %s "$STATE" | sha256sum | cut -c1-10)
VENV=$STATE/venv
# Sockets have a limit of 108 bytes, so the engine's run-time files do not go below the state directory.
if [ "$(id -u)" = 0 ]; then RUN=/run/wharf-emulators/$ID; else RUN=${XDG_RUNTIME_DIR:-/tmp}/wharf-emulators-$ID; fi
PARTS="localstack registry engine"

say() { printf 'emulators: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# --- processes: a pid file holds "pid start-time", so a reused pid is never taken for ours ---------------------------

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

record() { printf '%s %s\n' "$2" "$(start_time "$2")" > "$STATE/$1.pid"; }

running() { # NAME: prints the pid when the recorded process still lives
  local pid started
  read -r pid started 2>/dev/null < "$STATE/$1.pid" || return 1
  [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] || return 1
  case $(sed 's/.*) //' "/proc/$pid/stat") in Z*) return 1 ;; esac
  echo "$pid"
}

end() { # NAME: TERM, then KILL after 15 s
  local pid
  if pid=$(running "$1"); then
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 150); do running "$1" > /dev/null || break; sleep 0.1; done
    if running "$1" > /dev/null; then kill -9 "$pid" 2>/dev/null || true; fi
  fi
  rm -f "$STATE/$1.pid"
}

# What a killed dockerd leaves: its containerd and the shims, which carry our own exec root in their command lines (nobody
# else uses that path), and the containers, which are children of the shims.
reap_engine() {
  local file pid child command
  [ -d "$RUN/x" ] || return 0
  for file in /proc/[0-9]*/cmdline; do
    pid=${file#/proc/} pid=${pid%/cmdline}
    command=$({ tr '\0' ' ' < "$file"; } 2> /dev/null) || continue
    case $command in *"$RUN/x/"*) ;; *) continue ;; esac
    case $command in
      *containerd-shim*)
        for child in $(cat "/proc/$pid/task/$pid/children" 2> /dev/null); do kill -9 "$child" 2> /dev/null || true; done ;;
    esac
    kill -9 "$pid" 2> /dev/null || true
  done
  sleep 0.2
  awk -v p="$RUN/" -v s="$STATE/docker/" 'index($2 "/", p) == 1 || index($2 "/", s) == 1 { print $2 }' /proc/mounts | sort -r |
    while read -r file; do umount -l "$file" 2> /dev/null || true; done
  rm -rf "$RUN/x" "$RUN/docker.sock" "$RUN/dockerd.pid"
}

remove_containers() { # of an engine that was lent to us, and of our own before it stops
  local host=$1 ids
  ids=$(curl -sf --unix-socket "${host#unix://}" "http://docker/containers/json?all=1&filters=%7B%22label%22%3A%5B%22wharf-emulators%3D$ID%22%5D%7D" |
    grep -o '"Id":"[0-9a-f]*"' | cut -d'"' -f4) || return 0
  for id in $ids; do
    curl -s -o /dev/null --unix-socket "${host#unix://}" -X DELETE "http://docker/containers/$id?force=1&v=1" || true
  done
  ids=$(curl -sf --unix-socket "${host#unix://}" "http://docker/networks?filters=%7B%22label%22%3A%5B%22wharf-emulators%3D$ID%22%5D%7D" |
    grep -o '"Id":"[0-9a-f]*"' | cut -d'"' -f4) || return 0
  for id in $ids; do
    curl -s -o /dev/null --unix-socket "${host#unix://}" -X DELETE "http://docker/networks/$id" || true
  done
}

stop() {
  local host
  end localstack
  host=$(cat "$STATE/engine.host" 2>/dev/null) || host=
  case $host in unix://*) remove_containers "$host" ;; esac
  if running engine > /dev/null; then end engine; fi
  rm -f "$STATE/engine.pid" "$STATE/engine.host" "$STATE/env.sh"
  if [ "$(id -u)" = 0 ]; then reap_engine; fi
  rmdir "$RUN" 2> /dev/null || true
  end registry
}

# --- installation ----------------------------------------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo > /dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

apt_updated=
need() { # COMMAND PACKAGE
  command -v "$1" > /dev/null && return 0
  command -v apt-get > /dev/null || die "$1 is missing (package $2)"
  say "installing $2"
  if [ -z "$apt_updated" ]; then as_root apt-get update -qq > "$STATE/apt.log" 2>&1 || true; apt_updated=1; fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >> "$STATE/apt.log" 2>&1 || return 1
  command -v "$1" > /dev/null
}

find_python() { # sets PYTHON and VERSION (of LocalStack)
  local candidates=("${WHARF_EMULATORS_PYTHON:-}") c pyenv=${PYENV_ROOT:-$HOME/.pyenv}/versions
  if [ -z "${WHARF_EMULATORS_PYTHON:-}" ]; then
    candidates=(python3.13 python3.14 python3 "$pyenv"/3.13*/bin/python3 "$pyenv"/3.14*/bin/python3)
  fi
  for c in "${candidates[@]}"; do
    if "$c" -c 'import sys, venv; sys.exit(not (3, 13) <= sys.version_info[:2] <= (3, 14))' 2> /dev/null; then
      PYTHON=$c VERSION=2026.3.0
      return
    fi
  done
  if [ -z "${WHARF_EMULATORS_PYTHON:-}" ]; then candidates=(python3.11 python3.12 /usr/bin/python3 python3); fi
  for c in "${candidates[@]}"; do
    if "$c" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then PYTHON=$c VERSION=4.13.1; break; fi
  done
  [ -n "${PYTHON:-}" ] || die "needs Python 3.11 or newer (3.13 for LocalStack 2026.3.0); set WHARF_EMULATORS_PYTHON"
  if ! "$PYTHON" -c 'import ensurepip' 2> /dev/null; then as_root apt-get install -y -qq python3-venv >> "$STATE/apt.log" 2>&1 || true; fi
  say "no Python 3.13: LocalStack $VERSION on $("$PYTHON" -V)"
}

install_python() {
  local key
  find_python
  key=$VERSION-$(sha256sum < "$HERE/locks/localstack-$VERSION.txt" | cut -c1-16)
  if [ "$(cat "$VENV/.key" 2> /dev/null)" != "$key" ] || [ ! -x "$VENV/bin/python" ]; then
    say "installing LocalStack $VERSION ($("$PYTHON" -V))"
    rm -rf "$VENV"
    "$PYTHON" -m venv "$VENV"
    "$VENV/bin/pip" install -q --disable-pip-version-check uv
    "$VENV/bin/uv" pip install -q -p "$VENV/bin/python" --compile-bytecode \
      -c "$HERE/locks/localstack-$VERSION.txt" "localstack-core[runtime]==$VERSION" bcrypt==5.0.0
    echo "$key" > "$VENV/.key"
  fi
  key=$(sha256sum < "$HERE/plugin/pyproject.toml")
  if [ "$(cat "$VENV/.plugin" 2> /dev/null)" != "$key" ]; then
    "$VENV/bin/uv" pip install -q -p "$VENV/bin/python" --no-deps -e "$HERE/plugin"
    echo "$key" > "$VENV/.plugin"
  fi
}

# --- parts -----------------------------------------------------------------------------------------------------------

in_use() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

launch() { # NAME COMMAND...: in a session of its own, output to NAME.log
  local name=$1
  shift
  setsid "$@" > "$STATE/$name.log" 2>&1 < /dev/null 9>&- &
  record "$name" $!
}

start_registry() {
  rm -rf "$STATE/registry"
  mkdir -p "$STATE/registry"
  "$VENV/bin/python" -c 'import bcrypt, sys
print("AWS:" + bcrypt.hashpw(sys.argv[1].encode(), bcrypt.gensalt(4)).decode())' "$PASSWORD" > "$STATE/htpasswd"
  cat > "$STATE/registry.yml" <<Y
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $STATE/registry}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$REGISTRY_PORT", secret: wharf-emulators}
auth: {htpasswd: {realm: ecr, path: $STATE/htpasswd}}
Y
  launch registry env -i PATH=/usr/bin:/bin HOME="$STATE" docker-registry serve "$STATE/registry.yml"
}

engine_answers() { curl -sf -o /dev/null --max-time 5 --unix-socket "${1#unix://}" http://docker/_ping; }

start_engine() { # sets ENGINE (docker|none) and ENGINE_HOST
  ENGINE=none ENGINE_HOST=
  case ${WHARF_EMULATORS_DOCKER_HOST:-} in
    none) say "tasks are simulated (WHARF_EMULATORS_DOCKER_HOST=none)"; return ;;
    unix://*)
      engine_answers "$WHARF_EMULATORS_DOCKER_HOST" || die "no engine answers at $WHARF_EMULATORS_DOCKER_HOST"
      ENGINE=docker ENGINE_HOST=$WHARF_EMULATORS_DOCKER_HOST
      echo "$ENGINE_HOST" > "$STATE/engine.host"
      return ;;
    ?*) die "WHARF_EMULATORS_DOCKER_HOST must be unix:///path or none" ;;
  esac
  if [ "$(id -u)" != 0 ]; then
    say "not root and no WHARF_EMULATORS_DOCKER_HOST: tasks are simulated, no container runs"
    return
  fi
  if ! need dockerd docker.io; then say "no container engine could be installed: tasks are simulated"; return; fi
  mkdir -p "$RUN" "$STATE/docker"
  local attempt
  for attempt in 1 2; do
    rm -f "$RUN/dockerd.pid"
    launch engine env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin HOME="$STATE" dockerd \
      --data-root "$STATE/docker" --exec-root "$RUN/x" --pidfile "$RUN/dockerd.pid" -H "unix://$RUN/docker.sock" \
      --iptables=false --ip6tables=false --ip-forward=false --default-address-pool base=10.213.0.0/16,size=26
    for _ in $(seq 150); do
      if engine_answers "unix://$RUN/docker.sock"; then
        ENGINE=docker ENGINE_HOST=unix://$RUN/docker.sock
        echo "$ENGINE_HOST" > "$STATE/engine.host"
        return
      fi
      running engine > /dev/null || break
      sleep 0.1
    done
    end engine
    reap_engine
    [ "$attempt" = 2 ] || rm -rf "$STATE/docker/containers"
  done
  say "dockerd does not start here (see $STATE/engine.log): tasks are simulated"
}

start_localstack() {
  rm -rf "$STATE/tmp" "$STATE/localstack" "$STATE/s3"
  mkdir -p "$STATE/tmp" "$STATE/localstack" "$STATE/s3"
  local setting settings=()
  while IFS= read -r setting; do settings+=("$setting"); done < <(env | sed -n '/^WHARF_EMULATORS_/p')
  launch localstack env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$STATE" LANG=C.UTF-8 TMPDIR="$STATE/tmp" PYTHONUNBUFFERED=1 PYTHONPYCACHEPREFIX="$STATE/pycache" \
    GATEWAY_LISTEN="127.0.0.1:$PORT" OVERRIDE_IN_DOCKER=0 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 DNS_ADDRESS=0 \
    LOCALSTACK_VOLUME_DIR="$STATE/localstack" FILESYSTEM_ROOT="$STATE/localstack" DOCKER_HOST=unix:///nonexistent.sock IN_MEMORY_CLIENT="$([ "$VERSION" = 4.13.1 ] || echo 1)" \
    PROVIDER_OVERRIDE_ACM=wharf PROVIDER_OVERRIDE_CLOUDFORMATION=wharf PROVIDER_OVERRIDE_RESOURCEGROUPSTAGGINGAPI=wharf ${settings[@]+"${settings[@]}"} \
    WHARF_EMULATORS_ID="$ID" WHARF_EMULATORS_STATE="$STATE" WHARF_EMULATORS_REGISTRY="127.0.0.1:$REGISTRY_PORT" \
    WHARF_EMULATORS_REGISTRY_PASSWORD="$PASSWORD" WHARF_EMULATORS_ENGINE_HOST="$ENGINE_HOST" \
    "$VENV/bin/python" -m localstack.runtime.main
}

healthy() {
  running localstack > /dev/null && running registry > /dev/null || return 1
  if [ -f "$STATE/engine.pid" ]; then running engine > /dev/null || return 1; fi
  [ "$(curl -s -o /dev/null --max-time 5 -w '%{http_code}' -u "AWS:$PASSWORD" "http://127.0.0.1:$REGISTRY_PORT/v2/")" = 200 ] || return 1
  case $(curl -sf --max-time 5 "http://127.0.0.1:$PORT/_localstack/health") in *'"ecs": '*) return 0 ;; esac
  return 1
}

# What the running processes were started with; anything else means a restart.
fingerprint() {
  { cat "$HERE/emulators.sh" "$HERE"/locks/*.txt; find "$HERE/plugin" -name '*.py' -o -name '*.json' -o -name '*.toml' | sort | xargs cat
    echo "$PORT $REGISTRY_PORT"; env | sed -n '/^WHARF_EMULATORS_/p' | sort; } | sha256sum | cut -c1-32
}

start() {
  local key name
  key=$(fingerprint)
  if [ "$(cat "$STATE/fingerprint" 2> /dev/null)" = "$key" ] && [ -f "$STATE/env.sh" ] && healthy; then
    echo "$STATE/env.sh"
    return
  fi
  stop
  for name in "$PORT" "$REGISTRY_PORT"; do
    if in_use "$name"; then die "port $name is taken: set WHARF_EMULATORS_PORT and WHARF_EMULATORS_REGISTRY_PORT"; fi
  done
  need curl curl || die "curl is missing"
  need docker-registry docker-registry || die "docker-registry is missing and could not be installed"
  install_python
  start_registry
  start_engine
  start_localstack
  for _ in $(seq 900); do
    for name in registry localstack; do
      running "$name" > /dev/null || { tail -n 20 "$STATE/$name.log" >&2; stop; die "$name has ended, see $STATE/$name.log"; }
    done
    if healthy; then break; fi
    sleep 0.1
  done
  healthy || { tail -n 20 "$STATE/localstack.log" >&2; stop; die "not healthy in 90 s, see $STATE/*.log"; }
  cat > "$STATE/env.sh" <<V
export AWS_ENDPOINT_URL=http://127.0.0.1:$PORT
export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test
export AWS_EC2_METADATA_DISABLED=true
export ECR_REGISTRY=127.0.0.1:$REGISTRY_PORT
export WHARF_EMULATORS_ENGINE=$ENGINE
V
  if [ "$ENGINE" = docker ]; then echo "export DOCKER_HOST=$ENGINE_HOST" >> "$STATE/env.sh"; fi
  echo "$key" > "$STATE/fingerprint"
  echo "$STATE/env.sh"
}

status() {
  local part pid all=0
  for part in $PARTS; do
    if pid=$(running "$part"); then
      echo "$part: running, pid $pid"
    elif [ "$part" = engine ] && [ ! -f "$STATE/engine.pid" ]; then
      echo "engine: $(cat "$STATE/engine.host" 2> /dev/null || echo 'none, tasks are simulated')"
    else
      echo "$part: not running"
      all=1
    fi
  done
  if healthy; then echo "healthy, AWS_ENDPOINT_URL=http://127.0.0.1:$PORT"; else echo "not healthy"; all=1; fi
  return $all
}

tools() { # for those who work on the emulators
  local key
  key=$(sha256sum < "$HERE/tests/requirements.txt")
  [ "$(cat "$VENV/.tools" 2> /dev/null)" != "$key" ] || return 0
  "$VENV/bin/uv" pip install -q -p "$VENV/bin/python" -r "$HERE/tests/requirements.txt" \
    -c "$HERE/locks/localstack-$(cut -d- -f1 "$VENV/.key").txt"
  echo "$key" > "$VENV/.tools"
}

command -v flock > /dev/null || die "flock is missing (package util-linux)"
exec 9> "$STATE/lock"
case ${1:-start} in
  start) flock 9; start ;;
  stop) flock 9; stop ;;
  status) status ;;
  test)
    flock 9; start > /dev/null; tools; exec 9>&-
    shift
    cd "$HERE/tests"
    export PYTHONPYCACHEPREFIX="$STATE/pycache"
    exec "$VENV/bin/python" -m pytest -q -p no:cacheprovider "$@" ;;
  check)
    flock 9; install_python; tools
    cd "$HERE"
    "$VENV/bin/ruff" format --no-cache --check plugin tests
    "$VENV/bin/ruff" check --no-cache plugin tests
    cd plugin
    exec "$VENV/bin/mypy" --cache-dir "$STATE/mypy" wharf_localstack ;;
  env) [ -f "$STATE/env.sh" ] || die "not started"; cat "$STATE/env.sh" ;;
  *) die "usage: emulators.sh start|stop|status|env|test|check" ;;
esac
