'use strict';

/**
 * The conformance suite: every case of every table, for both roles and both
 * kinds of connection of the module under test. The module is the one of this
 * checkout, or the one in the directory that BEASTWS_MODULE names.
 */

const { hasIoThread } = require('../support/io-thread');
const { DEADLINE, play } = require('./runner');
const { name } = require('./subject');

const TABLES = [
  require('./cases/handshake-server'),
  require('./cases/handshake-client'),
  require('./cases/negotiation-server'),
  require('./cases/negotiation-client'),
  require('./cases/lengths'),
  require('./cases/opcodes'),
  require('./cases/masking'),
  require('./cases/fragmentation'),
  require('./cases/control-frames'),
  require('./cases/close-codes'),
  require('./cases/closing'),
  require('./cases/endings'),
  require('./cases/utf8'),
  require('./cases/limits'),
  require('./cases/delivery'),
  require('./cases/early'),
  require('./cases/sending'),
  require('./cases/deflate-messages'),
  require('./cases/deflate-blocks'),
  require('./cases/deflate-window'),
  require('./cases/deflate-sending')
];

const KINDS = [
  { title: 'I/O thread', options: { ioThread: true } },
  { title: 'inline', options: { ioThread: false } }
];

if (hasIoThread) {
  // What comes after the handshake is the same as on the I/O thread.
  KINDS.push({
    title: 'native listener',
    options: { native: true },
    roles: ['server'],
    tables: [
      require('./cases/handshake-server'),
      require('./cases/negotiation-server'),
      require('./cases/early')
    ]
  });
}

/**
 * Makes mocha tests of a table.
 *
 * @param {Object} table `title`, `cases`, and `play` if it is not the one of
 *     runner.js
 * @param {String} role The role of the module
 * @param {Object} kind Options that choose the kind of connection
 */
function define(table, role, kind) {
  const cases = table.cases.filter(
    ({ roles, except = [] }) =>
      (roles === undefined || roles.includes(role)) && !except.includes(name)
  );
  if (cases.length === 0) return;

  describe(table.title, () => {
    for (const testCase of cases) {
      it(`RFC ${testCase.rfc}: ${testCase.name}`, () =>
        (table.play || play)(testCase, role, kind));
    }
  });
}

describe(`conformance of ${name}`, function () {
  this.timeout(3 * DEADLINE);

  for (const role of ['server', 'client']) {
    for (const { title, options, roles, tables = TABLES } of KINDS) {
      if (roles !== undefined && !roles.includes(role)) continue;

      describe(`${role}, ${title}`, () => {
        for (const table of tables) define(table, role, options);
      });
    }
  }
});
