'use strict';

const assert = require('assert');
const { once } = require('events');

const { directions, forEachKind, theirs } = require('./kinds');
const { Journal } = require('./support/journal');
const { hash, noise, receive, send, text } = require('./support/messages');
const { rawClient, RawServer, upgradeResponse } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

const settings = [
  { name: 'defaults', client: {}, server: {}, header: '' },
  {
    name: 'no context takeover by the server',
    client: {},
    server: { serverNoContextTakeover: true },
    header: 'server_no_context_takeover'
  },
  {
    name: 'no context takeover by the client',
    client: { clientNoContextTakeover: true },
    server: {},
    header: 'client_no_context_takeover'
  },
  {
    name: 'no context takeover at all, threshold 0',
    client: { threshold: 0 },
    server: {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: 0
    },
    header: 'server_no_context_takeover; client_no_context_takeover'
  },
  {
    name: 'windows of 9 and 10 bits',
    client: {},
    server: { serverMaxWindowBits: 9, clientMaxWindowBits: 10 },
    header: 'client_max_window_bits=10; server_max_window_bits=9'
  },
  {
    name: 'windows of 8 bits',
    client: {},
    server: { serverMaxWindowBits: 8, clientMaxWindowBits: 8 },
    header: 'client_max_window_bits=8; server_max_window_bits=8'
  },
  {
    name: 'windows asked for by the client',
    client: { serverMaxWindowBits: 11, clientMaxWindowBits: 12 },
    server: {},
    header: 'server_max_window_bits=11; client_max_window_bits=12'
  },
  {
    name: 'fastest level',
    client: { zlibDeflateOptions: { level: 1 } },
    server: { zlibDeflateOptions: { level: 1, memLevel: 7 } },
    header: ''
  }
];

/** What is sent: repetitive, without a pattern, empty, text, large. */
const payloads = [
  Buffer.alloc(0),
  Buffer.from('x'),
  Buffer.alloc(3000, 'compress me '),
  noise(3000),
  text(5000),
  '',
  noise(70000),
  Buffer.alloc(200000, 'abcdefghijklmnopqrstuvwxyz'),
  text(65536),
  Buffer.alloc(500000, noise(40000))
];

