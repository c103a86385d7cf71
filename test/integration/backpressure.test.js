'use strict';

const assert = require('assert');
const { once } = require('events');

const { forEachKind, theirs } = require('./kinds');
const { frame, TEXT } = require('./support/frames');
const { noise } = require('./support/messages');
const { useScope } = require('./support/scope');

const CHUNK = noise(64 * 1024);

/** How many bytes have to wait. */
const MUCH = 512 * 1024;

describe('_socket and backpressure', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      for (const perMessageDeflate of [false, true]) {
        const how = perMessageDeflate ? ', compressed' : '';

        describe(`of the ${role}${how}`, () => {
          const scope = useScope();
          const mask = role === 'client';
          let ws;
          let other;

          /**
           * Send until more waits than the kernel takes, to a peer that reads
           * nothing.
           */
          const fill = async () => {
            const { _socket: socket } = ws;

            other.pause();
            for (let round = 0, full = 0; full < 5; round++) {
              assert.ok(round < 1000, 'The kernel takes everything');
              // The messages before may be under way to the socket yet.
              if (socket.writableLength > MUCH) full++;
              else full = 0;
              if (ws.bufferedAmount < 2 * MUCH) {
                for (let i = 0; i < 8; i++) ws.send(CHUNK);
              }
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
          };

          beforeEach(async () => {
            const pair = await scope.pair(
              role === 'client'
                ? { client: kind, server: theirs }
                : { client: theirs, server: kind },
              {
                client: { perMessageDeflate },
                server: { perMessageDeflate }
              }
            );

            ws = pair[role];
            other = role === 'client' ? pair.server : pair.client;
          });

          it('tells how many bytes wait', async () => {
            const { _socket: socket } = ws;

            assert.strictEqual(socket.writableLength, 0);
            assert.strictEqual(socket.bufferSize, 0);
            assert.strictEqual(socket.writableNeedDrain, false);
            ws.send('small');
            assert.strictEqual(socket.writableLength > 1000, false);
            await fill();
            assert.ok(
              socket.writableLength > MUCH / 2,
              `${socket.writableLength}`
            );
            assert.strictEqual(socket.bufferSize, socket.writableLength);
            assert.strictEqual(socket.writableNeedDrain, true);
            ws.terminate();
            await once(ws, 'close');
            assert.strictEqual(socket.writableNeedDrain, false);
          });

          it("emits 'drain' for who listens then", async () => {
            const { _socket: socket } = ws;

            await fill();

            const drained = once(socket, 'drain');

            other.resume();
            await drained;
            assert.strictEqual(socket.writableLength, 0);
            assert.strictEqual(socket.writableNeedDrain, false);
          });

          it("emits 'drain' for who listened before", async () => {
            const { _socket: socket } = ws;
            let count = 0;

            socket.on('drain', () => count++);
            ws.send('small');
            await new Promise((resolve) => setTimeout(resolve, 20));
            assert.strictEqual(count, 0);
            for (let round = 1; round <= 2; round++) {
              await fill();

              const before = count;
              const drained = once(socket, 'drain');

              other.resume();
              await drained;
              assert.ok(count > before);
            }
          });

          it('says at write() that more has to wait', async () => {
            const { _socket: socket } = ws;
            const raw = frame(TEXT, 'raw', { mask });
            let count = 0;

            const received = new Promise((resolve) => {
              let rest = 3;

              other.on('message', (data) => {
                if (data.length === 3 && --rest === 0) resolve();
              });
            });

            assert.strictEqual(socket.write(raw), true);
            await fill();
            socket.on('drain', () => count++);
            assert.strictEqual(socket.write(raw), false);

            const drained = once(socket, 'drain');

            other.resume();
            await drained;
            assert.strictEqual(socket.write(raw), true);
            await received;
            // While messages are compressed, all that is there may be out.
            assert.ok(perMessageDeflate ? count >= 1 : count === 1, `${count}`);
          });

          it("emits no 'drain' when the connection is gone", async () => {
            await fill();
            ws._socket.on('drain', () => assert.fail('drained'));
            ws.terminate();
            await once(ws, 'close');
            await new Promise((resolve) => setImmediate(resolve));
          });
        });
      }
    }
  });
});
