'use strict';

const assert = require('assert');
const { once } = require('events');

const { directions, forEachKind } = require('./kinds');
const { closeFrame, frame, TEXT } = require('./support/frames');
const { Journal } = require('./support/journal');
const { rawClient, RawServer } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

const goodbyes = [
  { args: [], code: 1005, reason: '' },
  { args: [1000], code: 1000, reason: '' },
  { args: [1000, 'bye'], code: 1000, reason: 'bye' },
  { args: [1001, Buffer.from('going')], code: 1001, reason: 'going' },
  { args: [1014, 'ü'.repeat(61)], code: 1014, reason: 'ü'.repeat(61) },
  { args: [3000, 'x'.repeat(123)], code: 3000, reason: 'x'.repeat(123) },
  { args: [4999, ''], code: 4999, reason: '' },
  { args: [undefined, 'ignored'], code: 1005, reason: '' }
];

/**
 * The code and the reason of a websocket's 'close' event.
 *
 * @param {WebSocket} ws The websocket
 * @returns {Promise<Object>} `{ code, reason, wasClean, state }`
 */
function closing(ws) {
  return new Promise((resolve) => {
    ws.addEventListener('close', ({ code, reason, wasClean }) => {
      resolve({ code, reason, wasClean, state: ws.readyState });
    });
  });
}

describe('Closing handshake', () => {
  forEachKind((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        for (const side of ['client', 'server']) {
          it(`passes code and reason on when the ${side} closes`, async () => {
            for (const { args, code, reason } of goodbyes) {
              const pair = await scope.pair(peers);
              const other = side === 'client' ? pair.server : pair.client;
              const results = [closing(pair[side]), closing(other)];

              pair[side].close(...args);
              assert.strictEqual(pair[side].readyState, 2);

              const expected = { code, reason, wasClean: true, state: 3 };

              assert.deepStrictEqual(await Promise.all(results), [
                expected,
                expected
              ]);
            }
          });

          it(`delivers all that was sent before the ${side} closes`, async () => {
            const pair = await scope.pair(peers);
            const other = side === 'client' ? pair.server : pair.client;
            const journal = new Journal(other);

            for (let i = 0; i < 100; i++) pair[side].send(`${i}`);
            pair[side].send(Buffer.alloc(3000000));
            pair[side].ping('ping');
            pair[side].close(4000, 'end');
            pair[side].send('too late');

            await journal.until('close');
            assert.strictEqual(journal.lines.length, 103);
            assert.deepStrictEqual(journal.lines.slice(99), [
              'text 99',
              'binary 3000000 bytes',
              'ping ping',
              "close 4000 'end' state 3"
            ]);
          });

          it(`delivers what comes after the ${side} called close()`, async () => {
            const pair = await scope.pair(peers);
            const other = side === 'client' ? pair.server : pair.client;
            const journal = new Journal(pair[side]);

            // Whatever the other side sends before it sees the close frame
            // is under way when this side is CLOSING.
            other.send('one');
            other.send('two');
            pair[side].close(1000);

            await journal.until('close');
            assert.deepStrictEqual(journal.lines, [
              'text one',
              'text two',
              "close 1000 '' state 3"
            ]);
          });

          it(`closes from a listener of the ${side}`, async () => {
            const pair = await scope.pair(peers);
            const other = side === 'client' ? pair.server : pair.client;
            const journal = new Journal(pair[side]);

            pair[side].once('message', () => pair[side].close(4001, 'enough'));
            other.send('one');
            other.send('two');
            other.send('three');

            await journal.until('close');
            assert.deepStrictEqual(journal.lines, [
              'text one',
              'text two',
              'text three',
              "close 4001 'enough' state 3"
            ]);
          });
        }

        it('gives each side the code of the other when both close', async () => {
          const { client, server } = await scope.pair(peers);
          const results = [closing(client), closing(server)];

          client.close(4001, 'from the client');
          server.close(4002, 'from the server');

          assert.deepStrictEqual(await Promise.all(results), [
            {
              code: 4002,
              reason: 'from the server',
              wasClean: true,
              state: 3
            },
            {
              code: 4001,
              reason: 'from the client',
              wasClean: true,
              state: 3
            }
          ]);
        });

        it('ignores close() and terminate() after the end', async () => {
          const { client, server } = await scope.pair(peers);

          client.close();
          client.close(1000, 'again');
          await Promise.all([once(client, 'close'), once(server, 'close')]);

          const journal = new Journal(client).watch(server);

          for (const ws of [client, server]) {
            ws.close();
            ws.close(1000);
            ws.terminate();
            ws.pause();
            ws.resume();
            assert.strictEqual(ws.readyState, 3);
            assert.strictEqual(ws.isPaused, false);
            assert.strictEqual(ws.bufferedAmount, 0);
          }
          await new Promise((resolve) => setImmediate(resolve));
          assert.deepStrictEqual(journal.lines, []);
        });

        it('does not change the state when close() throws', async () => {
          const { client, server } = await scope.pair(peers);

          for (const ws of [client, server]) {
            for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]) {
              assert.throws(() => ws.close(code), TypeError);
            }
            assert.throws(() => ws.close('1000'), TypeError);
            assert.throws(() => ws.close(1000, 'x'.repeat(124)), RangeError);
            assert.strictEqual(ws.readyState, 1);
          }

          const echoed = once(client, 'message');

          server.on('message', (data) => server.send(data));
          client.send('still there');
          assert.strictEqual(`${(await echoed)[0]}`, 'still there');
        });
      });
    }
  });
});

