'use strict';

const assert = require('assert');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { findNodeDir } = require('../../scripts/build');
const { listFiles } = require('../../scripts/gyp-inputs');

const MAJOR = Number(process.versions.node.split('.')[0]);

describe('The build', () => {
  let dir;

  beforeEach(() => {
    dir = fs.realpathSync(
      fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-build-'))
    );
  });

  afterEach(() => {
    fs.rmSync(dir, { recursive: true });
  });

  /**
   * Writes files below the test's directory.
   *
   * @param {Object} files Texts by path
   */
  function write(files) {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(dir, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  }

  describe("looks for Node's headers", () => {
    const headers = {
      'bin/node': '',
      'include/node/node_api.h': '',
      'include/node/common.gypi': '',
      'include/node/config.gypi': '',
      'include/node/node_version.h': `#define NODE_MAJOR_VERSION ${MAJOR}\n`
    };

    it('where npm was told that they are', () => {
      assert.strictEqual(findNodeDir({ npm_config_nodedir: '/here' }), '/here');
    });

    it('beside the running node', () => {
      write(headers);
      assert.strictEqual(findNodeDir({}, path.join(dir, 'bin', 'node')), dir);
    });

    it('and takes neither those of another version nor a part of them', () => {
      const node = path.join(dir, 'bin', 'node');

      write({ 'bin/node': '' });
      assert.strictEqual(findNodeDir({}, node), undefined);

      write({
        ...headers,
        'include/node/node_version.h': `#define NODE_MAJOR_VERSION ${MAJOR - 1}\n`
      });
      assert.strictEqual(findNodeDir({}, node), undefined);

      write(headers);
      fs.rmSync(path.join(dir, 'include', 'node', 'common.gypi'));
      assert.strictEqual(findNodeDir({}, node), undefined);
    });
  });

  it('takes every source below src in a fixed order', () => {
    write({
      'src/b/z.cc': '',
      'src/a/deep/y.cc': '',
      'src/a/x.cc': '',
      'src/a/x.h': '',
      'src/x.cc.orig': ''
    });

    assert.deepStrictEqual(listFiles('src', ['.cc'], dir), [
      'src/a/deep/y.cc',
      'src/a/x.cc',
      'src/b/z.cc'
    ]);
    assert.deepStrictEqual(listFiles('missing', ['.cc'], dir), []);
  });
});
