# Shared by the scripts of this folder: what they install and how they say it. Source it; it changes into the project.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$PROJECT"

say() { printf '\n== %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# As root, or through sudo where that is needed and possible.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "this needs root: $*"; fi
}

# install COMMAND PACKAGE ... : installs the Debian packages whose commands are missing.
install() {
  local missing=()
  while [ $# -gt 1 ]; do
    command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || missing+=("$2")
    shift 2
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "please install: ${missing[*]}"
  say "installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# A cfn-lint of the version the tests were written against, in a virtual environment of the project's own.
CFN_LINT_VERSION=1.51.0
install_cfn_lint() {
  local venv=$PROJECT/target/tools/cfn-lint-$CFN_LINT_VERSION
  if [ ! -x "$venv/bin/cfn-lint" ]; then
    say "installing cfn-lint $CFN_LINT_VERSION"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check "cfn-lint==$CFN_LINT_VERSION"
  fi
  export WHARF_CFN_LINT=$venv/bin/cfn-lint
}

need_rust() {
  command -v cargo >/dev/null || [ ! -x "$HOME/.cargo/bin/cargo" ] || export PATH="$HOME/.cargo/bin:$PATH"
  command -v cargo >/dev/null || die "wharf is built with Rust: install it with rustup (https://rustup.rs), then run this again"
}
