'use strict';

const assert = require('assert');

const { frame } = require('../integration/support/frames');
const { bomb, pour } = require('./sockets');

const MIB = 1024 * 1024;

/** How many attackers there are, in all and at once. */
const ATTACKERS = 40;
const LANES = 10;

/** How many send what becomes large: that is work for a thousand. */
const BOMBERS = 5;

/**
 * How often an attacker sends the same that is allowed, one after the other:
 * what is in the buffers of the system is work long after it has gone.
 */
const FLOOD = 50;

/** The limits of who is attacked. */
const OPTIONS = {
  maxBufferedChunks: 64,
  maxFragments: 1000,
  maxPayload: MIB,
  perMessageDeflate: true
};

/** What is agreed on for compression. */
const EXTENSIONS = {
  'with context takeover': 'permessage-deflate',
  'without context takeover':
    'permessage-deflate; client_no_context_takeover; server_no_context_takeover'
};

/**
 * Define attacks with frames.
 *
 * @param {Function} of Returns the siege, whose target has the limits OPTIONS
 */
function defineFrameAttacks(of) {
  /**
   * Build a frame, as `frame()` does, of the side that attacks.
   *
   * @param {number} opcode The opcode
   * @param {(Buffer|string)} payload The payload
   * @param {Object} [options] As for `frame()`
   * @returns {Buffer} The bytes
   */
  const make = (opcode, payload, options) =>
    frame(opcode, payload, { mask: of().attackersMask, ...options });

  /**
   * Attack with all attackers, and see how they are stopped.
   *
   * @param {Function} attack Called with the socket of each
   * @param {string} error The code of the error that is emitted for each
   * @param {string} [extensions] What was agreed on
   * @returns {Promise<Object>} What the target uses
   */
  const stopped = async (attack, error, extensions) => {
    const siege = of();
    const before = (await siege.target.ask('use')).errors[error] || 0;
    const use = await siege.under(() =>
      siege.attack({ total: ATTACKERS, lanes: LANES, extensions }, attack)
    );

    assert.strictEqual((use.errors[error] || 0) - before, ATTACKERS);
    return use;
  };

  /**
   * Send what is allowed, again and again.
   *
   * @param {Buffer} bytes The bytes
   * @param {Object} [how]
   * @param {number} [how.total] How many do so
   * @param {string} [how.extensions] What was agreed on
   * @param {boolean} [how.isDeaf] Whether they do not read
   * @returns {Promise<Object>} What the target uses
   */
  const borne = (bytes, { total = LANES, extensions, isDeaf } = {}) =>
    of().under(() =>
      of().attack({ total, lanes: total, extensions }, async (peer) => {
        if (isDeaf) peer.pause();
        await pour(peer, bytes, (FLOOD * LANES) / total);
        peer.destroy();
      })
    );

  it('stops messages that are too long at their header', async () => {
    const header = make(2, '', { length: 2n ** 40n });
    const { grown } = await stopped(
      (peer) => pour(peer, Buffer.concat([header, Buffer.alloc(65536)])),
      'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
    );

    assert.ok(grown < 64 * MIB, `${grown} bytes more`);
  });

  it('stops fragments that add up to too much', async () => {
    const first = make(2, '', { fin: false });
    const more = make(0, Buffer.alloc(60000), { fin: false });
    const { grown } = await stopped((peer) => {
      peer.write(first);
      return pour(peer, more);
    }, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH');

    assert.ok(grown < 128 * MIB, `${grown} bytes more`);
  });

  it('stops messages in too many fragments', async () => {
    const first = make(2, '', { fin: false });
    const more = Buffer.concat(Array(500).fill(make(0, 'x', { fin: false })));

    await stopped((peer) => {
      peer.write(first);
      return pour(peer, more);
    }, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
  });

  it('stops frames in too many pieces', async () => {
    const header = make(2, '', { length: 100000 });

    await stopped(async (peer) => {
      peer.setNoDelay(true);
      peer.write(header);
      while (!peer.destroyed && peer.writable) {
        peer.write('x');
        // Pieces that come together are one.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }, 'WS_ERR_TOO_MANY_BUFFERED_PARTS');
  });

  for (const [name, extensions] of Object.entries(EXTENSIONS)) {
    it(`stops what becomes a thousand times as large, ${name}`, async () => {
      const bytes = make(2, bomb(64 * MIB), { rsv: 4 });
      const { grown } = await stopped(
        (peer) => pour(peer, bytes),
        'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
        extensions
      );

      assert.ok(bytes.length < 70000);
      assert.ok(grown < 128 * MIB, `${grown} bytes more`);
    });

    it(`bears what is just not too large, ${name}`, async () => {
      const bytes = make(2, bomb(MIB), { rsv: 4 });
      const { grown, share } = await borne(bytes, {
        total: BOMBERS,
        extensions
      });

      assert.ok(bytes.length < 1200);
      // It is gigabytes a second, of TLS a whole record at a time, and garbage
      // is collected by whoever gets a processor.
      const most = of().isSecure ? 1024 : 512;

      assert.ok(grown < most * MIB * share, `${grown} bytes more`);
    });
  }

  it('bears floods of pings whose answers nobody takes', async () => {
    const pings = Buffer.concat(Array(500).fill(make(9, Buffer.alloc(125))));
    const { grown } = await borne(pings, { isDeaf: true });

    assert.ok(grown < 128 * MIB, `${grown} bytes more`);
  });

  it('bears floods of messages of one byte', async () => {
    const messages = Buffer.concat(Array(1000).fill(make(1, 'x')));
    const { grown } = await borne(messages);

    assert.ok(grown < 256 * MIB, `${grown} bytes more`);
  });
}

module.exports = { defineFrameAttacks, OPTIONS };
