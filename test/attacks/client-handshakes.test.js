'use strict';

const assert = require('assert');
const net = require('net');

const { upgradeResponse } = require('../integration/support/raw-peer');
const { CLIENT_KINDS, ClientSiege } = require('./client-siege');
const { besiege } = require('./siege');
const { pour } = require('./sockets');

const MIB = 1024 * 1024;

/** How many clients wait for an answer at the same time. */
const WAITING = 300;

/** How many fall for the other servers, in all and at once. */
const CLIENTS = 40;
const LANES = 10;

/** How long a handshake may take, and how much later it may end, in ms. */
const TIMEOUT = 3000;
const LATE = 10000;

/** How often a server that drips sends something, in milliseconds. */
const PAUSE = 100;

/** How often a client lets itself be redirected. */
const REDIRECTS = 10;

/**
 * Send something again and again.
 *
 * @param {net.Socket} socket The socket
 * @param {Iterable<string>} pieces What comes first, piece by piece
 * @param {string} more What comes then, for ever
 */
function drip(socket, pieces, more) {
  const first = pieces[Symbol.iterator]();
  const timer = setInterval(
    () => socket.write(first.next().value ?? more),
    PAUSE
  );

  socket.on('close', () => clearInterval(timer));
}

/** Servers that give no answer in time, by what they do. */
const SLOW = {
  'say nothing': () => {},
  'stop in the middle': (socket) => socket.write('HTTP/1.1 101 Switch'),
  'send a byte at a time': (socket) =>
    drip(socket, 'HTTP/1.1 101 Switching Protocols\r\nX: ', 'x'),
  'ask for patience for ever': (socket) =>
    drip(socket, [], 'HTTP/1.1 100 Continue\r\n\r\n')
};

/**
 * Servers whose answers are wrong, with what clients say: the code of the error
 * or its message.
 */
const WRONG = {
  'headers without an end': [
    'HPE_HEADER_OVERFLOW',
    (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\n');
      return pour(socket, `X-Y: ${'z'.repeat(50)}\r\n`.repeat(20));
    }
  ],
  'one header without an end': [
    'HPE_HEADER_OVERFLOW',
    (socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nX: ');
      return pour(socket, 'x'.repeat(65536));
    }
  ],
  'no HTTP at all, without an end': [
    'HPE_INVALID_CONSTANT',
    (socket) => pour(socket, Buffer.alloc(65536, 'x'))
  ],
  'a refusal with a body without an end': [
    'Unexpected server response: 401',
    (socket) => {
      socket.write('HTTP/1.1 401 Unauthorized\r\n\r\n');
      return pour(socket, Buffer.alloc(65536));
    }
  ],
  'the wrong key, and much behind it': [
    'Invalid Sec-WebSocket-Accept header',
    (socket) => {
      socket.write(
        upgradeResponse('sec-websocket-key: wrong') + 'x'.repeat(65536)
      );
      return pour(socket, Buffer.alloc(65536));
    }
  ]
};

describe('Attacks with handshakes, on clients', function () {
  this.timeout(120000);

  for (const kind of CLIENT_KINDS) {
    describe(kind.name, () => {
      besiege(
        () => new ClientSiege(kind),
        (of) => {
          /**
           * Have clients fall for a server, and see how they fail.
           *
           * @param {Object} options As for `lure()`
           * @param {Function} meet Likewise
           * @param {string} error What each of them says
           * @returns {Promise<Object>} What became of them, with `grown`
           */
          const fail = async (options, meet, error) => {
            const siege = of();
            const before = (await siege.target.ask('use')).errors[error] || 0;
            let fate;
            const { errors, grown } = await siege.under(async () => {
              fate = await siege.lure(options, meet);
            });

            assert.strictEqual((errors[error] || 0) - before, options.total);
            assert.strictEqual(fate.opened, 0);
            return { ...fate, grown };
          };

          for (const [what, play] of Object.entries(SLOW)) {
            it(`leaves servers that ${what}`, async () => {
              const { grown, longest, shortest } = await fail(
                {
                  total: WAITING,
                  lanes: WAITING,
                  also: { handshakeTimeout: TIMEOUT }
                },
                (socket) => {
                  socket.setNoDelay(true);
                  socket.once('data', () => play(socket));
                },
                'Opening handshake has timed out'
              );

              assert.ok(shortest > TIMEOUT * 0.9, `${shortest} ms`);
              assert.ok(longest < TIMEOUT + LATE, `${longest} ms`);
              assert.ok(grown < 64 * MIB, `${grown} bytes more`);
            });
          }

          for (const [what, [error, play]] of Object.entries(WRONG)) {
            it(`refuses ${what}`, async () => {
              const { grown } = await fail(
                { total: CLIENTS, lanes: LANES },
                (socket) => socket.once('data', () => play(socket)),
                error
              );

              assert.ok(grown < 64 * MIB, `${grown} bytes more`);
            });
          }

          it('ends redirections that do not end', async () => {
            const { met } = await fail(
              {
                total: CLIENTS,
                lanes: LANES,
                also: { followRedirects: true, maxRedirects: REDIRECTS }
              },
              (socket) =>
                socket.once('data', (request) => {
                  const [, path] = `${request}`.split(' ');

                  socket.write(
                    `HTTP/1.1 302 Found\r\nLocation: ${path}a\r\n\r\n`
                  );
                  pour(socket, Buffer.alloc(65536));
                }),
              'Maximum redirects exceeded'
            );

            assert.strictEqual(met, CLIENTS * (REDIRECTS + 1));
          });

          if (!kind.isSecure) return;

          it('leaves servers that never begin with TLS', async () => {
            const siege = of();
            const tls = siege.hostile;

            // Half of the clients are sent a half of something.
            siege.hostile = net.createServer((socket) => {
              siege.sockets.add(socket);
              socket.on('error', () => {});
              socket.gone = new Promise((resolve) =>
                socket.on('close', resolve)
              );
              socket.resume();
              if (siege.sockets.size % 2) socket.write('\x16\x03\x03\x00\x7a');
            });
            await new Promise((resolve) =>
              siege.hostile.listen(0, '127.0.0.1', resolve)
            );
            try {
              await fail(
                {
                  total: WAITING,
                  lanes: WAITING,
                  also: { handshakeTimeout: TIMEOUT }
                },
                () => {},
                'Opening handshake has timed out'
              );
            } finally {
              siege.hostile.close();
              siege.hostile = tls;
            }
          });
        }
      );
    });
  }
});
