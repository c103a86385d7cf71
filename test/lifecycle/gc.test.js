'use strict';

const assert = require('assert');
const path = require('path');

const { forEachKind, kinds } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');
const { memory } = require('../support/sanitized');

const script = path.join(__dirname, 'children', 'collect.js');

describe('Garbage collection', function () {
  this.timeout(70000);

  forEachKind((kind) => {
    /**
     * Look at something in a process with a garbage collector to call.
     *
     * @param {string} what What
     * @returns {Promise<*>} What was seen
     */
    const look = (what) =>
      runJson(script, [kinds.indexOf(kind), what], {
        execArgv: ['--expose-gc'],
        timeout: 60000
      });

    it('collects closed connections and their sockets', async () => {
      const collected = await look('sockets');

      // The last one may still be on the stack.
      assert.ok(collected >= 396, `${collected} of 400`);
    });

    it('collects clients whose handshake failed', async () => {
      const collected = await look('failures');

      assert.ok(collected >= 98, `${collected} of 100`);
    });

    it('keeps open connections that nobody refers to', async () => {
      assert.deepStrictEqual(await look('open'), {
        collected: 0,
        messages: 20
      });
    });

    it('frees messages that nobody keeps', async () => {
      const { arrayBuffers, resident } = await look('payloads');

      assert.ok(arrayBuffers < 8, `${arrayBuffers} MiB of array buffers`);
      assert.ok(resident < 150 * memory, `${resident} MiB resident`);
    });

    it('does not hold much for a kept small message', async () => {
      const kibibytes = await look('kept');

      assert.ok(kibibytes < 8, `${kibibytes} KiB for each`);
    });
  });
});
