'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const { forEachKind, theirs } = require('./kinds');
const { runFrames } = require('./bad-input/run');

const CORPUS = path.join(__dirname, '../../fuzz/corpus');

/** What ends any frame, and then is none, so that the connection ends, too. */
const END = Buffer.alloc(70000, 0xff);

/**
 * Read what was found by fuzzing: settings, then what a peer sends
 * (fuzz/targets/session_receive.cc says how they are written).
 *
 * @param {string} role 'client' or 'server': who receives it
 * @returns {Object[]} Cases for `runFrames()`
 */
function read(role) {
  const dir = path.join(CORPUS, `session_${role}`);

  return fs
    .readdirSync(dir)
    .sort()
    .map((name) => {
      const bytes = fs.readFileSync(path.join(dir, name));
      const flags = bytes[0];
      const deflate = (flags & 1) !== 0;
      const cuts = deflate ? 2 : 1;
      const traffic = bytes.subarray(cuts + 1 + (bytes[cuts] % 16));

      return {
        title: name,
        options: {
          maxPayload: flags & 16 ? 300 : 1 << 16,
          perMessageDeflate: deflate,
          skipUTF8Validation: (flags & 8) !== 0
        },
        extensions: deflate ? 'permessage-deflate' : undefined,
        bytes: () => Buffer.concat([traffic, END])
      };
    });
}

describe('What was found by fuzzing', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      for (const example of read(role)) {
        for (const bytewise of [false, true]) {
          const how = bytewise ? ', byte by byte' : '';

          it(`is to the ${role} what it is to ws: ${example.title}${how}`, async () => {
            const expected = await runFrames(theirs, example, role, bytewise);
            const actual = await runFrames(kind, example, role, bytewise);

            assert.deepStrictEqual(actual, expected);
          });
        }
      }
    }
  });
});
