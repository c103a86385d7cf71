#!/usr/bin/env bash
# Builds the addon as it is built where there is no I/O thread (macOS, Windows),
# in a copy of the checkout, and runs the tests that do not ask for the thread.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=.cache/no-io-thread
mkdir -p "$copy"
rm -rf "$copy"/{src,lib,scripts,test}
git ls-files -z --cached --others --exclude-standard -- \
  ':!bench' ':!test/ecosystem' ':!test/install' ':!test/browser' |
  tar --create --null --files-from=- | tar --extract --directory="$copy"
ln -sfn ../../node_modules "$copy/node_modules"

cd "$copy"
node scripts/build.js --no-io-thread
node -e "
  const assert = require('assert');
  const { InlineSession, IoThread } = require('./lib/binding');
  const { WebSocketServer } = require('.');

  assert.strictEqual(typeof InlineSession, 'function');
  assert.strictEqual(IoThread, undefined);
  assert.throws(
    () => new WebSocketServer({ port: 0, native: true }),
    /not in this build/
  );
"
[ $# -gt 0 ] || set -- test/conformance test/integration \
  test/event-target.test.js test/create-websocket-stream.test.js \
  test/permessage-deflate.test.js
npx mocha "$@"
