'use strict';

const assert = require('assert');
const path = require('path');

const { forEachConnection, kinds } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');

const script = path.join(__dirname, 'children', 'load-twice.js');

describe('Several copies in one process', function () {
  this.timeout(30000);

  forEachConnection((kind) => {
    for (const [way, title] of Object.entries({
      copies: 'of the package directory',
      contexts: 'in contexts of their own',
      again: 'of the same files after the module cache was cleared'
    })) {
      it(`work together: ${title}`, async () => {
        assert.strictEqual(
          await runJson(script, [kinds.indexOf(kind), way]),
          'done'
        );
      });
    }
  });
});
