'use strict';

const assert = require('assert');
const { once } = require('events');

const { describeClients, forEachKind, theirs } = require('./kinds');
const { closeFrame, frame, PING, TEXT } = require('./support/frames');
const { describeError, Journal } = require('./support/journal');
const { rawClient, RawServer, upgradeResponse } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

const MIB = 1024 * 1024;
const ABORTED =
  'error Error - - "WebSocket was closed before the connection was ' +
  'established" state 2';

/**
 * A send callback that writes down how it was called.
 *
 * @param {Journal} journal Where to
 * @param {string} name What was sent
 * @param {WebSocket} ws The sender
 * @returns {Function} The callback
 */
function callback(journal, name, ws) {
  return (err) => {
    journal.add(`${name} ${err ? describeError(err) : 'ok'} ${ws.readyState}`);
  };
}

describe('terminate()', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      describe(`of the ${role} here`, () => {
        const scope = useScope();
        const mask = role === 'server';

        /**
         * Open a connection with a peer made of bytes.
         *
         * @returns {Promise<Object>} `{ ws, peer, journal }`
         */
        const openRaw = async () => {
          if (role === 'server') {
            const wss = await scope.listen(kind);
            const connection = once(wss, 'connection');
            const peer = await rawClient(wss);

            scope.stream(peer.socket);

            const [ws] = await connection;

            return { ws, peer, journal: new Journal(ws) };
          }

          const server = await new RawServer().listen();

          scope.defer(() => server.close());

          const ws = scope.connect(kind, server.url);

          await once(ws, 'open');
          return { ws, peer: await server.peer(), journal: new Journal(ws) };
        };

        /**
         * Open a connection with ws as the peer.
         *
         * @param {Object} [options] `{ client, server }` options
         * @returns {Promise<Object>} `{ ws, other, journal }`
         */
        const open = async (options) => {
          const pair = await scope.pair(
            role === 'client'
              ? { client: kind, server: theirs }
              : { client: theirs, server: kind },
            options
          );
          const ws = pair[role];
          const other = role === 'client' ? pair.server : pair.client;

          return { ws, other, journal: new Journal(ws) };
        };

        it('closes both sides with 1006 and without errors', async () => {
          const { ws, other, journal } = await open();
          const theirJournal = new Journal(other);

          ws.terminate();
          assert.strictEqual(ws.readyState, 2);
          await Promise.all([
            journal.until('close'),
            theirJournal.until('close')
          ]);
          ws.terminate();
          assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
          assert.deepStrictEqual(theirJournal.lines, ["close 1006 '' state 3"]);
        });

        it('delivers what was sent before', async () => {
          const { ws, other } = await open();
          const journal = new Journal(other);

          ws.send('a');
          ws.ping('b');
          ws.send(Buffer.alloc(1000));
          ws.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'text a',
            'ping b',
            'binary 1000 bytes',
            "close 1006 '' state 3"
          ]);
        });

        it('does not reset when the peer is still sending', async () => {
          const { ws, peer, journal } = await openRaw();

          ws.send('last words');
          await peer.write(frame(TEXT, 'a', { mask }));
          ws.terminate();
          await journal.until('close');
          await peer.untilEnd();
          // Sockets of Node's own reset in some of its versions.
          if (kind.options.ioThread === false) return;
          assert.strictEqual(peer.reset, false);
          assert.deepStrictEqual(
            peer.frames.map(({ payload }) => `${payload}`),
            ['last words']
          );
        });

        it('emits the rest of the chunk of the current message', async () => {
          const { ws, peer, journal } = await openRaw();

          ws.once('message', () => ws.terminate());
          await peer.write(
            frame(TEXT, '1', { mask }),
            frame(PING, '2', { mask }),
            frame(TEXT, '3', { mask })
          );
          await journal.until('close');
          await peer.untilEnd();
          assert.deepStrictEqual(journal.lines, [
            'text 1',
            'ping 2',
            'text 3',
            "close 1006 '' state 3"
          ]);
          assert.deepStrictEqual(peer.frames, []);
        });

        it('still takes the code of a close frame in the same chunk', async () => {
          const { ws, peer, journal } = await openRaw();

          ws.once('message', () => ws.terminate());
          await peer.write(
            frame(TEXT, '1', { mask }),
            closeFrame(4000, 'x', { mask })
          );
          await journal.until('close');
          assert.strictEqual(journal.lines[0], 'text 1');
          assert.strictEqual(journal.lines.length, 2);
          assert.strictEqual(journal.lines[1], "close 4000 'x' state 3");
        });

        it('ends the wait for the closing handshake', async () => {
          const { ws, journal } = await openRaw();

          ws.close(1000);
          ws.terminate();
          assert.strictEqual(ws.readyState, 2);
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
        });

        it('works while paused', async () => {
          const { ws, peer, journal } = await openRaw();

          ws.pause();
          await peer.write(frame(TEXT, 'a', { mask }));
          ws.terminate();
          await journal.until('close');
          assert.strictEqual(journal.lines.at(-1), "close 1006 '' state 3");
        });

        it('works in a send callback and in a close listener', async () => {
          const { ws, other, journal } = await open();
          const theirJournal = new Journal(other);

          ws.once('close', () => ws.terminate());
          ws.send('a', () => {
            journal.add('callback');
            ws.terminate();
          });
          await Promise.all([
            journal.until('close'),
            theirJournal.until('close')
          ]);
          assert.deepStrictEqual(journal.lines, [
            'callback',
            "close 1006 '' state 3"
          ]);
          assert.deepStrictEqual(theirJournal.lines, [
            'text a',
            "close 1006 '' state 3"
          ]);
        });

        it('settles the callbacks of what is still queued', async () => {
          const { ws, peer, journal } = await openRaw();

          peer.socket.pause();
          for (const name of ['first', 'second', 'third']) {
            ws.send(Buffer.alloc(8 * MIB), callback(journal, name, ws));
          }
          ws.ping('', undefined, callback(journal, 'ping', ws));
          assert.ok(ws.bufferedAmount > 8 * MIB);
          ws.terminate();
          ws.send('x', callback(journal, 'late', ws));
          assert.strictEqual(journal.lines.length, 0);
          await journal.until('close');

          // From Node.js 22 on sockets report the write that was under way.
          const cancels = parseInt(process.versions.node, 10) >= 22;
          const destroyed = cancels
            ? 'Error ECANCELED -125 "write ECANCELED" 2'
            : 'Error ERR_STREAM_DESTROYED - ' +
              '"Cannot call write after a stream was destroyed" 2';

          assert.deepStrictEqual(
            journal.lines.filter((line) => !line.startsWith('late')),
            [
              `first ${cancels ? destroyed : 'ok 2'}`,
              `second ${destroyed}`,
              `third ${destroyed}`,
              `ping ${destroyed}`,
              "close 1006 '' state 3"
            ]
          );
          assert.ok(
            journal.lines.includes(
              'late Error - - "WebSocket is not open: readyState 2 ' +
                '(CLOSING)" 2'
            )
          );
        });

        it('settles the callbacks of what is being compressed', async () => {
          const { ws, journal } = await open({
            client: { perMessageDeflate: { threshold: 0 } },
            server: { perMessageDeflate: { threshold: 0 } }
          });
          const failed =
            'Error - - "The socket was closed while data was being ' +
            'compressed"';

          ws.send('a', callback(journal, 'a', ws));
          ws.send('b');
          ws.send('c', callback(journal, 'c', ws));
          ws.ping('d', undefined, callback(journal, 'd', ws));
          ws.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            ...['a', 'c', 'd'].map((name) => `${name} ${failed} 2`),
            "close 1006 '' state 3"
          ]);
        });

        it('settles the callbacks behind a Blob that is being read', async () => {
          const { ws, journal } = await open();
          const failed =
            'Error - - "The socket was closed while the blob was being read"';

          ws.send(new Blob(['abc']), callback(journal, 'a', ws));
          ws.send('b');
          ws.send('c', callback(journal, 'c', ws));
          ws.terminate();
          await journal.until((lines) => lines.length === 3);
          assert.deepStrictEqual(
            journal.lines
              .filter((line) => !line.startsWith('close'))
              .map((line) => line.slice(0, -2)),
            ['a', 'c'].map((name) => `${name} ${failed}`)
          );
        });

        it('ends a fragmented message in the middle', async () => {
          const { ws, other } = await open();
          const journal = new Journal(other);

          ws.send('a', { fin: false });
          ws.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
        });
      });
    }

    describeClients(kind, 'of a connecting client', () => {
      const scope = useScope();

      for (const method of ['terminate', 'close']) {
        it(`aborts at once with ${method}()`, async () => {
          const wss = await scope.listen(kind);
          const ws = scope.connect(kind, wss);
          const journal = new Journal(ws);

          ws[method]();
          assert.strictEqual(ws.readyState, 2);
          assert.deepStrictEqual(journal.lines, []);
          ws.terminate();
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            ABORTED,
            "close 1006 '' state 3"
          ]);
        });

        it(`aborts in 'upgrade' with ${method}()`, async () => {
          const wss = await scope.listen(kind);
          const ws = scope.connect(kind, wss);
          const journal = new Journal(ws);

          ws.on('upgrade', () => ws[method]());
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            ABORTED,
            "close 1006 '' state 3"
          ]);
        });

        it(`works in 'open' with ${method}()`, async () => {
          const server = await new RawServer((peer) => {
            peer.write(upgradeResponse(peer.head), frame(TEXT, 'a'));
          }).listen();

          scope.defer(() => server.close());

          const ws = scope.connect(kind, server.url, { closeTimeout: 50 });
          const journal = new Journal(ws);

          ws.on('open', () => ws[method]());
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            'open',
            'text a',
            "close 1006 '' state 3"
          ]);
        });
      }

      it('aborts while the server has not answered', async () => {
        const server = await new RawServer(() => {}).listen();

        scope.defer(() => server.close());

        const ws = scope.connect(kind, server.url);
        const journal = new Journal(ws);
        const peer = await server.peer();

        ws.terminate();
        await journal.until('close');
        await peer.untilEnd();
        assert.deepStrictEqual(journal.lines, [
          ABORTED,
          "close 1006 '' state 3"
        ]);
      });
    });

    describe('of an accepted connection', () => {
      const scope = useScope();

      it("works in 'connection', before anything came", async () => {
        const wss = await scope.listen(kind);
        const journal = new Journal();

        wss.on('connection', (ws) => {
          journal.watch(ws);
          ws.send('hello');
          ws.terminate();
          assert.strictEqual(ws.readyState, 2);
          assert.strictEqual(wss.clients.size, 1);
        });

        const theirJournal = new Journal(scope.connect(theirs, wss));

        await Promise.all([
          journal.until('close'),
          theirJournal.until('close')
        ]);
        assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
        assert.deepStrictEqual(theirJournal.lines, [
          'open',
          'text hello',
          "close 1006 '' state 3"
        ]);
        assert.strictEqual(wss.clients.size, 0);
      });

      it('drops what came with the request', async () => {
        const wss = await scope.listen(kind);
        const journal = new Journal();

        wss.on('connection', (ws) => {
          journal.watch(ws);
          ws.terminate();
        });

        const peer = await rawClient(wss, {
          first: frame(TEXT, 'early', { mask: true })
        });

        await peer.untilClosed();
        await journal.until('close');
        assert.deepStrictEqual(journal.lines.slice(-1), [
          "close 1006 '' state 3"
        ]);
      });

      it('works for hundreds of connections in one tick', async () => {
        const wss = await scope.listen(kind);
        const clients = Array.from({ length: 200 }, () =>
          scope.connect(kind, wss)
        );

        await Promise.all(clients.map((ws) => once(ws, 'open')));

        const all = [...wss.clients, ...clients].map((ws) => once(ws, 'close'));

        assert.strictEqual(all.length, 400);
        for (const ws of wss.clients) ws.send('bye');
        for (const ws of wss.clients) ws.terminate();

        for (const [code] of await Promise.all(all)) {
          assert.strictEqual(code, 1006);
        }
      });
    });
  });
});
