#!/usr/bin/env bash
# Packs the package with the binary for this platform, installs the archive in
# an empty directory with no script run, and lets a server and a client in
# there talk to each other, in both module systems.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

node scripts/prebuild.js
npm pack --silent --pack-destination "$work" >/dev/null
mkdir "$work/app"
cd "$work/app"
echo '{ "name": "app", "private": true }' >package.json
npm install --silent --ignore-scripts --no-audit --no-fund "$work"/beastws-*.tgz

cat >talk.mjs <<'JS'
import { createRequire } from 'node:module';
import WebSocket, { WebSocketServer } from 'beastws';

const require = createRequire(import.meta.url);
if (require('beastws') !== WebSocket) throw new Error('two copies');

const wss = new WebSocketServer({ port: 0 }, () => {
  const ws = new WebSocket(`ws://127.0.0.1:${wss.address().port}`);
  ws.on('open', () => ws.send('hello'));
  ws.on('message', (data) => {
    console.log(`packed: ${data}`);
    ws.close();
    wss.close();
  });
});
wss.on('connection', (ws) => ws.on('message', (data) => ws.send(`${data}!`)));
JS

output=$(timeout 20 node talk.mjs)
[ "$output" = 'packed: hello!' ] || {
  echo "smoke-pack: unexpected output: $output" >&2
  exit 1
}
ls -l node_modules/beastws/prebuilds/*/beastws.node
echo 'smoke-pack: the packed package works'
