'use strict';

const assert = require('assert');
const path = require('path');

const { runJson } = require('../integration/support/child');
const { certificates } = require('../support/certificates');

const CHILD = path.join(__dirname, 'children', 'no-io-thread.js');

describe('A native listener without connections on the I/O thread', () => {
  let before_;

  before(function () {
    this.timeout(60000);
    certificates();
    before_ = process.env.BEASTWS_NO_IO_THREAD;
    process.env.BEASTWS_NO_IO_THREAD = '1';
  });

  after(() => {
    if (before_ === undefined) delete process.env.BEASTWS_NO_IO_THREAD;
    else process.env.BEASTWS_NO_IO_THREAD = before_;
  });

  for (const secure of [false, true]) {
    it(`knows what waits${secure ? ' below TLS' : ''}`, async function () {
      this.timeout(20000);

      const { key, cert } = certificates().server;
      const tls = secure
        ? [JSON.stringify({ key: `${key}`, cert: `${cert}` })]
        : [];
      const result = await runJson(CHILD, tls);

      assert.strictEqual(result.client, secure ? 'TLSSocket' : 'Socket');
      assert.ok(result.buffered > 2 ** 20, `${result.buffered}`);
      assert.strictEqual(result.called, false);
      assert.strictEqual(result.left, 0);
    });
  }
});
