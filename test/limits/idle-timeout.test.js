'use strict';

const assert = require('assert');
const { execFile } = require('child_process');
const { once } = require('events');
const path = require('path');
const { promisify } = require('util');

const {
  forEachKind,
  isReference,
  modulePath,
  WebSocket
} = require('../integration/kinds');
const { frame } = require('../integration/support/frames');
const { rawClient, RawServer } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');

const TIMEOUT = 200;
const PING = 9;
const PONG = 10;

/**
 * Do nothing else for a time.
 *
 * @param {number} milliseconds How long
 */
function block(milliseconds) {
  const cell = new Int32Array(new SharedArrayBuffer(4));

  Atomics.wait(cell, 0, 0, milliseconds);
}

/**
 * A websocket of a server, with a peer made of bytes.
 *
 * @param {Scope} scope Where to close them
 * @param {Party} kind The server's module
 * @param {Object} [options] Options of the server
 * @returns {Promise<Object>} `{ ws, peer, opened }`
 */
async function openRaw(scope, kind, options) {
  const wss = await scope.listen(kind, { idleTimeout: TIMEOUT, ...options });
  const connection = once(wss, 'connection');
  const opened = performance.now();
  const peer = await rawClient(wss);

  scope.stream(peer.socket);
  return { ws: (await connection)[0], peer, opened };
}

if (!isReference) {
  describe('idleTimeout', () => {
    forEachKind((kind) => {
      for (const role of kind.roles) {
        describe(`of the ${role}`, () => {
          const scope = useScope();

          /**
           * A websocket with a peer made of bytes, which does not answer.
           *
           * @param {Object} [options] Its options
           * @returns {Promise<Object>} `{ ws, peer, opened }`
           */
          const open = async (options) => {
            if (role === 'server') return openRaw(scope, kind, options);

            const server = await new RawServer().listen();

            scope.defer(() => server.close());

            const opened = performance.now();
            const ws = scope.connect(kind, server.url, {
              idleTimeout: TIMEOUT,
              ...options
            });

            await once(ws, 'open');
            return { ws, peer: await server.peer(), opened };
          };

          for (const [title, options, sent] of [
            ['asks a silent peer for a sign, then terminates', {}, [PING]],
            ['does not ask where autoPing is false', { autoPing: false }, []]
          ]) {
            it(title, async () => {
              const { ws, peer, opened } = await open(options);
              const [code] = await once(ws, 'close');

              assert.strictEqual(code, 1006);
              assert.ok(performance.now() - opened >= TIMEOUT - 1);
              await peer.untilEnd();
              assert.deepStrictEqual(
                peer.frames.map(({ opcode }) => opcode),
                sent
              );
            });
          }

          it('reads what is there before it judges', async () => {
            const idleTimeout = 1200;
            let outcome;

            for (let late = true; late;) {
              const { ws, peer } = await open({ idleTimeout });

              outcome = new Promise((resolve) => {
                for (const event of ['pong', 'close']) {
                  ws.once(event, () => resolve(event));
                }
              });
              await peer.untilFrames(1);

              const pinged = performance.now();

              // Three quarters of the time are over. The answer comes while
              // this thread does something else, until it would be too late.
              await new Promise((resolve) =>
                setTimeout(resolve, idleTimeout / 3)
              );
              // Timers come next.
              await new Promise(setImmediate);
              // On a busy machine it is too late already.
              late = performance.now() - pinged > idleTimeout * 0.4;
              peer.socket.write(frame(PONG, '', { mask: role === 'server' }));
              block(idleTimeout / 4);
            }
            assert.strictEqual(await outcome, 'pong');
          });
        });
      }

      describe('between two of us', () => {
        const scope = useScope();

        it('keeps connections whose peers answer pings', async () => {
          const wss = await scope.listen(kind, { idleTimeout: TIMEOUT });
          const connection = once(wss, 'connection');
          const client = scope.connect(kind, wss);
          const [ws] = await connection;
          let pongs = 0;

          ws.on('close', () => assert.fail('it was closed'));
          await new Promise((resolve) => {
            ws.on('pong', () => {
              if (++pongs === 4) resolve();
            });
          });
          ws.removeAllListeners('close');
          client.close();
          await once(client, 'close');
        });

        it('takes a message in pieces for a sign of life', async () => {
          const { ws, peer } = await openRaw(scope, kind, { autoPing: false });
          const message = once(ws, 'message');
          const began = performance.now();
          // A masked frame of 20 bytes.
          const bytes = Buffer.concat([
            Buffer.from([0x82, 0x80 | 20, 0, 0, 0, 0]),
            Buffer.alloc(20, 'x')
          ]);

          for (const byte of bytes) {
            peer.socket.write(Buffer.of(byte));
            await new Promise((resolve) => setTimeout(resolve, TIMEOUT / 10));
          }

          assert.strictEqual((await message)[0].toString(), 'x'.repeat(20));
          assert.ok(performance.now() - began > 2 * TIMEOUT);
        });

        it('leaves alone who is paused by us', async () => {
          const { ws } = await openRaw(scope, kind, { autoPing: false });

          ws.pause();
          await new Promise((resolve) => setTimeout(resolve, 2 * TIMEOUT));
          assert.strictEqual(ws.readyState, WebSocket.OPEN);
          ws.resume();
          assert.strictEqual((await once(ws, 'close'))[0], 1006);
        });
      });
    });

    it('does not keep the process alive', async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '-e',
        `const { WebSocket, WebSocketServer } = require(
           ${JSON.stringify(path.resolve(modulePath))});
         const wss = new WebSocketServer(
           { port: 0, idleTimeout: 60000 }, () => {
             const ws = new WebSocket(
               'ws://127.0.0.1:' + wss.address().port, { idleTimeout: 50000 });
             ws.on('open', () => {
               ws._socket.unref();
               wss._server.unref();
               for (const peer of wss.clients) peer._socket.unref();
               console.log('idle');
             });
           });`
      ]);

      assert.strictEqual(stdout, 'idle\n');
    });

    it('must make sense', () => {
      const make = (idleTimeout) => () =>
        new WebSocket.Server({ noServer: true, idleTimeout });
      const connect = (idleTimeout) => () =>
        new WebSocket('ws://127.0.0.1:1', { idleTimeout });

      for (const build of [make, connect]) {
        assert.throws(build('1'), {
          name: 'TypeError',
          message: 'The "idleTimeout" option must be a number'
        });
        for (const bad of [-1, NaN, 2 ** 31]) {
          assert.throws(build(bad), {
            name: 'RangeError',
            message:
              'The "idleTimeout" option must be a number from 0 to 2147483647'
          });
        }
      }
      for (const off of [0, Infinity, undefined]) make(off)();
    });
  });
}