describe('Close timer', () => {
  forEachKind((kind) => {
    const scope = useScope();

    /**
     * A websocket of this kind whose peer does nothing by itself.
     *
     * @param {string} role 'client' or 'server'
     * @param {Object} options Options of the websocket
     * @returns {Promise<Object>} `{ ws, peer }`
     */
    const open = async (role, options) => {
      if (role === 'server') {
        const wss = await scope.listen(kind, options);
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss, { allowHalfOpen: true });

        scope.stream(peer.socket);
        return { ws: (await connection)[0], peer };
      }

      const server = await new RawServer().listen();

      scope.defer(() => server.close());

      const ws = scope.connect(kind, server.url, options);

      await once(ws, 'open');
      return { ws, peer: await server.peer() };
    };

    for (const role of kind.roles) {
      it(`gives up on a peer that never answers (${role})`, async () => {
        const { ws, peer } = await open(role, { closeTimeout: 60 });
        const journal = new Journal(ws);
        const start = process.hrtime.bigint();

        ws.close(1000);
        assert.strictEqual(ws._closeTimer.constructor.name, 'Timeout');
        assert.strictEqual(ws._closeTimer._idleTimeout, 60);
        await journal.until('close');

        const elapsed = Number(process.hrtime.bigint() - start) / 1e6;

        assert.ok(elapsed >= 55 && elapsed < 2000, `${elapsed} ms`);
        assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
        await peer.untilEnd();
        assert.deepStrictEqual(
          peer.frames.map(({ opcode }) => opcode),
          [8]
        );
      });

      it(`keeps the code when the FIN never comes (${role})`, async () => {
        const { ws, peer } = await open(role, { closeTimeout: 60 });
        const journal = new Journal(ws);

        await peer.write(closeFrame(4100, 'why', { mask: role === 'server' }));
        await journal.until('close');
        assert.deepStrictEqual(journal.lines, ["close 4100 'why' state 3"]);
      });

      it(`waits for messages up to the peer's close frame (${role})`, async () => {
        const { ws, peer } = await open(role, { closeTimeout: 10000 });
        const mask = role === 'server';
        const journal = new Journal(ws);

        ws.close(1000);
        await peer.untilFrames(1);
        await peer.write(frame(TEXT, 'late', { mask }));
        await journal.until('text late');
        ws.send('refused', (err) => journal.add(err.message));
        await journal.until('WebSocket is not open');
        await peer.write(closeFrame(1000, '', { mask }));
        await peer.untilEnd();
        peer.socket.end();
        await journal.until('close');
        assert.deepStrictEqual(journal.lines, [
          'text late',
          'WebSocket is not open: readyState 2 (CLOSING)',
          "close 1000 '' state 3"
        ]);
        assert.strictEqual(peer.frames.length, 1);
      });
    }
  });
});
