#!/usr/bin/env bash
# Gets a fresh checkout ready: installs what the system lacks (Debian 12,
# Ubuntu 24.04 or newer), then the packages, then builds. Quick where all is
# there. `--dev` adds the tools that `npm run lint` needs, `--no-build` stops
# before the build.
set -euo pipefail
cd "$(dirname "$0")/.."

dev=0
build=1
for arg in "$@"; do
  case "$arg" in
    --dev) dev=1 ;;
    --no-build) build=0 ;;
    *)
      echo "usage: scripts/setup.sh [--dev] [--no-build]" >&2
      exit 2
      ;;
  esac
done

fail() {
  echo "setup: $1" >&2
  exit 1
}

command -v node >/dev/null || fail "Node.js 20 or newer is needed first (nodejs.org)"
command -v npm >/dev/null || fail "npm is needed first; it comes with Node.js"
node -e 'process.exit(parseInt(process.versions.node, 10) >= 20 ? 0 : 1)' ||
  fail "Node.js 20 or newer is needed, this is $(node --version)"

missing=()
command -v g++ >/dev/null || missing+=(g++)
command -v make >/dev/null || missing+=(make)
command -v python3 >/dev/null || missing+=(python3)
if ! node scripts/find-boost.js >/dev/null 2>&1; then
  # A root that was named but does not fit is a mistake that no package mends.
  if [ -n "${BOOST_ROOT:-}" ] || ! boost=$(node scripts/find-boost.js --package); then
    node scripts/find-boost.js
  fi
  missing+=("$boost")
fi
if [ "$dev" = 1 ]; then
  command -v clang-format >/dev/null || missing+=(clang-format)
  command -v cppcheck >/dev/null || missing+=(cppcheck)
fi

if [ "${#missing[@]}" -gt 0 ]; then
  command -v apt-get >/dev/null ||
    fail "please install: ${missing[*]} (this script knows apt-get only)"
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "please install as root: ${missing[*]}"
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

# npm writes a copy of the lock file when it has installed everything in it.
if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund
fi

if [ "$build" = 1 ]; then
  node scripts/ensure-build.js
fi
echo "setup: ready"
