'use strict';

const assert = require('assert');
const fs = require('fs');
const path = require('path');

const { compile, findObstacle, inject } = require('./support');

// Each call of the addon that can fail does so once, at every place where a
// scenario (a server, four clients, messages of all sizes) comes to it. Every
// message then arrives unchanged, or the connection that was hit tells so; the
// others are unharmed, no descriptor stays open, and the process ends by
// itself. The titles say how many faults there were: `npx mocha test/faults`.

const obstacle = findObstacle();

/** The errors that cost nothing: what they stand for is tried again. */
const AGAIN = ['EINTR', 'EAGAIN', 'CUT'];

const MEMORY = [
  ['new', ['ENOMEM'], 1],
  ['malloc', ['ENOMEM'], 1],
  ['realloc', ['ENOMEM'], 1]
];

const BYTES = [
  ['readv', ['ECONNRESET', 'ETIMEDOUT', 'ENOMEM'], 1],
  ['readv', AGAIN, 0],
  ['recv', ['ECONNRESET', 'ETIMEDOUT', 'ENOMEM'], 1],
  ['recv', AGAIN, 0],
  ['sendmsg', ['EPIPE', 'ECONNRESET', 'ENOBUFS'], 1],
  ['sendmsg', AGAIN, 0],
  ['send', ['EPIPE', 'ECONNRESET', 'ENOBUFS'], 1],
  ['send', AGAIN, 0],
  ['shutdown', ['ENOTCONN'], 0],
  ['epoll_wait', ['EINTR'], 0],
  ['epoll_ctl', ['ENOMEM', 'ENOSPC'], 1],
  ['close', ['EINTR', 'EIO'], 0],
  ['write', ['EINTR'], 0]
];

const suites = {
  "connections of Node's servers": {
    scenario: 'net',
    faults: [...BYTES, ['fcntl', ['EMFILE', 'EBADF'], 0]]
  },
  "the memory of connections of Node's servers": {
    scenario: 'net',
    faults: MEMORY
  },
  'native listeners and their connections': {
    scenario: 'native',
    faults: [
      ...BYTES,
      ['accept4', ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'], 0],
      ['accept4', ['ECONNABORTED', 'EPROTO', 'EPERM', 'EINTR', 'EAGAIN'], 0],
      ['socket', ['EMFILE', 'EAFNOSUPPORT'], 1],
      ['bind', ['EADDRINUSE'], 1],
      ['listen', ['EADDRINUSE'], 1],
      ['setsockopt', ['EINVAL'], 1],
      ['fcntl', ['EMFILE'], 1],
      ['getpeername', ['ENOTCONN'], 0],
      ['getsockname', ['ENOBUFS'], 1]
    ]
  },
  'the memory of native listeners': { scenario: 'native', faults: MEMORY },
  'TLS of native listeners': {
    scenario: 'tls',
    faults: [
      ['new', ['ENOMEM'], 1],
      ['recv', ['ECONNRESET', 'ENOMEM'], 1],
      ['send', ['EPIPE', 'ECONNRESET', 'ENOBUFS'], 1],
      ['send', ['EAGAIN', 'CUT'], 0]
    ]
  },
  'TLS of clients': {
    scenario: 'tls-clients',
    faults: [
      ['new', ['ENOMEM'], 1],
      ['recv', ['ECONNRESET', 'ENOMEM'], 1],
      ['send', ['EPIPE', 'CUT'], 1],
      ['fcntl', ['EMFILE'], 1],
      ['epoll_ctl', ['ENOSPC'], 1]
    ]
  },
  "the memory of connections on JavaScript's thread": {
    scenario: 'inline',
    // Frames are written into memory that JavaScript has.
    faults: MEMORY.filter(([call]) => call !== 'malloc')
  },
  'the start of an I/O thread': {
    scenario: 'worker',
    faults: [
      ['pthread_create', ['EAGAIN'], 0],
      // JavaScript's thread may need them as well, for the first frame.
      ['epoll_create1', ['EMFILE'], 1],
      ['eventfd', ['EMFILE'], 1],
      ['timerfd_create', ['EMFILE'], 1],
      ['getentropy', ['ENOSYS'], 0],
      ['close', ['EIO'], 0],
      ['new', ['ENOMEM'], 1, 20]
    ]
  },
  'the start of an I/O thread for a listener': {
    scenario: 'native-worker',
    faults: [
      ['pthread_create', ['EAGAIN'], 1],
      ['epoll_create1', ['EMFILE'], 1]
    ]
  }
};

if (obstacle !== '') {
  console.warn(`test/faults: no faults are injected: ${obstacle}`);
} else {
  describe('A fault of the system costs a connection at most:', function () {
    this.timeout(300000);

    let library;

    before(() => {
      library = compile();
    });

    after(() => {
      fs.rmSync(path.dirname(library), { recursive: true });
    });

    for (const [name, { scenario, faults }] of Object.entries(suites)) {
      it(name, async function () {
        const results = await inject(library, scenario, faults);
        const sum = { faults: 0, lost: 0, refused: 0 };

        for (const result of results) {
          assert.ok(result.faults > 0, `${result.call} was never called`);
          for (const key of Object.keys(sum)) sum[key] += result[key];
        }

        this.test.title +=
          ` (${sum.faults} faults, ${sum.lost} connections lost, ` +
          `${sum.refused} servers refused)`;
      });
    }
  });
}
