'use strict';

const assert = require('assert');
const path = require('path');

const { forEachKind, isReference, kinds } = require('../integration/kinds');
const { runJson } = require('../integration/support/child');

const script = path.join(__dirname, 'children', 'threads.js');

// Elsewhere there is no such simple way to count threads.
if (process.platform === 'linux') {
  describe('The I/O thread', () => {
    forEachKind((kind) => {
      it('comes with the first connection or native listener, if it is wanted', async () => {
        const wanted = kind.options.ioThread !== false && !isReference;

        assert.deepStrictEqual(
          await runJson(script, [kinds.indexOf(kind)]),
          !wanted ? [0, 0, 0, 0] : [kind.listening ? 1 : 0, 1, 1, 1]
        );
      });
    });
  });
}
