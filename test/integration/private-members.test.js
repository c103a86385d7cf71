'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const path = require('path');

const {
  describeClients,
  forEachKind,
  isReference,
  kinds,
  theirs
} = require('./kinds');
const { runJson } = require('./support/child');
const { duplexPair } = require('./support/duplex-pair');
const { frame, TEXT } = require('./support/frames');
const { Journal } = require('./support/journal');
const { receive } = require('./support/messages');
const { useScope } = require('./support/scope');

const sendHandle = path.join(__dirname, 'children', 'send-handle.js');

describe('Members that applications reach for', () => {
  forEachKind((kind) => {
    describe('on the server', () => {
      const scope = useScope();

      // Elsewhere it is a socket of Node's, which can be sent.
      if (!(kind.isInline && !kind.isNative) && !isReference) {
        for (const keepOpen of [true, false]) {
          it(`_socket is not sent to processes (keepOpen: ${keepOpen})`, async () => {
            assert.deepStrictEqual(
              await runJson(sendHandle, [
                kinds.indexOf(kind),
                JSON.stringify({ keepOpen })
              ]),
              [
                kind.isNative
                  ? 'This handle type cannot be sent'
                  : keepOpen
                    ? 'EINVAL'
                    : "A WebSocket's socket cannot be sent to another process",
                'child after alone',
                'b comes back'
              ]
            );
          });
        }
      }

      // test/native-listener has that of native listeners.
      if (!kind.isNative) {
        it('_server is the HTTP server', async () => {
          const wss = await scope.listen(kind);

          assert.ok(wss._server instanceof http.Server);
          assert.strictEqual(wss._server.listening, true);
          assert.strictEqual(wss._state, 0);

          const { port } = wss._server.address();

          wss._server.removeAllListeners('request');
          wss._server.on('request', (req, res) => res.end('mine'));
          assert.strictEqual(
            await (await fetch(`http://127.0.0.1:${port}`)).text(),
            'mine'
          );
          wss.close();
          assert.strictEqual(wss._state, 1);
          await once(wss, 'close');
          assert.strictEqual(wss._state, 2);
        });
      }

      it("ends a websocket when the user destroys the upgrade's socket", async () => {
        const server = scope.listener(http.createServer());
        const wss = scope.server(kind.server({ noServer: true }));
        const journal = new Journal();

        server.on('upgrade', (req, socket, head) => {
          wss.handleUpgrade(req, socket, head, (ws) => {
            journal.watch(ws);
            assert.strictEqual('upgradeReq' in ws, false);
            assert.strictEqual('upgradeReq' in socket, false);
            ws.on('message', () => socket.destroy());
          });
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');

        const ws = scope.connect(
          theirs,
          `ws://127.0.0.1:${server.address().port}`
        );

        await once(ws, 'open');
        ws.send('x');
        await journal.until('close');
        assert.deepStrictEqual(journal.lines, [
          'text x',
          "close 1006 '' state 3"
        ]);
      });
    });

    describeClients(kind, 'on the client', () => {
      const scope = useScope();

      it('_req is the request until the handshake is over', async () => {
        const wss = await scope.listen(theirs);
        const ws = scope.connect(kind, wss, { headers: { 'X-Mine': 'yes' } });

        assert.ok(ws._req instanceof http.ClientRequest);
        assert.strictEqual(ws._req.getHeader('X-Mine'), 'yes');
        assert.strictEqual(ws._socket, null);
        assert.strictEqual(ws._receiver, null);
        assert.strictEqual(ws._sender, null);
        await once(ws, 'open');
        assert.strictEqual(ws._req, null);
      });

      it('finishRequest gets the request', async () => {
        const wss = await scope.listen(theirs);
        const connection = once(wss, 'connection');
        const ws = scope.connect(kind, wss, {
          finishRequest: (req, websocket) => {
            assert.strictEqual(websocket._req, req);
            setImmediate(() => {
              req.setHeader('X-Late', 'yes');
              req.end();
            });
          }
        });

        await once(ws, 'open');

        const [, request] = await connection;

        assert.strictEqual(request.headers['x-late'], 'yes');
      });

      it('setSocket() takes any stream', async () => {
        const [near, far] = duplexPair();
        const ends = [near, far].map((stream, i) => {
          const ws = new kind.WebSocket(null, undefined, {
            ...kind.options,
            closeTimeout: 1000
          });

          ws._isServer = i === 1;
          return ws;
        });

        ends[0].setSocket(near, Buffer.alloc(0), { maxPayload: 0 });
        ends[1].setSocket(far, Buffer.alloc(0), { maxPayload: 0 });

        for (const [from, to] of [ends, [...ends].reverse()]) {
          const received = receive(to, 2);

          from.send('text');
          from.send(Buffer.alloc(100000));

          const [text, binary] = await received;

          assert.strictEqual(`${text.data}`, 'text');
          assert.strictEqual(binary.data.length, 100000);
        }

        const closed = Promise.all(ends.map((ws) => once(ws, 'close')));

        ends[0].close(4000);
        assert.deepStrictEqual(
          (await closed).map(([code]) => code),
          [4000, 4000]
        );
      });

      it('Receiver parses what is written into it', async () => {
        const receiver = new kind.WebSocket.Receiver();
        const messages = [];

        receiver.on('message', (data, isBinary) => {
          messages.push(`${data} ${isBinary}`);
        });
        receiver._write(
          Buffer.concat([frame(TEXT, 'a'), frame(2, 'b')]),
          'binary',
          () => {}
        );
        await new Promise((resolve) => setImmediate(resolve));
        assert.deepStrictEqual(messages, ['a false', 'b true']);
      });
    });
  });
});
