'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');

const { forEachKind, kinds, theirs } = require('../integration/kinds');
const { run } = require('../integration/support/child');
const { Journal } = require('../integration/support/journal');
const { urlOf } = require('../integration/support/party');
const { RawServer } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');
const { slowness } = require('../support/sanitized');

const script = path.join(__dirname, 'children', 'exit.js');

describe('Exit', function () {
  this.timeout(20000);

  forEachKind((kind) => {
    const index = kinds.indexOf(kind);

    // Without the native thread the two roles do not differ in how they end.
    const roles =
      kind.options.ioThread === false ? ['server'] : ['client', 'server'];

    for (const role of roles) {
      describe(`of a process with a ${role}`, () => {
        const scope = useScope();

        /**
         * Start a process and connect it with ws here.
         *
         * @param {string} way What it does once it is connected
         * @returns {Promise<Object>} `{ ws, journal, ended }`; `ended` is a
         *     promise of `{ code, stderr }`, the code a signal's name if any
         */
        const start = async (way) => {
          let url = '';
          let wss;

          if (role === 'client') {
            wss = await scope.listen(kind.isSecure ? kind : theirs);
            url = urlOf(wss);
          }

          const child = spawn(
            process.execPath,
            ['--throw-deprecation', script, index, way, url],
            { stdio: ['ignore', 'pipe', 'pipe'] }
          );
          let stderr = '';

          child.stderr.on('data', (chunk) => {
            stderr += chunk;
          });
          scope.defer(() => child.kill('SIGKILL'));

          // A process that should have ended fails its test as SIGKILL.
          const timer = setTimeout(
            () => child.kill('SIGKILL'),
            8000 * slowness
          );
          const ended = new Promise((resolve) => {
            child.on('close', (code, signal) => {
              clearTimeout(timer);
              resolve({ code: code === null ? signal : code, stderr });
            });
          });
          const journal = new Journal();
          let ws;

          if (role === 'client') {
            ws = await new Promise((resolve) => {
              wss.on('connection', (ws) => {
                journal.watch(ws);
                resolve(ws);
              });
            });
          } else {
            const [port] = await once(child.stdout, 'data');

            ws = scope.connect(
              theirs,
              `${kind.isSecure ? 'wss' : 'ws'}://127.0.0.1:${+`${port}`}`
            );
            journal.watch(ws);
          }
          return { ws, journal, ended };
        };

        it('delivers what was sent before process.exit()', async () => {
          const { journal, ended } = await start('send');

          assert.strictEqual((await ended).code, 3);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            [
              ...Array.from({ length: 200 }, (_, i) => `text ${i}`),
              'binary 60000 bytes',
              'ping ping',
              "close 1006 '' state 3"
            ]
          );
        });

        it('delivers a message of a megabyte', async () => {
          const { journal, ended } = await start('sendLarge');

          assert.strictEqual((await ended).code, 3);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['binary 1000000 bytes', "close 1006 '' state 3"]
          );
        });

        it('delivers a close frame', async () => {
          const { journal, ended } = await start('close');

          assert.strictEqual((await ended).code, 3);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['text last words', "close 4000 'bye' state 3"]
          );
        });

        it('delivers what was sent before terminate()', async () => {
          const { journal, ended } = await start('terminate');

          assert.strictEqual((await ended).code, 3);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['text last words', "close 1006 '' state 3"]
          );
        });

        it("delivers what an 'exit' listener sends", async () => {
          const { journal, ended } = await start('exitListener');

          assert.strictEqual((await ended).code, 3);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['text from the exit listener', "close 1006 '' state 3"]
          );
        });

        it('works inside of listeners and callbacks', async () => {
          for (const [way, code] of [
            ['exitInMessage', 7],
            ['exitInCallback', 8]
          ]) {
            const { ws, journal, ended } = await start(way);

            await journal.until('text ready');
            ws.send('go on');
            assert.strictEqual((await ended).code, code);
            await journal.until('close');
            assert.strictEqual(journal.lines.at(-1), "close 1006 '' state 3");
          }
        });

        it('shows an error that nobody catches', async () => {
          const { ws, journal, ended } = await start('throwInMessage');

          await journal.until('text ready');
          ws.send('go on');

          const { code, stderr } = await ended;

          assert.strictEqual(code, 1);
          assert.match(stderr, /Error: boom in a listener/);
          assert.doesNotMatch(stderr, /DEP0168/);
          await journal.until('close');
        });

        it('is seen by the peer when the process is killed', async () => {
          const { ws, journal, ended } = await start('kill');

          await journal.until('text ready');
          ws.send('go on');
          assert.strictEqual((await ended).code, 'SIGKILL');
          await journal.until('close');
          assert.strictEqual(journal.lines.at(-1), "close 1006 '' state 3");
        });

        it('comes by itself after the closing handshake', async () => {
          const { journal, ended } = await start('exitCode');

          assert.strictEqual((await ended).code, 9);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['text last words', "close 1000 '' state 3"]
          );
        });

        for (const way of ['idle', 'ref']) {
          it(`waits for an open connection (${way})`, async () => {
            const { ws, ended } = await start(way);

            if (ws.readyState === 0) await once(ws, 'open');
            for (let i = 0; i < 30; i++) {
              ws.send('are you there?');
              await once(ws, 'message');
            }
            ws.close();
            assert.strictEqual((await ended).code, 0);
          });
        }

        it('does not wait for an unreferenced connection', async () => {
          const { journal, ended } = await start('unref');

          assert.strictEqual((await ended).code, 0);
          await journal.until('close');
          assert.deepStrictEqual(
            journal.lines.filter((line) => line !== 'open'),
            ['text unreferenced', "close 1006 '' state 3"]
          );
        });
      });
    }

    describe('of other processes', () => {
      const scope = useScope();

      for (const way of ['load', 'listenAndClose', 'refused']) {
        it(`comes by itself (${way})`, async () => {
          const { code, stderr } = await run(script, [index, way, '']);

          assert.strictEqual(stderr, '');
          assert.strictEqual(code, 0);
        });
      }

      it('comes by itself after an aborted handshake', async () => {
        const server = await new RawServer(() => {}).listen();

        scope.defer(() => server.close());

        const { code, stderr } = await run(script, [
          index,
          'abort',
          server.url
        ]);

        assert.strictEqual(stderr, '');
        assert.strictEqual(code, 0);
      });

      it('waits for the close timer', async () => {
        const server = await new RawServer().listen();

        scope.defer(() => server.close());

        const child = run(script, [index, 'closeTimer', server.url]);
        const peer = await server.peer();
        const start = Date.now();

        await peer.untilFrames(1);
        await peer.untilEnd();
        assert.ok(Date.now() - start >= 250);
        assert.strictEqual((await child).code, 0);
      });
    });
  });
});
