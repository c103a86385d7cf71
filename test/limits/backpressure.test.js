'use strict';

const assert = require('assert');
const { once } = require('events');
const { promisify } = require('util');

const { forEachKind, isReference, WebSocket } = require('../integration/kinds');
const { rawClient, RawServer } = require('../integration/support/raw-peer');
const { useScope } = require('../integration/support/scope');

const LIMIT = 1024 * 1024;
const MESSAGE = Buffer.alloc(64 * 1024, 'x');
const HEADER = 14;
const CODE = 'BEASTWS_ERR_BACKPRESSURE';

/** So that the peer can look for the text of a client's messages. */
const PLAIN = { mask: false };

if (!isReference) {
  describe('maxBackpressure', () => {
    forEachKind((kind) => {
      for (const role of kind.roles) {
        describe(`of the ${role}`, () => {
          const scope = useScope();

          /**
           * A websocket whose peer does not read.
           *
           * @param {Object} [options] Its options
           * @returns {Promise<Object>} `{ ws, peer, drops }`
           */
          const open = async (options) => {
            const all = { maxBackpressure: LIMIT, ...options };
            let ws;
            let peer;

            if (role === 'server') {
              const wss = await scope.listen(kind, all);
              const connection = once(wss, 'connection');

              peer = await rawClient(
                wss,
                options?.perMessageDeflate && {
                  'Sec-WebSocket-Extensions': 'permessage-deflate'
                }
              );
              scope.stream(peer.socket);
              [ws] = await connection;
            } else {
              const server = await new RawServer().listen();

              scope.defer(() => server.close());
              ws = scope.connect(kind, server.url, all);
              await once(ws, 'open');
              peer = await server.peer();
            }
            peer.socket.pause();
            // Where the connection is going to live is decided.
            await new Promise(setImmediate);

            const drops = [];

            ws.on('drop', (data, isBinary) => drops.push([data, isBinary]));
            return { ws, peer, drops };
          };

          /**
           * Send until something does not fit.
           *
           * @param {WebSocket} ws The websocket
           * @param {Object} [options] As for `send()`
           * @returns {Promise<Object>} The error, the greatest bufferedAmount
           *     that was seen, and how many messages were accepted
           */
          const fill = async (ws, options) => {
            let err = null;
            let accepted = 0;
            let greatest = 0;

            while (err === null) {
              for (let i = 0; i < 10; i++) {
                ws.send(MESSAGE, options, (failure) => {
                  if (failure && failure.code === CODE) err ??= failure;
                  else if (!failure) accepted++;
                });
                // Too late counts as well.
                if (ws.readyState !== WebSocket.OPEN) continue;
                greatest = Math.max(greatest, ws.bufferedAmount);
              }
              await new Promise(setImmediate);
            }

            return { err, greatest, accepted };
          };

          it('terminates a connection whose peer does not read', async () => {
            const { ws, drops } = await open();
            const closed = once(ws, 'close');
            const { err, greatest } = await fill(ws);

            assert.strictEqual(
              err.message,
              'The limit of bufferedAmount is exceeded'
            );
            assert.ok(greatest <= LIMIT + HEADER, `${greatest} bytes`);
            assert.ok(greatest > LIMIT - 2 * MESSAGE.length);
            assert.strictEqual((await closed)[0], 1006);
            assert.deepStrictEqual(drops, [[MESSAGE, true]]);
          });

          it('drops messages until the peer reads again', async () => {
            const { ws, peer, drops } = await open({
              backpressurePolicy: 'drop'
            });
            const { greatest } = await fill(ws);

            assert.ok(greatest <= LIMIT + HEADER, `${greatest} bytes`);
            assert.strictEqual(ws.readyState, WebSocket.OPEN);
            assert.ok(drops.length > 0);

            const before = drops.length;

            peer.socket.resume();
            while (ws.bufferedAmount > 0) await new Promise(setImmediate);
            await Promise.all([
              promisify(ws.send).call(ws, 'at last', PLAIN),
              peer.until(() => peer.received.includes('at last'))
            ]);
            assert.strictEqual(drops.length, before);
            assert.strictEqual(ws.readyState, WebSocket.OPEN);
          });

          it('drops a message in fragments as a whole, or not at all', async () => {
            const { ws, peer, drops } = await open({
              backpressurePolicy: 'drop'
            });

            await fill(ws);
            peer.socket.resume();
            while (ws.bufferedAmount > 0) await new Promise(setImmediate);
            peer.socket.pause();

            const before = drops.length;

            // It was begun and has to be ended, however long it becomes.
            ws.send('begun;', { ...PLAIN, fin: false });
            do {
              ws.send(MESSAGE, { ...PLAIN, fin: false });
            } while (ws.bufferedAmount <= LIMIT);
            ws.send(';ended', { ...PLAIN, fin: true });
            // This one does not begin.
            ws.send('never;', { ...PLAIN, fin: false });
            ws.send('seen;', { ...PLAIN, fin: false });
            peer.socket.resume();
            while (ws.bufferedAmount > 0) await new Promise(setImmediate);
            ws.send('not even this', { ...PLAIN, fin: true });
            ws.send('whole', PLAIN);
            await peer.until(() => peer.received.includes('whole'));
            assert.ok(peer.received.includes(';ended'));
            assert.deepStrictEqual(
              drops.slice(before).map(([data]) => data),
              ['never;', 'seen;', 'not even this']
            );
            assert.ok(!peer.received.includes('not even this'));
            assert.ok(!peer.received.includes('seen;'));
          });

          it('counts a Blob, and what waits behind it', async () => {
            const { ws, drops } = await open({ backpressurePolicy: 'drop' });
            const codes = [];
            const note = (err) => codes.push(err ? err.code : 'sent');

            ws.send(new Blob([Buffer.alloc(LIMIT - 10)]), note);
            ws.send('0123456789', note);
            ws.send('0', note);
            await new Promise((resolve) => {
              ws.once('drop', resolve);
            });
            assert.deepStrictEqual(
              drops.map(([data]) => data),
              ['0']
            );
            while (codes.length < 3) await new Promise(setImmediate);
            assert.deepStrictEqual(codes, [CODE, 'sent', 'sent']);
          });

          it('never takes a message that is larger', async () => {
            const { ws, peer, drops } = await open({
              backpressurePolicy: 'drop'
            });

            peer.socket.resume();
            ws.send('x'.repeat(LIMIT + 1));
            ws.send('x'.repeat(LIMIT));
            ws.send('last');
            await once(ws, 'drop');
            assert.strictEqual(drops[0][0].length, LIMIT + 1);
            assert.strictEqual(drops[0][1], false);
          });

          it('does not hold back control frames', async () => {
            const { ws, peer } = await open({ backpressurePolicy: 'drop' });

            await fill(ws);
            ws.ping('still here', false);
            peer.socket.resume();
            await peer.until(() => peer.received.includes('still here'));
          });
        });
      }
    });

    it('counts messages that wait for the compressor', async () => {
      for (const ioThread of [true, false]) {
        const wss = new WebSocket.Server({
          backpressurePolicy: 'drop',
          host: '127.0.0.1',
          ioThread,
          maxBackpressure: 100000,
          perMessageDeflate: true,
          port: 0
        });

        await once(wss, 'listening');

        const client = new WebSocket(`ws://127.0.0.1:${wss.address().port}`);
        const [[ws]] = await Promise.all([
          once(wss, 'connection'),
          once(client, 'open')
        ]);
        const drops = [];

        await new Promise(setImmediate);
        ws.on('drop', (data) => drops.push(data.length));
        ws.send('a'.repeat(60000));
        ws.send('b'.repeat(60000));
        ws.send('c'.repeat(30000));
        await once(ws, 'drop');
        assert.deepStrictEqual(drops, [60000]);

        client.close();
        wss.close();
        await once(wss, 'close');
      }
    });

    it('and its policy must make sense', () => {
      const make = (options) => () =>
        new WebSocket.Server({ noServer: true, ...options });
      const connect = (options) => () =>
        new WebSocket('ws://127.0.0.1:1', options);

      for (const build of [make, connect]) {
        assert.throws(build({ maxBackpressure: '1' }), {
          name: 'TypeError',
          message: 'The "maxBackpressure" option must be a number'
        });
        for (const bad of [-1, NaN]) {
          assert.throws(build({ maxBackpressure: bad }), {
            name: 'RangeError',
            message: 'The "maxBackpressure" option must not be negative'
          });
        }
        assert.throws(build({ backpressurePolicy: 'wait' }), {
          name: 'TypeError',
          message:
            'The "backpressurePolicy" option must be one of "terminate", "drop"'
        });
      }
      for (const off of [0, Infinity, undefined]) {
        make({ maxBackpressure: off })();
      }
    });
  });
}
