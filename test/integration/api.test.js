'use strict';

const assert = require('assert');
const { AsyncLocalStorage } = require('async_hooks');
const { once } = require('events');

const { describeClients, directions, forEachKind, theirs } = require('./kinds');
const { frame, TEXT } = require('./support/frames');
const { Journal } = require('./support/journal');
const { receive } = require('./support/messages');
const { rawClient } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('Events', () => {
  forEachKind((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        // What Node's TLS takes is not yet with the kernel.
        const synchronous = (client, server) =>
          kind.isSecure && (kind.isInline || peers.client !== kind)
            ? [server]
            : [client, server];

        it('are delivered as a browser delivers them', async () => {
          const wss = await scope.listen(peers.server);

          wss.on('connection', (ws) => {
            ws.binaryType = 'arraybuffer';
            ws.onmessage = ({ data }) => ws.send(data);
          });

          const ws = scope.connect(peers.client, wss);
          const seen = [];

          ws.binaryType = 'arraybuffer';
          ws.onopen = function (event) {
            assert.strictEqual(this, ws);
            seen.push([event.type, event.target === ws, Object.keys(event)]);
            ws.send('text');
            ws.send(Buffer.from('binary'));
          };
          ws.onmessage = ({ type, target, data }) => {
            seen.push([type, target === ws, data.constructor.name]);
            if (typeof data !== 'string') ws.close(1000, 'done');
          };

          await new Promise((resolve) => {
            ws.onclose = ({ type, target, code, reason, wasClean }) => {
              seen.push([type, target === ws, code, reason, wasClean]);
              resolve();
            };
          });
          assert.deepStrictEqual(seen, [
            ['open', true, []],
            ['message', true, 'String'],
            ['message', true, 'ArrayBuffer'],
            ['close', true, 1000, 'done', true]
          ]);
        });

        it('come in the order of registration, whatever the style', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const seen = [];
            const object = {
              handleEvent(event) {
                assert.strictEqual(this, object);
                seen.push(`object ${event.data}`);
              }
            };
            const first = ({ data }) => seen.push(`first ${data}`);

            to.on('message', (data) => seen.push(`on ${data}`));
            to.addEventListener('message', first);
            to.addEventListener('message', first);
            to.onmessage = ({ data }) => seen.push(`attribute ${data}`);
            to.addEventListener('message', object);
            to.addEventListener(
              'message',
              ({ data }) => seen.push(`once ${data}`),
              { once: true }
            );
            to.prependListener('message', (data) => seen.push(`pre ${data}`));
            assert.strictEqual(to.listenerCount('message'), 6);

            const done = receive(to, 2);

            from.send('1');
            from.send('2');
            await done;
            assert.deepStrictEqual(seen, [
              'pre 1',
              'on 1',
              'first 1',
              'attribute 1',
              'object 1',
              'once 1',
              'pre 2',
              'on 2',
              'first 2',
              'attribute 2',
              'object 2'
            ]);

            to.removeEventListener('message', first);
            to.removeEventListener('message', object);
            to.onmessage = null;
            assert.strictEqual(to.onmessage, null);
            assert.strictEqual(to.listenerCount('message'), 2);
            to.removeAllListeners();
          }
        });

        it('take changes of listeners into account at once', async () => {
          const { client, server } = await scope.pair(peers);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const seen = [];
            const late = (data) => seen.push(`late ${data}`);
            const done = new Promise((resolve) => {
              to.once('message', (data) => {
                seen.push(`once ${data}`);
                to.on('message', late);
                to.on('message', (data) => {
                  if (`${data}` === '2') to.off('message', late);
                  if (`${data}` === '3') resolve();
                });
              });
            });

            for (const text of ['1', '2', '3']) from.send(text);
            await done;
            assert.deepStrictEqual(seen, ['once 1', 'late 2']);
            to.removeAllListeners();
          }
        });

        it('report an error with its event', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { maxPayload: 3 },
            server: { maxPayload: 3 }
          });
          const results = [client, server].map(
            (ws) =>
              new Promise((resolve) => {
                ws.onerror = ({ type, target, error, message }) => {
                  assert.strictEqual(target, ws);
                  assert.strictEqual(error.message, message);
                  resolve([type, error.code, message]);
                };
              })
          );
          const closed = new Promise((resolve) => {
            server.onclose = ({ code, wasClean }) => resolve([code, wasClean]);
          });

          client.send('1234');
          server.send('1234');
          for (const result of await Promise.all(results)) {
            assert.deepStrictEqual(result, [
              'error',
              'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
              'Max payload size exceeded'
            ]);
          }
          assert.deepStrictEqual(await closed, [1006, false]);
        });

        it('bufferedAmount is 0 in the tick of small sends', async () => {
          const { client, server } = await scope.pair(peers);

          for (const ws of synchronous(client, server)) {
            const amounts = [];

            ws.send('x');
            amounts.push(ws.bufferedAmount);
            ws.send(Buffer.alloc(10000));
            amounts.push(ws.bufferedAmount);
            ws.ping('x');
            amounts.push(ws.bufferedAmount);
            ws.close();
            amounts.push(ws.bufferedAmount);
            assert.deepStrictEqual(amounts, [0, 0, 0, 0]);
          }
        });

        it('bufferedAmount grows within a tick and shrinks to 0', async () => {
          const { client, server } = await scope.pair(peers);
          const piece = Buffer.alloc(65536);

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            let sent = 0;
            let got = 0;

            to.on('message', () => got++);
            while (from.bufferedAmount === 0) {
              from.send(piece);
              assert.ok(++sent < 2000);
            }
            assert.ok(from.bufferedAmount > 0);
            await new Promise((resolve) => from.send('last', resolve));
            assert.strictEqual(from.bufferedAmount, 0);
            while (got < sent + 1) await once(to, 'message');
            assert.strictEqual(got, sent + 1);
          }
        });

        it('bufferedAmount counts what is being compressed', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { perMessageDeflate: { threshold: 0 } },
            server: { perMessageDeflate: { threshold: 0 } }
          });

          for (const ws of [client, server]) {
            const amounts = [];

            await new Promise((resolve) => {
              ws.send('foo', () => amounts.push(ws.bufferedAmount));
              amounts.push(ws.bufferedAmount);
              ws.send('bar', () => {
                amounts.push(ws.bufferedAmount);
                resolve();
              });
              amounts.push(ws.bufferedAmount);
            });
            assert.deepStrictEqual(amounts.slice(0, 2), [3, 6]);
            assert.strictEqual(amounts.at(-1), 0);
          }
        });

        it('bufferedAmount counts what waits behind that', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { perMessageDeflate: { threshold: 0 } },
            server: { perMessageDeflate: { threshold: 0 } }
          });

          for (const ws of [client, server]) {
            const amounts = [];

            ws.send('foo');
            ws.ping('1234');
            amounts.push(ws.bufferedAmount);
            ws.send('plain', { compress: false });
            amounts.push(ws.bufferedAmount);
            ws.send(new Blob(['blob']));
            amounts.push(ws.bufferedAmount);
            await new Promise((resolve) => ws.send('bar', resolve));
            assert.deepStrictEqual(amounts, [7, 12, 16]);
            assert.strictEqual(ws.bufferedAmount, 0);
          }
        });

        it('callbacks come later, in order and without an error', async () => {
          const { client, server } = await scope.pair(peers);

          for (const ws of [client, server]) {
            const log = [];
            const note = (name) => (err) => {
              assert.ok(!err);
              log.push(name);
            };

            await new Promise((resolve) => setImmediate(resolve));
            ws.send('a', note('a'));
            ws.ping('b', undefined, note('b'));
            ws.send('c', { fin: false }, note('c'));
            ws.send(Buffer.alloc(200000), note('d'));
            ws.pong('e', undefined, note('e'));
            ws.send('', note('f'));
            ws.send(new Blob(['g']), note('g'));
            await new Promise((resolve) => {
              ws.send('h', (err) => {
                note('h')(err);
                resolve();
              });
              log.push('sync');
            });
            assert.deepStrictEqual(log, ['sync', ...'abcdefgh']);
          }
        });

        it('callbacks come before the next turn of the event loop', async () => {
          const { client, server } = await scope.pair(peers);

          for (const ws of synchronous(client, server)) {
            const log = [];

            await new Promise((resolve) => setImmediate(resolve));
            ws.send('a', () => log.push('callback'));
            process.nextTick(() => log.push('tick'));
            await new Promise((resolve) => setImmediate(resolve));
            log.push('immediate');
            assert.deepStrictEqual(log, ['callback', 'tick', 'immediate']);
          }
        });

        it('callbacks come before close', async () => {
          const { client, server } = await scope.pair(peers);
          const journal = new Journal(client);

          server.on('message', () => {});
          for (let i = 0; i < 5; i++) {
            client.send(Buffer.alloc(100000), () => journal.add(`sent ${i}`));
          }
          client.close(1000);
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            ...Array.from({ length: 5 }, (_, i) => `sent ${i}`),
            "close 1000 '' state 3"
          ]);
        });
      });
    }

    describe('asynchronous contexts', () => {
      const scope = useScope();

      it('are those that ws has', async () => {
        const storage = new AsyncLocalStorage();
        const seen = {};
        const note = (name) => {
          seen[name] = storage.getStore();
        };
        const wss = await storage.run('listen', () => scope.listen(kind));

        wss.on('connection', (ws) => {
          note('connection');
          ws.on('message', (data) => {
            note(`server message ${data}`);
            if (`${data}` === 'first') {
              storage.run('reply', () => {
                ws.send('reply', () => note('server callback'));
              });
            }
          });
          ws.on('ping', () => note('server ping'));
          ws.on('close', () => note('server close'));
        });

        const client = storage.run('constructor', () =>
          scope.connect(kind, wss)
        );

        client.on('upgrade', () => note('client upgrade'));
        client.on('open', () => note('client open'));
        client.on('message', () => note('client message'));
        client.on('close', () => note('client close'));
        await once(client, 'open');
        storage.run('send', () => {
          client.send('first', () => note('client callback'));
          client.ping('x', undefined, () => note('ping callback'));
        });
        await once(client, 'message');
        storage.run('close', () => client.close());
        await Promise.all(
          [client, ...wss.clients].map((ws) => once(ws, 'close'))
        );
        assert.deepStrictEqual(seen, {
          // From Node.js 24 on a server's events have the context of listen().
          connection:
            parseInt(process.versions.node, 10) >= 24 && !kind.listening
              ? 'listen'
              : undefined,
          'client upgrade': 'constructor',
          'client open': 'constructor',
          'client callback': 'send',
          'ping callback': 'send',
          'server message first': undefined,
          'server callback': 'reply',
          'server ping': undefined,
          'client message': 'constructor',
          'client close': 'constructor',
          'server close': undefined
        });
      });
    });

    describe('one chunk', () => {
      const scope = useScope();

      /**
       * Log the messages of one chunk together with microtasks.
       *
       * @param {Object} options The server's options
       * @returns {Promise<string[]>} What happened
       */
      const run = async (options) => {
        const wss = await scope.listen(kind, options);
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss);

        scope.stream(peer.socket);

        const [ws] = await connection;
        const journal = new Journal();

        ws.on('message', (data) => {
          journal.add(`message ${data}`);
          process.nextTick(() => journal.add(`tick ${data}`));
          Promise.resolve().then(() => journal.add(`microtask ${data}`));
          setImmediate(() => journal.add(`immediate ${data}`));
        });
        await peer.write(
          ...['a', 'b', 'c'].map((text) => frame(TEXT, text, { mask: true }))
        );
        return journal.until(12);
      };

      it('emits its messages synchronously', async () => {
        assert.deepStrictEqual((await run({})).slice(0, 9), [
          'message a',
          'message b',
          'message c',
          'tick a',
          'tick b',
          'tick c',
          'microtask a',
          'microtask b',
          'microtask c'
        ]);
      });

      it('emits one message a turn without synchronous events', async () => {
        const lines = await run({ allowSynchronousEvents: false });
        const order = lines.filter((line) => !line.startsWith('immediate'));

        assert.deepStrictEqual(
          order,
          ['a', 'b', 'c'].flatMap((text) => [
            `message ${text}`,
            `tick ${text}`,
            `microtask ${text}`
          ])
        );
      });
    });

    describeClients(kind, 'the handshake', () => {
      const scope = useScope();

      it("emits 'upgrade' and 'open' before what came with them", async () => {
        const wss = await scope.listen(theirs);
        const journal = new Journal();

        wss.on('connection', (ws) => ws.send('greeting'));

        const ws = scope.connect(kind, wss);

        ws.on('upgrade', () => {
          journal.add(`upgrade ${ws.readyState}`);
          process.nextTick(() => journal.add('tick'));
        });
        ws.on('open', () => {
          journal.add(`open ${ws.readyState}`);
          ws.on('message', (data) => journal.add(`message ${data}`));
        });
        await journal.until('message');
        assert.deepStrictEqual(
          journal.lines.filter((line) => line !== 'tick'),
          ['upgrade 0', 'open 1', 'message greeting']
        );
      });
    });
  });
});
