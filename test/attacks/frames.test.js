'use strict';

const assert = require('assert');
const zlib = require('zlib');

const { forEachPlainKind } = require('../integration/kinds');
const { frame } = require('../integration/support/frames');
const { upgradeRequest } = require('../integration/support/raw-peer');
const { connect, repeat, Siege } = require('./siege');

const MIB = 1024 * 1024;

/** How many attackers there are, in all and at once. */
const ATTACKERS = 40;
const LANES = 10;

/** How long an attacker goes on that nobody stops, in milliseconds. */
const ENOUGH = 15000;

/**
 * How often an attacker sends the same that is allowed, one after the other:
 * what is in the buffers of the system is work long after it has gone.
 */
const FLOOD = 50;

const OPTIONS = {
  maxBufferedChunks: 64,
  maxFragments: 1000,
  maxPayload: MIB,
  perMessageDeflate: true
};

const OFFER = {
  'with context takeover': 'permessage-deflate',
  'without context takeover':
    'permessage-deflate; client_no_context_takeover; server_no_context_takeover'
};

/**
 * Compress as a peer does that wants to do harm.
 *
 * @param {number} size How many zeros there are, in bytes
 * @returns {Buffer} The payload of a message, about a thousandth of it
 */
function bomb(size) {
  const bytes = zlib.deflateRawSync(Buffer.alloc(size), {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    level: 9
  });

  return bytes.subarray(0, -4);
}

/**
 * Open a websocket that is about to attack.
 *
 * @param {number} port The server's port
 * @param {string} [extensions] What it offers
 * @returns {Promise<net.Socket>} The socket; the bytes it reads are dropped,
 *     but for the last close code, which is kept as `code`
 */
async function open(port, extensions) {
  const socket = await connect(port);
  const answered = new Promise((resolve) => socket.once('data', resolve));

  socket.on('data', (chunk) => {
    // The close frame of the server is the last thing that it sends.
    const at = chunk.lastIndexOf(0x88);

    if (at !== -1 && chunk.length - at >= 4) {
      socket.code = chunk.readUInt16BE(at + 2);
    }
  });
  socket.write(
    upgradeRequest(
      extensions ? [`Sec-WebSocket-Extensions: ${extensions}`] : []
    ).replace('GET / ', 'GET /sink ')
  );
  await Promise.race([answered, socket.gone]);
  return socket;
}

/**
 * Wait until a socket has written everything, is closed, or it is too late.
 *
 * @param {net.Socket} socket The socket
 * @param {number} end When to stop waiting, as `Date.now()` says it
 * @returns {Promise} Fulfilled then
 */
function drained(socket, end) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, end - Date.now());

    socket.on('drain', done);
    socket.on('close', done);
  });
}

/**
 * Write the same bytes until somebody stops it.
 *
 * @param {net.Socket} socket The socket
 * @param {Buffer} bytes The bytes
 * @param {number} [duration] How long at most, in milliseconds
 * @param {number} [times] How often at most
 */
async function pour(socket, bytes, duration = ENOUGH, times = Infinity) {
  const end = Date.now() + duration;

  while (!socket.destroyed && socket.writable && Date.now() < end) {
    if (times-- <= 0) return;
    if (socket.write(bytes)) {
      await new Promise((resolve) => setImmediate(resolve));
    } else {
      await drained(socket, end);
    }
  }
}

