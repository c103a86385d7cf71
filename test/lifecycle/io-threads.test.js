'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { inspect } = require('util');
const { Worker } = require('worker_threads');

const { modulePath, reference, WebSocket } = require('../integration/kinds');
const { useScope } = require('../integration/support/scope');

const max = os.availableParallelism();
// With one processor these tests still say that the option does no harm.
const ioThreads = Math.min(2, max);

/**
 * Counts the I/O threads of this process.
 *
 * @returns {Number} Their number
 */
function countThreads() {
  return fs
    .readdirSync('/proc/self/task')
    .filter(
      (id) =>
        fs.readFileSync(`/proc/self/task/${id}/comm`, 'utf8') === 'beastws-io\n'
    ).length;
}

describe('Several I/O threads', function () {
  this.timeout(20000);

  describe('the "ioThreads" option', () => {
    for (const value of ['2', 1.5, NaN, null, {}]) {
      it(`cannot be ${inspect(value)}`, () => {
        assert.throws(
          () => new WebSocket.Server({ noServer: true, ioThreads: value }),
          new TypeError('The "ioThreads" option must be an integer')
        );
      });
    }

    for (const value of [0, -1, max + 1]) {
      it(`cannot be ${value} with ${max} processors`, () => {
        assert.throws(
          () => new WebSocket.Server({ noServer: true, ioThreads: value }),
          new RangeError(
            `The "ioThreads" option must be from 1 to ${max}, the number of ` +
              'processors that there are'
          )
        );
      });
    }

    if (max > 1) {
      it('cannot go together with "ioThread: false"', () => {
        assert.throws(
          () =>
            new WebSocket.Server({
              noServer: true,
              ioThread: false,
              ioThreads: 2
            }),
          new TypeError(
            'The "ioThreads" option and "ioThread: false" cannot go together'
          )
        );
      });
    }
  });

  for (const native of [false, true]) {
    describe(`of a server with native: ${native}`, () => {
      const scope = useScope();

      /**
       * @param {Object} [options] More options
       * @returns {Promise<WebSocketServer>} A server that echoes
       */
      const listen = async (options) => {
        const wss = new WebSocket.Server({
          port: 0,
          host: '127.0.0.1',
          native,
          ioThreads,
          ...options
        });

        scope.server(wss);
        wss.on('connection', (ws) =>
          ws.on('message', (data, isBinary) =>
            ws.send(data, { binary: isBinary })
          )
        );
        await once(wss, 'listening');
        return wss;
      };

      /**
       * @param {WebSocketServer} wss A server
       * @param {Function} Client The class of the client
       * @returns {Promise<WebSocket>} A client of it
       */
      const connect = async (wss, Client = WebSocket) => {
        const ws = new Client(`ws://127.0.0.1:${wss.address().port}`);

        scope.socket(ws);
        await once(ws, 'open');
        return ws;
      };

      it('echo every message in order', async () => {
        const wss = await listen({ perMessageDeflate: true });
        const clients = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            connect(wss, i % 2 === 0 ? reference : WebSocket)
          )
        );

        await Promise.all(
          clients.map(async (ws, index) => {
            const expected = [];
            const received = [];

            for (let i = 0; i < 200; i++) {
              const message = `${index} ${i} `.repeat(1 + (i % 50) * 100);

              expected.push(message);
              ws.send(message);
            }
            ws.on('message', (data) => {
              received.push(`${data}`);
              if (received.length === expected.length) ws.close(1000, 'done');
            });
            const [code, reason] = await once(ws, 'close');

            assert.deepStrictEqual([code, `${reason}`], [1000, 'done']);
            assert.deepStrictEqual(received, expected);
          })
        );
      });

      if (process.platform === 'linux') {
        it('are started, and no more than these', async () => {
          const wss = await listen();

          await Promise.all(Array.from({ length: 10 }, () => connect(wss)));
          assert.ok(countThreads() >= ioThreads);
          assert.ok(countThreads() <= max);
        });
      }

      it('stop listening together', async () => {
        const wss = await listen();
        const { port } = wss.address();
        const ws = await connect(wss);

        ws.close();
        await once(ws, 'close');
        wss.close();
        await once(wss, 'close');

        const again = new WebSocket.Server({ port, host: '127.0.0.1' });

        scope.server(again);
        await once(again, 'listening');
      });

      it('write everything before the process exits', async () => {
        const child = spawn(
          process.execPath,
          [
            path.join(__dirname, 'children', 'io-threads.js'),
            `${native}`,
            `${ioThreads}`,
            '6'
          ],
          { stdio: ['ignore', 'pipe', 'inherit'] }
        );
        const exit = once(child, 'exit');

        scope.defer(() => child.kill('SIGKILL'));

        const [port] = await once(child.stdout, 'data');
        const sizes = await Promise.all(
          Array.from({ length: 6 }, async () => {
            const ws = new reference(`ws://127.0.0.1:${+port}`);
            let size = 0;

            scope.socket(ws);
            ws.on('message', (data) => (size += data.length));
            ws.on('error', () => {});
            await new Promise((resolve) => ws.on('close', resolve));
            return size;
          })
        );

        assert.deepStrictEqual(sizes, new Array(6).fill(2 * 1024 * 1024));
        assert.deepStrictEqual(await exit, [0, null]);
      });

      it('end with their worker', async () => {
        const worker = new Worker(
          `const { workerData, parentPort } = require('worker_threads');
           const { Server } = require(workerData.modulePath);
           const wss = new Server({ port: 0, ...workerData.options }, () =>
             parentPort.postMessage(wss.address().port)
           );
           wss.on('connection', (ws) =>
             ws.on('message', (data) => ws.send(data))
           );`,
          {
            eval: true,
            workerData: {
              modulePath,
              options: { host: '127.0.0.1', native, ioThreads }
            }
          }
        );
        const [port] = await once(worker, 'message');
        const clients = await Promise.all(
          Array.from({ length: 6 }, async () => {
            const ws = new reference(`ws://127.0.0.1:${port}`);

            scope.socket(ws);
            ws.on('error', () => {});
            await once(ws, 'open');
            ws.send('x');
            await once(ws, 'message');
            return ws;
          })
        );
        const closed = clients.map((ws) => once(ws, 'close'));

        await worker.terminate();
        for (const [code] of await Promise.all(closed)) {
          assert.strictEqual(code, 1006);
        }
      });
    });
  }
});
