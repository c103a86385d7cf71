#!/usr/bin/env bash
# Builds the binary that is published for Linux: as scripts/prebuild.js does,
# but in the root of an old Debian, so that it runs on all systems with its
# glibc or a newer one. As root; needs debootstrap.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bullseye
# What is stated in README.md. Node.js 20 itself needs this one.
glibc=2.28

root=$(scripts/root.sh make "$suite" g++,make,python3)
boost=$(node scripts/find-boost.js)
# Headers of Node-API are the same in all versions; npm may name others.
headers=$(node -p "require('./scripts/build').findNodeDir() ?? ''")
[ -n "$headers" ] || {
  echo 'prebuild-portable: no headers of Node.js beside the running one' >&2
  exit 1
}

mkdir -p "$root/build"
rm -rf "$root"/build/{src,lib,scripts,prebuilds}
cp -a src lib scripts binding.gyp package.json "$root/build"

scripts/root.sh run "$suite" \
  --ro-bind "$PWD/node_modules:/build/node_modules" \
  --ro-bind "$boost/boost:/boost/include/boost" \
  --ro-bind "$headers/include/node:/node/include/node" \
  --ro-bind "$(node -p process.execPath):/node/bin/node" \
  env -i PATH=/node/bin:/usr/bin:/bin HOME=/build BOOST_ROOT=/boost \
  JOBS="${JOBS:-2}" sh -c 'cd /build && node scripts/prebuild.js'

for file in "$root"/build/prebuilds/*/beastws.node; do
  node scripts/glibc-version.js "$file" --max "$glibc"
  target=prebuilds/$(basename "$(dirname "$file")")
  mkdir -p "$target"
  cp "$file" "$target"
  ls -l "$target/beastws.node"
done
