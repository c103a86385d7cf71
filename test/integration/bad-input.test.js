'use strict';

const assert = require('assert');

const {
  describeClients,
  forEachKind,
  isReference,
  theirs
} = require('./kinds');
const { calls, constructions } = require('./bad-input/calls');
const differences = require('./bad-input/differences');
const frames = require('./bad-input/frames');
const {
  constructions: oddConstructions,
  upgrades
} = require('./bad-input/odd-options');
const { calls: oddCalls } = require('./bad-input/odd-values');
const requests = require('./bad-input/requests');
const responses = require('./bad-input/responses');
const {
  runCall,
  runConstruction,
  runFrames,
  runRequest,
  runResponse,
  runUpgrade
} = require('./bad-input/run');

const used = new Set();

/**
 * Define a test that runs a case with the kind under test and with ws.
 *
 * @param {Party} kind The kind
 * @param {string} title The title
 * @param {Function} run Gets the module and returns the log
 */
function same(kind, title, run) {
  it(title, async () => {
    let expected = await run(theirs);
    const actual = await run(kind);
    const difference = isReference
      ? undefined
      : differences.find(({ titles }) => titles.test(title));

    if (difference) {
      used.add(difference);
      assert.notDeepStrictEqual(actual, expected, 'the difference is gone');
      expected = difference.change(expected, title);
    }
    assert.deepStrictEqual(actual, expected);
  });
}

describe('Bad input', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      describe(`frames for the ${role}`, () => {
        for (const example of frames) {
          same(kind, `${example.title} (${role})`, (party) =>
            runFrames(party, example, role, false)
          );
        }
      });

      describe(`frames for the ${role}, byte by byte`, () => {
        for (const example of frames) {
          same(kind, `${example.title} (${role}, bytewise)`, (party) =>
            runFrames(party, example, role, true)
          );
        }
      });

      describe(`odd values sent by an open ${role}`, () => {
        for (const example of oddCalls) {
          same(kind, `${example.title} (${role}, odd)`, (party) =>
            runCall(party, example, role, 'open')
          );
        }
      });

      for (const state of ['open', 'closing', 'closed']) {
        describe(`calls on an ${state} ${role}`, () => {
          for (const example of calls) {
            same(kind, `${example.title} (${role}, ${state})`, (party) =>
              runCall(party, example, role, state)
            );
          }
        });
      }
    }

    describeClients(kind, 'calls on a connecting client', () => {
      for (const example of calls) {
        same(kind, `${example.title} (connecting)`, (party) =>
          runCall(party, example, 'client', 'connecting')
        );
      }
    });

    describeClients(kind, 'constructors and functions', () => {
      for (const example of [...constructions, ...oddConstructions]) {
        same(kind, example.title, (party) => runConstruction(party, example));
      }
    });

    describeClients(kind, 'options of a server that throw', () => {
      for (const example of upgrades) {
        same(kind, example.title, (party) => runUpgrade(party, example));
      }
    });

    describe('requests', () => {
      for (const example of requests) {
        same(kind, example.title, (party) => runRequest(party, example));
      }
    });

    describeClients(kind, 'responses', () => {
      for (const example of responses) {
        same(kind, example.title, (party) => runResponse(party, example));
        same(kind, `${example.title}, with a listener`, (party) =>
          runResponse(party, example, true)
        );
      }
    });
  });

  describe('the list of differences', () => {
    it('has none that is not needed', () => {
      assert.strictEqual(used.size, isReference ? 0 : differences.length);
    });
  });
});
