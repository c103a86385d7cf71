#!/usr/bin/env bash
# Packs the package with the binary for this platform, installs the archive in
# an empty directory with no script run and lets a server and a client in there
# talk to each other.
#
#   --as-is        pack the binaries that are in prebuilds/, build none
#   --in <suite>   do it in that root as well (scripts/root.sh), where there is
#                  nothing but this Node.js and npm; may be repeated
set -euo pipefail
cd "$(dirname "$0")/.."

build=1 suites=()
while [ $# -gt 0 ]; do
  case "$1" in
    --as-is) build=0 ;;
    --in)
      suites+=("$2")
      shift
      ;;
    *)
      echo 'usage: scripts/smoke-pack.sh [--as-is] [--in <suite>]...' >&2
      exit 2
      ;;
  esac
  shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ "$build" = 0 ] || node scripts/prebuild.js
npm pack --silent --pack-destination "$work" >/dev/null
cp test/install/fixtures/talk.mjs "$work"

# The steps of a user: they see a directory with the archive, node and npm.
cat >"$work/steps.sh" <<'SH'
set -eu
mkdir "$1"
cd "$1"
echo '{ "name": "app", "private": true }' >package.json
$2 install --silent --ignore-scripts --offline --no-audit --no-fund ../beastws-*.tgz
node ../talk.mjs
SH

check() {
  local where=$1 output=$2
  case "$output" in
    'talked: '*-*) echo "smoke-pack: $where: ${output#talked: } works" ;;
    *)
      echo "smoke-pack: $where: unexpected output: $output" >&2
      exit 1
      ;;
  esac
}

output=$(cd "$work" && sh steps.sh here npm)
check 'here' "$output"

for suite in "${suites[@]}"; do
  root=$(scripts/root.sh make "$suite")
  output=$(scripts/root.sh run "$suite" \
    --ro-bind "$(node -p process.execPath):/node/bin/node" \
    --ro-bind "$(npm root --global)/npm:/node/npm" \
    --bind "$work:/work" \
    env -i PATH=/node/bin:/usr/bin:/bin HOME=/work sh -c \
    "cd /work && sh steps.sh $suite 'node /node/npm/bin/npm-cli.js'")
  glibc=$(chroot "$root" ldd --version | sed -n '1s/.* //p')
  check "$suite, glibc $glibc" "$output"
done

ls -l "$work"/beastws-*.tgz "$work"/here/node_modules/beastws/prebuilds/*/beastws.node
