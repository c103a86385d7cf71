#!/usr/bin/env bash
# Tries what README.md says about the first minutes, in systems with Node.js,
# npm and nothing else: `./scripts/setup.sh && npm start`, then `npm test`.
# As root, with debootstrap.
#
#   scripts/test-setup.sh [--no-test] [<suite>...]     bookworm and noble
set -euo pipefail
cd "$(dirname "$0")/.."

test=1
if [ "${1:-}" = --no-test ]; then
  test=0
  shift
fi
[ $# -gt 0 ] || set -- bookworm noble

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

headers=$(node -p "require('./scripts/build').findNodeDir() ?? ''")
git clone --quiet --no-hardlinks . "$work/beastws"
cat >"$work/steps.sh" <<'SH'
set -eu
ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
cd /home/beastws
./scripts/setup.sh
# Any port, as others may use 8080 on this machine.
PORT=0 npm start >/tmp/start.log 2>&1 &
until url=$(grep -o 'http://localhost:[0-9]*' /tmp/start.log); do
  kill -0 $! || {
    cat /tmp/start.log
    exit 1
  }
  sleep 0.2
done
node -e "fetch('$url').then((response) => response.text()).then((text) => {
  if (!/<title>/.test(text)) throw new Error(text);
})"
echo '::: npm start: the page is there'
kill $!
[ "$1" = 0 ] || npm test
SH

for suite in "$@"; do
  echo "::: $suite"
  scripts/root.sh make "$suite" ca-certificates >/dev/null
  mkdir "$work/$suite"
  cp -a "$work/beastws" "$work/$suite"
  scripts/root.sh run "$suite" --fresh \
    --ro-bind "$(node -p process.execPath):/usr/local/bin/node" \
    --ro-bind "${headers:-/usr}/include/node:/usr/local/include/node" \
    --ro-bind "$(npm root --global)/npm:/usr/local/lib/node_modules/npm" \
    --ro-bind /etc/hosts:/etc/hosts \
    --ro-bind /etc/resolv.conf:/etc/resolv.conf \
    --ro-bind /etc/ssl/certs:/host-certificates \
    --ro-bind "$work/steps.sh:/steps.sh" \
    --bind "$work/$suite/beastws:/home/beastws" \
    env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root CI=true \
    NODE_EXTRA_CA_CERTS=/host-certificates/ca-certificates.crt \
    sh /steps.sh "$test"
  echo "::: $suite: all of it works"
done
