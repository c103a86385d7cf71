'use strict';

const assert = require('assert');
const zlib = require('zlib');

const Receiver = require('../lib/receiver');
const PerMessageDeflate = require('../lib/permessage-deflate');
const { frame } = require('./integration/support/frames');

const MIB = 1024 * 1024;

/**
 * @param {Buffer} bytes A message
 * @returns {Buffer} A compressed frame with it
 */
function compressed(bytes) {
  const deflated = zlib.deflateRawSync(bytes, {
    finishFlush: zlib.constants.Z_SYNC_FLUSH
  });

  return frame(2, deflated.subarray(0, -4), { rsv: 4 });
}

/**
 * @param {object} [options] More options
 * @returns {Receiver} A receiver that inflates
 */
function makeReceiver(options) {
  const extension = new PerMessageDeflate({}, false);

  extension.accept([{}]);
  return new Receiver({
    extensions: { [PerMessageDeflate.extensionName]: extension },
    isServer: false,
    ...options
  });
}

/**
 * Write a chunk, and see what comes of it.
 *
 * @param {Receiver} receiver Where to
 * @param {Buffer} chunk The bytes
 * @returns {Promise<Object>} `messages`, how often `others` had their turn
 *     meanwhile, and `error`
 */
async function read(receiver, chunk) {
  const messages = [];
  let others = 0;
  let error = null;
  let done = false;

  receiver.on('error', () => {});
  receiver.on('message', (data) => messages.push(data));
  receiver.write(chunk, (err) => {
    error = err;
    done = true;
  });
  while (!done) {
    assert.ok(!receiver.isIdle);
    await new Promise((resolve) => setImmediate(resolve));
    others++;
  }
  return { messages, others, error };
}

describe('A Receiver that inflates', () => {
  it('gives others their turn while a chunk becomes large', async () => {
    const sent = Array.from({ length: 50 }, (_, i) => Buffer.alloc(MIB, i));
    const chunk = Buffer.concat(sent.map(compressed));
    const receiver = makeReceiver();

    assert.ok(chunk.length < 64 * 1024);
    receiver.isDirect = true;

    const { messages, others, error } = await read(receiver, chunk);

    assert.strictEqual(error ?? null, null);
    assert.strictEqual(messages.length, sent.length);
    for (const [i, message] of messages.entries()) {
      assert.ok(message.equals(sent[i]), `message ${i}`);
    }
    assert.ok(others > 10, `${others} turns`);
    assert.ok(receiver.isIdle);
  });

  it('reads what stays small at once', async () => {
    const sent = Array.from({ length: 500 }, (_, i) => Buffer.from(`${i}`));
    const chunk = Buffer.concat(sent.map(compressed));
    const { messages, others } = await read(makeReceiver(), chunk);

    assert.deepStrictEqual(messages.map(String), sent.map(String));
    assert.ok(others <= 1, `${others} turns`);
  });

  it('emits one message in each turn if it has to', async () => {
    const sent = Array.from({ length: 20 }, (_, i) => Buffer.alloc(1000, i));
    const chunk = Buffer.concat([
      ...sent.map(compressed),
      frame(2, Buffer.alloc(20000, 7), {})
    ]);
    const { messages, others } = await read(
      makeReceiver({ allowSynchronousEvents: false }),
      chunk
    );

    assert.strictEqual(messages.length, 21);
    assert.ok(messages[20].equals(Buffer.alloc(20000, 7)));
    assert.ok(others >= 21, `${others} turns`);
  });

  it('ends with the first part that is wrong', async () => {
    const chunk = Buffer.concat([
      compressed(Buffer.alloc(MIB, 1)),
      compressed(Buffer.alloc(2 * MIB, 2)),
      frame(3, Buffer.alloc(10000), {}),
      compressed(Buffer.from('never'))
    ]);
    const { messages, error } = await read(makeReceiver(), chunk);

    assert.strictEqual(messages.length, 2);
    assert.strictEqual(error.code, 'WS_ERR_INVALID_OPCODE');
  });

  it('reads nothing behind a close frame', async () => {
    const chunk = Buffer.concat([
      compressed(Buffer.alloc(MIB, 1)),
      frame(8, Buffer.from([3, 232]), {}),
      compressed(Buffer.alloc(8000, 2)),
      Buffer.alloc(10000)
    ]);
    const receiver = makeReceiver();
    const codes = [];

    receiver.on('conclude', (code) => codes.push(code));

    const { messages, error } = await read(receiver, chunk);

    assert.strictEqual(error ?? null, null);
    assert.strictEqual(messages.length, 1);
    assert.deepStrictEqual(codes, [1000]);
  });
});
