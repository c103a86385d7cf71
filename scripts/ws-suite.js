'use strict';

// Runs the tests of the package ws against this one:
//
//   node scripts/ws-suite.js <checkout of ws> [arguments of mocha]
//
// The checkout stays as it is. What its tests find as `..` and as `../lib/...`
// is the package here. doc/compatibility.md says which tests have to pass.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');

/**
 * Lays out a package of ws's shape: its tests, and our code.
 *
 * @param {String} checkout The directory of the checkout
 * @return {String} A new directory
 */
function makeTree(checkout) {
  const tree = fs.mkdtempSync(path.join(os.tmpdir(), 'ws-suite-'));
  const stub = (target) =>
    `'use strict';\nmodule.exports = require(${JSON.stringify(target)});\n`;

  fs.cpSync(path.join(checkout, 'test'), path.join(tree, 'test'), {
    recursive: true
  });
  fs.writeFileSync(path.join(tree, 'index.js'), stub(root));
  fs.mkdirSync(path.join(tree, 'lib'));
  for (const name of fs.readdirSync(path.join(checkout, 'lib'))) {
    const target = path.join(root, 'lib', name);

    // What there is no such file for fails when it is needed.
    if (fs.existsSync(target)) {
      fs.writeFileSync(path.join(tree, 'lib', name), stub(target));
    }
  }
  return tree;
}

const [checkout, ...args] = process.argv.slice(2);

if (
  checkout === undefined ||
  !fs.existsSync(path.join(checkout, 'test', 'websocket.test.js'))
) {
  console.error(
    'Usage: node scripts/ws-suite.js <checkout of ws> [arguments of mocha]'
  );
  process.exit(2);
}

const tree = makeTree(checkout);
let status;

try {
  ({ status } = spawnSync(
    process.execPath,
    [
      '--throw-deprecation',
      path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
      '--no-config',
      '--exit',
      ...args,
      path.join(tree, 'test', '*.test.js')
    ],
    { cwd: tree, stdio: 'inherit' }
  ));
} finally {
  fs.rmSync(tree, { recursive: true, force: true });
}

process.exit(status ?? 1);
