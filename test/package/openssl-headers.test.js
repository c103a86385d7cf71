'use strict';

const assert = require('assert');
const { spawnSync } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { findNodeDir } = require('../../scripts/build');

const ROOT = path.join(__dirname, '../..');
const DECLARATIONS = path.join(ROOT, 'src/transport/openssl.h');

/**
 * Finds the headers of this Node.js, which has OpenSSL's among them: where the
 * addon was built with them.
 *
 * @returns {string} The directory
 * @throws {Error} If they are not there
 */
function findHeaders() {
  const cache = path.join(
    os.homedir(),
    '.cache/node-gyp',
    process.versions.node
  );
  const found = [findNodeDir(process.env), cache]
    .filter(Boolean)
    .map((dir) => path.join(dir, 'include/node'))
    .find((dir) => fs.existsSync(path.join(dir, 'openssl/ssl.h')));

  assert.ok(found, 'the headers of Node.js are needed');
  return found;
}

/**
 * Compiles our declarations together with OpenSSL's.
 *
 * @param {string} [source] A directory that comes before src/
 * @returns {string} What the compiler says
 */
function compile(source) {
  const { error, stderr, status } = spawnSync(
    process.env.CXX || 'g++',
    [
      '-std=c++20',
      '-fsyntax-only',
      '-Wno-deprecated-declarations',
      ...(source ? [`-I${source}`] : []),
      `-I${path.join(ROOT, 'src')}`,
      `-I${findHeaders()}`,
      path.join(__dirname, 'openssl_headers.cc')
    ],
    { encoding: 'utf8' }
  );

  if (error) throw error;
  assert.ok(status === 0 || stderr !== '');
  return stderr;
}

describe('What is declared of OpenSSL', function () {
  this.timeout(120000);

  it('is what its headers say', () => {
    assert.strictEqual(compile(), '');
  });

  it('would not compile otherwise', () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-'));
    const text = fs.readFileSync(DECLARATIONS, 'utf8');
    const wrong = text
      .replace('kCtrlMode = 33', 'kCtrlMode = 34')
      .replace('X(int, SSL_read, (ssl_st*, void*, int))', (entry) =>
        entry.replace('void*, int', 'void*, long')
      );

    try {
      fs.mkdirSync(path.join(dir, 'transport'));
      fs.writeFileSync(path.join(dir, 'transport/openssl.h'), wrong);

      const errors = compile(dir);

      assert.match(errors, /static assertion failed: SSL_read/);
      assert.match(errors, /static assertion failed: SSL_CTRL_MODE/);
    } finally {
      fs.rmSync(dir, { recursive: true });
    }
  });
});