describe('Compression', function () {
  this.timeout(20000);

  forEachKind((kind) => {
    for (const peers of directions(kind)) {
      describe(peers.name, () => {
        const scope = useScope();

        for (const { name, client, server, header } of settings) {
          it(`carries everything: ${name}`, async () => {
            const pair = await scope.pair(peers, {
              client: { perMessageDeflate: client },
              server: { perMessageDeflate: server }
            });

            assert.strictEqual(pair.client.extensions, 'permessage-deflate');
            assert.strictEqual(pair.server.extensions, 'permessage-deflate');

            const flow = async (from, to) => {
              const all = receive(to, payloads.length * 2 + 1);

              for (const payload of payloads) from.send(payload);
              from.send(noise(1000), { compress: false });
              for (const payload of payloads) from.send(payload);

              const received = await all;
              const expected = [...payloads, noise(1000), ...payloads];

              received.forEach(({ data, isBinary }, i) => {
                assert.strictEqual(isBinary, typeof expected[i] !== 'string');
                assert.strictEqual(
                  hash(data),
                  hash(expected[i]),
                  `message ${i}`
                );
              });
            };

            await Promise.all([
              flow(pair.client, pair.server),
              flow(pair.server, pair.client)
            ]);
          });

          it(`answers with the parameters of ws: ${name}`, async () => {
            const wss = await scope.listen(peers.server, {
              perMessageDeflate: server
            });
            const ws = scope.connect(peers.client, wss, {
              perMessageDeflate: client
            });
            const open = once(ws, 'open');
            const [response] = await once(ws, 'upgrade');
            const parameters = ['permessage-deflate', header];

            assert.strictEqual(
              response.headers['sec-websocket-extensions'],
              parameters.filter(Boolean).join('; ')
            );
            await open;
          });
        }

        it('carries fragments', async () => {
          const { client, server } = await scope.pair(peers, {
            server: { perMessageDeflate: true }
          });

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const all = receive(to, 4);
            const pieces = [text(900), '', text(70000), 'end'];
            const whole = pieces.join('');

            for (const binaryType of ['nodebuffer', 'fragments']) {
              to.binaryType = binaryType;
              pieces.forEach((piece, i) => {
                from.send(piece, { fin: i === pieces.length - 1 });
              });
              from.send(Buffer.from('a'), { fin: false });
              from.send(Buffer.alloc(0), { fin: true });
            }

            const [first, a, second, b] = await all;

            assert.strictEqual(`${first.data}`, whole);
            assert.strictEqual(first.isBinary, false);
            assert.strictEqual(`${second.data}`, whole);
            assert.deepStrictEqual(
              Buffer.concat([].concat(a.data)).toString(),
              'a'
            );
            assert.ok(Array.isArray(b.data));
            assert.strictEqual(Buffer.concat(b.data).toString(), 'a');
          }
        });

        it('keeps the order of all that is sent', async () => {
          const { client, server } = await scope.pair(peers, {
            client: { autoPong: false },
            server: { autoPong: false, perMessageDeflate: true }
          });

          for (const [from, to] of [
            [client, server],
            [server, client]
          ]) {
            const journal = new Journal(to);

            from.send(Buffer.alloc(300000, 'x'));
            from.send('a', { compress: false });
            from.ping('b');
            from.send(new Blob(['c']));
            from.send('d', { fin: false });
            from.ping('e');
            from.send('f', { fin: true });
            from.send(new Blob(['g']), { compress: false });
            from.pong('h');
            from.send('i');

            await journal.until('text i');
            assert.deepStrictEqual(journal.lines, [
              'binary 300000 bytes',
              'text a',
              'ping b',
              'binary c',
              'ping e',
              'text df',
              'binary g',
              'pong h',
              'text i'
            ]);
            to.removeAllListeners();
          }
        });

        it('delivers what was sent before close()', async () => {
          const { client, server } = await scope.pair(peers, {
            server: { perMessageDeflate: true }
          });
          const journal = new Journal(client);

          for (let i = 0; i < 20; i++) server.send(text(2000 + i));
          server.close(1000, 'done');

          await journal.until('close');
          assert.strictEqual(journal.lines.length, 21);
          assert.strictEqual(journal.lines[19], `text 2019 bytes`);
          assert.strictEqual(journal.lines[20], "close 1000 'done' state 3");
        });
      });
    }

    describe('on the wire', () => {
      const scope = useScope();

      /**
       * The bytes of the frames that a server of this kind sends.
       *
       * @param {Object} perMessageDeflate The server's option
       * @param {Function} sendAll Sends with the websocket it gets
       * @returns {Promise<Object[]>} The frames
       */
      const serverFrames = async (perMessageDeflate, sendAll) => {
        const wss = await scope.listen(kind, { perMessageDeflate });
        const connection = once(wss, 'connection');
        const peer = await rawClient(wss, {
          lines: [
            'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'
          ]
        });

        scope.stream(peer.socket);

        const [ws] = await connection;

        sendAll(ws);
        ws.close();
        await peer.until(() => peer.frames.some(({ opcode }) => opcode === 8));
        return peer.frames.slice(0, -1);
      };

      it('compresses and reuses the context', async () => {
        const message = hash('a') + hash('b') + hash('c');
        const frames = await serverFrames({}, (ws) => {
          for (let i = 0; i < 3; i++) ws.send(message);
        });

        assert.deepStrictEqual(
          frames.map(({ rsv, opcode, fin }) => [rsv, opcode, fin]),
          Array(3).fill([4, 1, true])
        );
        assert.ok(frames[1].payload.length < 20);
        assert.ok(frames[2].payload.length < 20);
        assert.ok(frames[0].payload.length > 60);
      });

      it('does not reuse the context that it gave up', async () => {
        const frames = await serverFrames(
          { serverNoContextTakeover: true, threshold: 0 },
          (ws) => {
            for (let i = 0; i < 3; i++) ws.send(hash('a') + hash('b'));
          }
        );

        assert.deepStrictEqual(frames[1], frames[0]);
        assert.deepStrictEqual(frames[2], frames[0]);
        assert.strictEqual(frames[0].rsv, 4);
      });

      it('uses the threshold without context takeover only', async () => {
        const sendBoth = (ws) => {
          ws.send(Buffer.alloc(1023, 'x'));
          ws.send(Buffer.alloc(1024, 'x'));
        };
        const withContext = await serverFrames({ threshold: 1024 }, sendBoth);
        const without = await serverFrames(
          { threshold: 1024, serverNoContextTakeover: true },
          sendBoth
        );
        const byDefault = await serverFrames(
          { serverNoContextTakeover: true },
          sendBoth
        );

        assert.deepStrictEqual(
          withContext.map(({ rsv }) => rsv),
          [4, 4]
        );
        assert.deepStrictEqual(
          without.map(({ rsv }) => rsv),
          [0, 4]
        );
        assert.deepStrictEqual(
          byDefault.map(({ rsv }) => rsv),
          [0, 4]
        );
      });

      it('decides with the first fragment', async () => {
        const frames = await serverFrames(
          { threshold: 5, serverNoContextTakeover: true },
          (ws) => {
            ws.send('123', { fin: false });
            ws.send('1234567890', { fin: true });
            ws.send('1234567890', { fin: false });
            ws.send('123', { fin: true });
            ws.send('1234567890', { compress: false });
          }
        );
        const starts = frames.filter(({ opcode }) => opcode === 1);
        const rest = frames.filter(({ opcode }) => opcode === 0);

        assert.deepStrictEqual(
          starts.map(({ rsv }) => rsv),
          [0, 4, 0]
        );
        assert.ok(rest.every(({ rsv }) => rsv === 0));
      });

      it('never compresses control frames', async () => {
        const frames = await serverFrames({}, (ws) => {
          ws.ping('aaaaaaaaaaaaaaaaaaaa');
          ws.pong('bbbbbbbbbbbbbbbbbbbb');
        });

        assert.deepStrictEqual(
          frames.map(({ rsv, payload }) => [rsv, `${payload}`]),
          [
            [0, 'aaaaaaaaaaaaaaaaaaaa'],
            [0, 'bbbbbbbbbbbbbbbbbbbb']
          ]
        );
      });

      it('offers the parameters of ws as a client', async () => {
        for (const perMessageDeflate of [
          undefined,
          true,
          {},
          ...settings.map(({ client }) => client),
          { clientMaxWindowBits: false, serverNoContextTakeover: true },
          false
        ]) {
          const heads = [];

          for (const party of [kind, theirs]) {
            const server = new RawServer((peer) => {
              heads.push(
                peer.head.replace(/^(Host|Sec-WebSocket-Key).*/gm, '')
              );
              peer.write(upgradeResponse(peer.head));
            });

            await server.listen();
            scope.defer(() => server.close());

            const options =
              perMessageDeflate === undefined ? {} : { perMessageDeflate };
            const ws = scope.connect(party, server.url, options);

            await once(ws, 'open');
            await send(ws, 'x');
          }

          assert.strictEqual(heads[0], heads[1]);
        }
      });
    });
  });
});
