'use strict';

const assert = require('assert');
const { once } = require('events');
const path = require('path');

const {
  forEachPlainKind,
  isReference,
  kinds
} = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');
const { Helper } = require('../lifecycle/support');
const { memory } = require('../support/sanitized');

const MIB = 1024 * 1024;
const SIZE = 16384;

/** More than a kernel takes for a peer that does not read. */
const MUCH = 8 * MIB;

const peerScript = path.join(__dirname, 'children', 'peer.js');

describe('A process that is stopped (SIGSTOP)', function () {
  this.timeout(60000);

  forEachPlainKind((kind) => {
    const scope = useScope();

    for (const role of kind.roles) {
      describe(`and was the peer of a ${role}`, () => {
        /** What a message is on the wire, in bytes. */
        const wireSize = SIZE + 4 + (role === 'client' ? 4 : 0);

        /**
         * Connect with a process.
         *
         * @param {Object} [options] Options of the websocket
         * @returns {Promise<Object>} `{ ws, peer, send }`, where send() sends
         *     the next number and returns it
         */
        const open = async (options) => {
          const peer = new Helper(peerScript, []);
          let ws;

          scope.defer(() => peer.kill());
          if (role === 'server') {
            const wss = await scope.listen(kind, options);
            const connection = once(wss, 'connection');

            await peer.ask('connect', `ws://127.0.0.1:${wss.address().port}`);
            [ws] = await connection;
          } else {
            ws = scope.connect(kind, await peer.ask('listen'), {
              perMessageDeflate: false,
              ...options
            });
            await once(ws, 'open');
          }
          // Where the connection is going to live is decided.
          await new Promise(setImmediate);

          let next = 0;
          const send = (cb) => {
            const data = Buffer.alloc(SIZE, next);

            data.writeUInt32LE(next++);
            ws.send(data, cb);
            return next;
          };

          return { ws, peer, send };
        };

        it('gets everything when it goes on', async () => {
          const { ws, peer, send } = await open();
          const called = [];
          let sent = 0;
          const sendOne = () => {
            const number = sent;

            sent = send((err) => called.push(err ? err : number));
          };

          for (let i = 0; i < 100; i++) sendOne();
          peer.child.kill('SIGSTOP');
          while (ws.bufferedAmount < MUCH) {
            for (let i = 0; i < 32; i++) sendOne();
            await new Promise(setImmediate);
          }
          // The kernel takes nothing any more.
          for (let before = -1; before !== ws.bufferedAmount;) {
            before = ws.bufferedAmount;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }

          const before = ws.bufferedAmount;

          sendOne();
          sendOne();
          assert.strictEqual(ws.bufferedAmount, before + 2 * wireSize);
          await new Promise((resolve) => setTimeout(resolve, 100));
          assert.strictEqual(ws.bufferedAmount, before + 2 * wireSize);
          assert.ok(called.length < sent);
          assert.ok((sent - called.length) * wireSize >= MUCH / 2);

          peer.child.kill('SIGCONT');
          ws.send('that is all');
          assert.deepStrictEqual(await peer.ask('counted', 'that is all'), {
            count: sent,
            next: sent,
            wrong: 0
          });
          while (called.length < sent) await new Promise(setImmediate);
          assert.strictEqual(ws.bufferedAmount, 0);
          assert.deepStrictEqual(
            called,
            Array.from({ length: sent }, (_, i) => i)
          );
          ws.close();
          assert.strictEqual((await once(ws, 'close'))[0], 1005);
          await peer.ask('close');
          assert.strictEqual(await peer.end(), 0);
        });

        if (isReference) return;

        it('gets what was not dropped', async () => {
          const maxBackpressure = MIB;
          const { ws, peer, send } = await open({
            backpressurePolicy: 'drop',
            maxBackpressure
          });
          let accepted = 0;
          let sent = 0;
          let drops = 0;

          ws.on('drop', () => drops++);
          peer.child.kill('SIGSTOP');
          while (drops < 1000) {
            for (let i = 0; i < 32; i++) {
              sent = send((err) => {
                if (!err) accepted++;
              });
              assert.ok(ws.bufferedAmount <= maxBackpressure + 8);
            }
            await new Promise(setImmediate);
          }
          peer.child.kill('SIGCONT');
          while (ws.bufferedAmount > 0) await new Promise(setImmediate);
          ws.send('that is all');

          const { count, wrong } = await peer.ask('counted', 'that is all');

          assert.strictEqual(wrong, 0);
          assert.strictEqual(count, accepted);
          assert.strictEqual(count, sent - drops);
          ws.terminate();
          await once(ws, 'close');
        });

        for (const [option, options, sends] of [
          ['maxBackpressure', { maxBackpressure: MIB }, true],
          ['idleTimeout', { idleTimeout: 1000 }, false]
        ]) {
          it(`is left after a while, with ${option}`, async () => {
            const { ws, peer, send } = await open(options);
            const closed = once(ws, 'close');

            peer.child.kill('SIGSTOP');
            while (sends && ws.readyState === ws.OPEN) {
              for (let i = 0; i < 32; i++) send(() => {});
              await new Promise(setImmediate);
            }
            assert.strictEqual((await closed)[0], 1006);
            assert.strictEqual(ws._socket.destroyed, true);
          });
        }
      });
    }

    it('gets everything that was sent to it, in little memory', async () => {
      const server = new Helper('server.js', [kinds.indexOf(kind)]);

      scope.defer(() => server.kill());

      const port = await server.ask('listen');
      const client = new Helper('pump.js', [port, 8]);

      scope.defer(() => client.kill());

      const { resident } = await server.ask('use');
      const pumped = client.ask('pump', 2000);

      while ((await server.ask('use')).clients < 8);
      server.child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      server.child.kill('SIGCONT');

      const sent = await pumped;
      const { streams, highest } = await server.ask('counted');

      assert.deepStrictEqual(
        streams.map(({ wrong }) => wrong),
        Array(8).fill(0)
      );
      assert.deepStrictEqual(
        streams.map(({ next }) => next).sort(),
        [...sent].sort()
      );
      assert.ok(sent.some((count) => count > 0));
      assert.ok(
        highest - resident < 128 * MIB * memory,
        `${(highest - resident) / MIB} MiB more`
      );
      await client.ask('leave');
      assert.strictEqual(await client.end(), 0);
      await server.ask('close');
      assert.strictEqual(await server.end(), 0);
    });
  });
});
