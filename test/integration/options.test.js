'use strict';

const assert = require('assert');
const { once } = require('events');

const { describeClients, forEachKind, theirs, WebSocket } = require('./kinds');
const { BINARY, frame, PING } = require('./support/frames');
const { Journal } = require('./support/journal');
const { receive, send } = require('./support/messages');
const { rawClient, RawServer } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('Options', () => {
  forEachKind((kind) => {
    for (const role of kind.roles) {
      describe(`of the ${role}`, () => {
        const scope = useScope();
        const mask = role === 'server';

        /**
         * A websocket of this kind with a peer made of bytes.
         *
         * @param {Object} options Its options
         * @returns {Promise<Object>} `{ ws, peer, journal }`
         */
        const open = async (options) => {
          if (role === 'server') {
            const wss = await scope.listen(kind, options);
            const connection = once(wss, 'connection');
            const peer = await rawClient(wss);

            scope.stream(peer.socket);

            const [ws] = await connection;

            return { ws, peer, journal: new Journal(ws) };
          }

          const server = await new RawServer().listen();

          scope.defer(() => server.close());

          const ws = scope.connect(kind, server.url, options);

          await once(ws, 'open');
          return { ws, peer: await server.peer(), journal: new Journal(ws) };
        };

        it('autoPong: answers pings with the same data', async () => {
          const { ws, peer, journal } = await open();

          await peer.write(
            frame(PING, '', { mask }),
            frame(PING, 'x'.repeat(125), { mask })
          );
          assert.deepStrictEqual(
            (await peer.untilFrames(2)).map(({ opcode, payload, masked }) => [
              opcode,
              payload.length,
              masked
            ]),
            [
              [10, 0, !mask],
              [10, 125, !mask]
            ]
          );
          assert.strictEqual(journal.lines.length, 2);
          assert.strictEqual(ws.readyState, 1);
        });

        it('autoPong false: leaves the answer to the listener', async () => {
          const { ws, peer, journal } = await open({ autoPong: false });

          ws.on('ping', (data) => {
            if (`${data}` === 'second') ws.pong('mine');
          });
          await peer.write(
            frame(PING, 'first', { mask }),
            frame(PING, 'second', { mask })
          );
          assert.deepStrictEqual(
            (await peer.untilFrames(1)).map(({ payload }) => `${payload}`),
            ['mine']
          );
          assert.deepStrictEqual(journal.lines, ['ping first', 'ping second']);
        });

        it('autoPong: does not answer after close()', async () => {
          const { ws, peer, journal } = await open();

          ws.close(1000);
          await peer.write(frame(PING, 'late', { mask }));
          await journal.until('ping late');
          assert.deepStrictEqual(
            (await peer.untilFrames(1)).map(({ opcode }) => opcode),
            [8]
          );
          assert.strictEqual(ws.bufferedAmount, 0);
        });

        it('autoPong: goes through an overridden pong()', async () => {
          const { ws, peer, journal } = await open();
          const calls = [];

          ws.pong = (data, masked, callback) => {
            calls.push([`${data}`, masked, typeof callback]);
          };
          await peer.write(frame(PING, 'a', { mask }));
          await journal.until('ping a');
          assert.deepStrictEqual(calls, [['a', !mask, 'function']]);
          ws.send('b');
          assert.deepStrictEqual(
            (await peer.untilFrames(1)).map(({ payload }) => `${payload}`),
            ['b']
          );
        });

        it('maxPendingAutoPongs: ends a flood', async () => {
          const { peer, journal } = await open({ maxPendingAutoPongs: 3 });

          await peer.write(...Array(5).fill(frame(PING, 'x', { mask })));
          await journal.until('close');
          assert.deepStrictEqual(journal.lines, [
            ...Array(5).fill('ping x'),
            "close 1006 '' state 3"
          ]);
        });

        it('maxPendingAutoPongs: is 60 and counts what is pending', async () => {
          const { peer, journal } = await open();

          for (let round = 0; round < 3; round++) {
            await peer.write(...Array(60).fill(frame(PING, '', { mask })));
            await peer.untilFrames(60 * (round + 1));
          }
          assert.strictEqual(journal.lines.length, 180);
          await peer.write(...Array(61).fill(frame(PING, '', { mask })));
          await journal.until('close');
          assert.strictEqual(journal.lines.length, 242);
        });

        it('maxPendingAutoPongs 0: answers them all', async () => {
          const { peer, journal } = await open({ maxPendingAutoPongs: 0 });

          await peer.write(...Array(1000).fill(frame(PING, '', { mask })));
          assert.strictEqual((await peer.untilFrames(1000)).length, 1000);
          assert.strictEqual(journal.lines.length, 1000);
        });

        it('maxPayload: is the default of ws', async () => {
          const { peer, journal } = await open();

          await peer.write(frame(BINARY, '', { mask, length: 104857601 }));
          await peer.untilEnd();
          peer.socket.end();
          await journal.until('close');
          assert.match(journal.lines[0], /WS_ERR_UNSUPPORTED_MESSAGE_LENGTH/);
        });

        it('maxBufferedChunks: ends a message in crumbs', async () => {
          const { peer, journal } = await open({ maxBufferedChunks: 4 });
          const bystander = await scope.pair({ client: kind, server: kind });
          let closed = false;

          journal.until('close').then(() => {
            closed = true;
          });
          await peer.write(frame(BINARY, '', { mask, length: 125 }));
          for (let i = 0; i < 100 && !closed; i++) {
            await peer.write('x');

            // A round trip of another connection makes it a chunk.
            bystander.client.ping();
            await once(bystander.client, 'pong');
          }
          peer.socket.end();
          await journal.until('close');
          assert.strictEqual(
            journal.lines[0],
            'error RangeError WS_ERR_TOO_MANY_BUFFERED_PARTS - ' +
              '"Too many buffered chunks" state 2'
          );
        });
      });
    }

    describeClients(kind, 'of clients only', () => {
      const scope = useScope();

      it('generateMask: makes the key of every frame', async () => {
        const server = await new RawServer().listen();
        let calls = 0;

        scope.defer(() => server.close());

        const ws = scope.connect(kind, server.url, {
          perMessageDeflate: false,
          generateMask: (mask) => {
            assert.ok(Buffer.isBuffer(mask));
            assert.strictEqual(mask.length, 4);
            mask.fill(++calls === 3 ? 0 : calls);
          }
        });

        await once(ws, 'open');
        ws.send('ab');
        assert.strictEqual(calls, 1);
        ws.send(Buffer.from('ab'));
        ws.ping('ab');
        ws.send(Buffer.from('ab'), { fin: false });
        ws.send('', { fin: true });
        await send(ws, Buffer.alloc(100000, 'x'));
        ws.close();
        assert.strictEqual(calls, 7);

        const peer = await server.peer();
        const frames = await peer.untilFrames(7);

        assert.deepStrictEqual(
          peer.body.subarray(0, 40),
          Buffer.concat([
            Buffer.from([0x81, 0x82, 1, 1, 1, 1, 0x60, 0x63]),
            Buffer.from([0x82, 0x82, 2, 2, 2, 2, 0x63, 0x60]),
            Buffer.from([0x89, 0x82, 0, 0, 0, 0, 0x61, 0x62]),
            Buffer.from([0x02, 0x82, 4, 4, 4, 4, 0x65, 0x66]),
            Buffer.from([0x80, 0x80, 5, 5, 5, 5, 0x82, 0xff])
          ])
        );
        assert.ok(frames[5].payload.equals(Buffer.alloc(100000, 'x')));
      });

      it('generateMask: leaves the data alone', async () => {
        const wss = await scope.listen(theirs);
        const connection = once(wss, 'connection');
        const ws = scope.connect(kind, wss, {
          generateMask: (mask) => mask.fill(0x20)
        });

        await once(ws, 'open');

        const [server] = await connection;
        const received = receive(server, 1);
        const data = Buffer.from('data');

        ws.send(data);
        assert.strictEqual(`${data}`, 'data');
        assert.strictEqual(`${(await received)[0].data}`, 'data');
      });

      it('masks every frame with another key', async () => {
        const server = await new RawServer().listen();

        scope.defer(() => server.close());

        const ws = scope.connect(kind, server.url);

        await once(ws, 'open');
        for (let i = 0; i < 100; i++) ws.send('');

        const peer = await server.peer();

        await peer.untilFrames(100);

        const keys = new Set();

        for (let i = 0; i < 100; i++) {
          keys.add(peer.body.toString('hex', i * 6 + 2, i * 6 + 6));
        }
        assert.ok(keys.size > 98, `${keys.size} keys`);
      });

      it('protocolVersion 8: speaks the older handshake', async () => {
        const wss = await scope.listen(theirs);
        const connection = once(wss, 'connection');
        const ws = scope.connect(kind, wss, {
          protocolVersion: 8,
          origin: 'http://example.com'
        });

        await once(ws, 'open');

        const [server, { headers }] = await connection;

        assert.strictEqual(headers['sec-websocket-version'], '8');
        assert.strictEqual(
          headers['sec-websocket-origin'],
          'http://example.com'
        );
        assert.strictEqual(headers.origin, undefined);

        const received = receive(server, 1);

        ws.send('x');
        assert.strictEqual(`${(await received)[0].data}`, 'x');
      });

      it('ioThread: true is what the default does', async () => {
        const wss = await scope.listen(kind);
        const ws = scope.socket(
          new WebSocket(`ws://127.0.0.1:${wss.address().port}`, {
            ioThread: true
          })
        );

        wss.on('connection', (ws) => ws.send('hello'));
        assert.strictEqual(`${(await receive(ws, 1))[0].data}`, 'hello');
      });
    });
  });
});
