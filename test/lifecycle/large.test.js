'use strict';

const assert = require('assert');
const path = require('path');

const { forEachConnection, kinds } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');

const script = path.join(__dirname, 'children', 'large.js');

// A gibibyte takes about five times that in memory.
const size = process.env.BEASTWS_HUGE === '1' ? 1024 : 256;

describe('A very large message', function () {
  this.timeout(120000);

  forEachConnection((kind) => {
    it(`of ${size} MiB goes through in both directions`, async () => {
      assert.deepStrictEqual(
        await runJson(script, [kinds.indexOf(kind), size], {
          execArgv: ['--expose-gc'],
          timeout: 110000
        }),
        [true, true]
      );
    });
  });
});
