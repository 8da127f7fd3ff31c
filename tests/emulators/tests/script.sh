#!/usr/bin/env bash
# Tests of emulators.sh itself, with a state directory and ports of their own (beside whatever runs on the usual ones).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export WHARF_EMULATORS_STATE=${WHARF_EMULATORS_STATE:-$HERE/../../../target/emulators-script}
export WHARF_EMULATORS_PORT=4599 WHARF_EMULATORS_REGISTRY_PORT=5099
run=$HERE/../emulators.sh

fail() { echo "FAILED: $*" >&2; exit 1; }
pid() { cut -d' ' -f1 "$WHARF_EMULATORS_STATE/$1.pid"; }
answers() { curl -sf -o /dev/null "http://127.0.0.1:4599/_localstack/health"; }
# Processes of this copy, by the paths that only it uses.
left() {
  local state id
  state=$(cd "$WHARF_EMULATORS_STATE" && pwd) id=$(printf %s "$(cd "$WHARF_EMULATORS_STATE" && pwd)" | sha256sum | cut -c1-10)
  pgrep -f -- "$state/|wharf-emulators/$id/" | grep -vx $$ || true
}
trap '"$run" stop' EXIT

echo "start, start again"
file=$("$run" start)
[ -f "$file" ] || fail "no env file"
grep -q 'AWS_ENDPOINT_URL=http://127.0.0.1:4599' "$file" || fail "env file"
first=$(pid localstack)
[ "$("$run" start)" = "$file" ] && [ "$(pid localstack)" = "$first" ] || fail "the second start did something"
"$run" status > /dev/null || fail status
eval "$("$run" env)"
[ "$AWS_ENDPOINT_URL" = http://127.0.0.1:4599 ] || fail env
if ss -Hltn 2> /dev/null | awk '{print $4}' | grep -E ':(4599|5099)$' | grep -qv '^127\.'; then fail "not on loopback only"; fi

for part in localstack registry engine; do
  [ -f "$WHARF_EMULATORS_STATE/$part.pid" ] || continue
  echo "kill -9 $part"
  kill -9 "$(pid $part)"
  sleep 0.2
  if "$run" status > /dev/null; then fail "status after $part was killed"; fi
  "$run" start > /dev/null || fail "start after $part was killed"
  answers || fail "not healthy after $part was killed"
  "$run" status > /dev/null || fail "status after the restart"
done

echo "kill -9 all, with a stale pid file of someone else's process"
for part in localstack registry engine; do [ -f "$WHARF_EMULATORS_STATE/$part.pid" ] && kill -9 "$(pid $part)"; done
sleep 60 &
echo "$! 1" > "$WHARF_EMULATORS_STATE/registry.pid"
"$run" start > /dev/null || fail "start after all were killed"
kill -0 $! || fail "a process that is not ours was killed"
kill $!

echo "without an engine"
WHARF_EMULATORS_DOCKER_HOST=none "$run" start > /dev/null 2>&1
grep -q 'WHARF_EMULATORS_ENGINE=none' "$file" || fail "engine none"

echo "stop"
"$run" stop
if answers; then fail "still answers"; fi
[ ! -f "$file" ] || fail "env file is still there"
sleep 0.3
[ -z "$(left)" ] || fail "processes are left: $(left | xargs -r ps -o pid,args -p)"
"$run" stop || fail "a second stop"
echo "all good"