describe('Attacks with frames', function () {
  this.timeout(120000);

  forEachPlainKind((kind) => {
    const siege = {};

    before(async () => {
      siege.it = new Siege(kind, OPTIONS);
      await siege.it.begin();
    });

    after(() => siege.it.kill());

    /**
     * Attack with all attackers, and see how they are stopped.
     *
     * @param {Function} attack Called with the socket of each
     * @param {string} error The code of the error that the server emits
     * @param {string} [extensions] What the attackers offer
     * @returns {Promise<Object>} What the server uses
     */
    const attackWith = async (attack, error, extensions) => {
      const { errors } = await siege.it.server.ask('use');
      const stopped = errors[error] || 0;
      const use = await siege.it.under(() =>
        repeat(ATTACKERS, LANES, async () => {
          const socket = await open(siege.it.port, extensions);

          await attack(socket);
          await socket.gone;
        })
      );

      assert.strictEqual((use.errors[error] || 0) - stopped, ATTACKERS);
      return use;
    };

    it('stops messages that are too long at their header', async () => {
      const header = frame(2, '', { mask: true, length: 2n ** 40n });
      const { grown } = await attackWith(
        (socket) => pour(socket, Buffer.concat([header, Buffer.alloc(65536)])),
        'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      );

      assert.ok(grown < 64 * MIB, `${grown} bytes more`);
    });

    it('stops fragments that add up to too much', async () => {
      const first = frame(2, '', { mask: true, fin: false });
      const more = frame(0, Buffer.alloc(60000), { mask: true, fin: false });
      const { grown } = await attackWith((socket) => {
        socket.write(first);
        return pour(socket, more);
      }, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');

      assert.ok(grown < 128 * MIB, `${grown} bytes more`);
    });

    it('stops messages in too many fragments', async () => {
      const first = frame(2, '', { mask: true, fin: false });
      const more = Buffer.concat(
        Array(500).fill(frame(0, 'x', { mask: true, fin: false }))
      );

      await attackWith((socket) => {
        socket.write(first);
        return pour(socket, more);
      }, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
    });

    it('stops frames in too many pieces', async () => {
      const header = frame(2, '', { mask: true, length: 100000 });

      await attackWith(async (socket) => {
        socket.setNoDelay(true);
        socket.write(header);
        while (!socket.destroyed && socket.writable) {
          socket.write('x');
          // Pieces that come together are one.
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
    });

    for (const [name, extensions] of Object.entries(OFFER)) {
      it(`stops what becomes a thousand times as large, ${name}`, async () => {
        const bytes = frame(2, bomb(64 * MIB), { mask: true, rsv: 4 });
        const { grown } = await attackWith(
          (socket) => pour(socket, bytes),
          'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
          extensions
        );

        assert.ok(bytes.length < 70000);
        assert.ok(grown < 128 * MIB, `${grown} bytes more`);
      });

      it(`bears what is just not too large, ${name}`, async () => {
        const bytes = frame(2, bomb(MIB), { mask: true, rsv: 4 });
        const { grown } = await siege.it.under(() =>
          repeat(LANES, LANES, async () => {
            const socket = await open(siege.it.port, extensions);

            await pour(socket, bytes, ENOUGH, FLOOD);
            socket.destroy();
            await socket.gone;
          })
        );

        assert.ok(bytes.length < 1200);
        assert.ok(grown < 256 * MIB, `${grown} bytes more`);
      });
    }

    it('bears floods of pings', async () => {
      const pings = Buffer.concat(
        Array(500).fill(frame(9, Buffer.alloc(125), { mask: true }))
      );
      const { grown } = await siege.it.under(() =>
        repeat(LANES, LANES, async () => {
          const socket = await open(siege.it.port);

          // It does not even take the answers.
          socket.pause();
          await pour(socket, pings, ENOUGH, FLOOD);
          socket.destroy();
          await socket.gone;
        })
      );

      assert.ok(grown < 128 * MIB, `${grown} bytes more`);
    });

    it('bears floods of messages of one byte', async () => {
      const messages = Buffer.concat(
        Array(1000).fill(frame(1, 'x', { mask: true }))
      );
      const { grown } = await siege.it.under(() =>
        repeat(LANES, LANES, async () => {
          const socket = await open(siege.it.port);

          await pour(socket, messages, ENOUGH, FLOOD);
          socket.destroy();
          await socket.gone;
        })
      );

      assert.ok(grown < 256 * MIB, `${grown} bytes more`);
    });

    it('answered everybody else, and kept nothing', () => siege.it.end());
  });
});
