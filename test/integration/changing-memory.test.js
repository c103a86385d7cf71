'use strict';

const assert = require('assert');
const path = require('path');
const {
  MessageChannel,
  receiveMessageOnPort,
  Worker
} = require('worker_threads');

const { hasIoThread } = require('../support/io-thread');
const { addresses } = require('../support/sanitized');
const { forEachKind, isReference, theirs } = require('./kinds');
const { run } = require('./support/child');
const { receive } = require('./support/messages');
const { useScope } = require('./support/scope');

const script = path.join(__dirname, 'children', 'vanishing.js');

/** Above and below what is lent instead of copied. */
const SIZES = [100, 60000, 300000];

/**
 * What can happen to memory behind `send()`: makes it, and changes it.
 *
 * @type {Object<string, Function[]>}
 */
const CHANGES = {
  'is detached': [
    (size) => new ArrayBuffer(size),
    (memory) => {
      const { port1, port2 } = new MessageChannel();

      port1.postMessage(memory, [memory]);

      const { message } = receiveMessageOnPort(port2);

      port1.close();
      return message;
    }
  ],
  shrinks: [
    (size) => new ArrayBuffer(size, { maxByteLength: size }),
    (memory) => memory.resize(0)
  ],
  grows: [
    (size) => new ArrayBuffer(size, { maxByteLength: 2 * size }),
    (memory) => memory.resize(2 * memory.byteLength)
  ],
  'is shared, and grows': [
    (size) => new SharedArrayBuffer(size, { maxByteLength: 2 * size }),
    (memory) => memory.grow(2 * memory.byteLength)
  ]
};

describe('Memory that changes behind send()', () => {
  forEachKind((kind) => {
    const scope = useScope();

    for (const role of kind.roles) {
      for (const perMessageDeflate of [false, true]) {
        for (const [change, [make, act]] of Object.entries(CHANGES)) {
          const how = perMessageDeflate ? ', compressed' : '';

          // What is compressed on this thread is so on the next tick, as
          // with ws: there is nothing left by then.
          if (perMessageDeflate && kind.isInline) continue;

          it(`and ${change}: it arrives as it was (${role}${how})`, async () => {
            const pair = await scope.pair(
              role === 'client'
                ? { client: kind, server: theirs }
                : { client: theirs, server: kind },
              {
                client: { perMessageDeflate },
                server: { perMessageDeflate: { threshold: 0 } }
              }
            );
            const [from, to] =
              role === 'client'
                ? [pair.client, pair.server]
                : [pair.server, pair.client];
            const received = receive(to, SIZES.length + 1);
            const kept = [];

            // Where the connection is going to live is decided.
            await new Promise(setImmediate);
            for (const size of SIZES) {
              const memory = make(size);

              new Uint8Array(memory).fill(size);
              from.send(memory);
              // Moved memory is not changed as long as somebody has it.
              kept.push(act(memory));
            }
            from.send('behind');

            const messages = await received;

            SIZES.forEach((size, i) => {
              assert.ok(messages[i].data.equals(Buffer.alloc(size, size)));
            });
            assert.strictEqual(`${messages.at(-1).data}`, 'behind');
          });
        }
      }

      it(`and is written to by somebody else: a length of it arrives (${role})`, async () => {
        const { client, server } = await scope.pair(
          role === 'client'
            ? { client: kind, server: theirs }
            : { client: theirs, server: kind },
          { server: { perMessageDeflate: { threshold: 0 } } }
        );
        const [from, to] =
          role === 'client' ? [client, server] : [server, client];
        const memory = new SharedArrayBuffer(200000);
        const bytes = new Uint8Array(memory);
        const writer = new Worker(
          `const { workerData } = require('worker_threads');
           const bytes = new Uint8Array(workerData);
           Atomics.store(bytes, 0, 1);
           for (let i = 1; ; i = (i + 7919) % bytes.length) bytes[i] ^= i;`,
          { eval: true, workerData: memory }
        );

        scope.defer(() => writer.terminate());
        while (Atomics.load(bytes, 0) === 0) await new Promise(setImmediate);

        for (const compress of [false, true]) {
          const received = receive(to, 40);

          for (let i = 0; i < 20; i++) {
            from.send(memory, { compress });
            from.send('behind', { compress });
          }

          const messages = await received;

          for (let i = 0; i < 40; i += 2) {
            assert.strictEqual(messages[i].data.length, memory.byteLength);
            assert.strictEqual(`${messages[i + 1].data}`, 'behind');
          }
        }
      });
    }
  });

  if (isReference || !hasIoThread) return;

  // It is the kernel that says so, which a sanitizer does not wait for.
  if (!addresses) {
    it('costs the connection if it is gone before the kernel reads it', async () => {
      const { code, signal, stdout } = await run(script, ['tcp'], {
        execArgv: ['--expose-gc']
      });

      assert.deepStrictEqual([code, signal], [0, null]);
      assert.match(linesOf(stdout), /^(\d+ of 7 to 7\nsent|failed: EFAULT)$/);
    });
  }

  it('is copied where it is encrypted', async () => {
    const { code, signal, stdout } = await run(script, ['tls'], {
      execArgv: ['--expose-gc']
    });

    assert.deepStrictEqual([code, signal], [0, null]);
    assert.match(linesOf(stdout), /^\d+ of 7 to 7\nsent$/);
  });
});

/**
 * Two ends write them, in the order in which they come to it.
 *
 * @param {string} text Lines
 * @returns {string} The same, sorted
 */
function linesOf(text) {
  return text.trim().split('\n').sort().join('\n');
}
