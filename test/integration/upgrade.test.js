'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const net = require('net');

const { forEachKind, theirs } = require('./kinds');
const { closeFrame, frame } = require('./support/frames');
const { echo, listenHttp, tryEcho } = require('./support/echo');
const { Journal } = require('./support/journal');
const { receive } = require('./support/messages');
const { urlOf } = require('./support/party');
const { rawConnect, upgradeRequest } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('Upgrades', () => {
  forEachKind((kind) => {
    const scope = useScope();

    describe('the handshake', () => {
      it("gives the request to 'connection' and to 'headers'", async () => {
        const wss = await scope.listen(kind);
        const seen = [];

        wss.on('headers', (headers, req) => {
          seen.push(headers[0], req.url);
          headers.push('Set-Cookie: a=b', 'X-Name: value');
        });
        wss.on('connection', (ws, req) => {
          seen.push(req.url, req.headers['x-token'], ws._socket === req.socket);
          assert.ok(req instanceof http.IncomingMessage);
        });

        const ws = scope.connect(theirs, urlOf(wss, '/path?query'), {
          headers: { 'X-Token': 'secret' }
        });
        const open = once(ws, 'open');
        const [response] = await once(ws, 'upgrade');

        await open;
        assert.deepStrictEqual(response.headers['set-cookie'], ['a=b']);
        assert.strictEqual(response.headers['x-name'], 'value');
        assert.deepStrictEqual(seen, [
          'HTTP/1.1 101 Switching Protocols',
          '/path?query',
          '/path?query',
          'secret',
          true
        ]);
      });

      it('lets handleProtocols() choose', async () => {
        const calls = [];
        const wss = await scope.listen(kind, {
          handleProtocols: (protocols, req) => {
            calls.push([protocols.constructor, [...protocols], req.url]);
            return 'second';
          }
        });

        wss.on('connection', (ws) => ws.send(ws.protocol));

        const ws = scope.connect(theirs, wss, {
          protocols: ['first', 'second']
        });
        const [{ data }] = await receive(ws, 1);

        assert.strictEqual(`${data}`, 'second');
        assert.strictEqual(ws.protocol, 'second');
        assert.deepStrictEqual(calls, [[Set, ['first', 'second'], '/']]);
      });

      it('reads its options when it is asked', async () => {
        const wss = await scope.listen(kind);

        assert.strictEqual(wss.options.maxPayload, 104857600);
        wss.options.handleProtocols = () => 'late';
        wss.options.maxPayload = 5;
        wss.options.perMessageDeflate = {};
        wss.on('connection', (ws) => {
          ws.on('error', () => {});
          ws.send(`${ws.protocol} ${ws.extensions}`);
        });

        const ws = scope.connect(theirs, wss, { protocols: 'late' });
        const [{ data }] = await receive(ws, 1);
        const closed = once(ws, 'close');

        assert.strictEqual(`${data}`, 'late permessage-deflate');
        ws.send('123456');
        assert.strictEqual((await closed)[0], 1009);
      });

      it('asks verifyClient() about the connection', async () => {
        const infos = [];
        const wss = await scope.listen(kind, {
          verifyClient: (info) => {
            infos.push(info);
            return info.req.url === '/good';
          }
        });
        const base = urlOf(wss);

        wss.on('connection', echo);
        await tryEcho(scope, theirs, `${base}/good`, {
          origin: 'http://example.com'
        });

        const journal = new Journal(scope.connect(theirs, `${base}/bad`));

        await journal.until('close');
        assert.match(journal.lines[0], /Unexpected server response: 401/);
        assert.strictEqual(infos[0].origin, 'http://example.com');
        assert.strictEqual(infos[0].secure, kind.isSecure);
        assert.strictEqual(infos[1].origin, undefined);
        assert.deepStrictEqual(Object.keys(infos[0]), [
          'origin',
          'secure',
          'req'
        ]);
      });

      it('survives a client that leaves during verifyClient()', async () => {
        let answer;
        const asked = new Promise((resolve) => {
          answer = resolve;
        });
        const wss = await scope.listen(kind, {
          verifyClient: ({ req }, callback) => answer({ req, callback })
        });
        const ws = scope.connect(theirs, wss);
        const journal = new Journal();

        ws.on('error', () => {});
        wss.on('connection', (ws) => journal.watch(ws));

        const { callback } = await asked;
        const closed = new Promise((resolve) => ws.on('close', resolve));

        ws.terminate();
        await closed;
        callback(true);
        assert.strictEqual(wss.clients.size, 1);
        await journal.until('close');
        assert.deepStrictEqual(journal.lines, ["close 1006 '' state 3"]);
        assert.strictEqual(wss.clients.size, 0);
      });

      it('constructs the class of the option WebSocket', async () => {
        class Mine extends kind.WebSocket {
          /**
           * Send with an exclamation mark.
           *
           * @param {string} text The text
           */
          shout(text) {
            this.send(`${text}!`);
          }
        }
        const wss = await scope.listen(kind, { WebSocket: Mine });

        wss.on('connection', (ws) => {
          assert.ok(ws instanceof Mine);
          ws.shout('hello');
        });

        const [{ data }] = await receive(scope.connect(theirs, wss), 1);

        assert.strictEqual(`${data}`, 'hello!');
      });

      it('loses nothing that comes with or before the answer', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ noServer: true }));
        const journal = new Journal();

        server.on('upgrade', (req, socket, head) => {
          const before = head.length;

          // Wait for more bytes than came with the request.
          const wait = () => {
            if (before + socket.readableLength < 24) {
              return setImmediate(wait);
            }
            wss.handleUpgrade(req, socket, head, (ws) => journal.watch(ws));
          };

          wait();
        });

        const peer = await rawConnect(server.address().port);
        const text = (value) => frame(1, value, { mask: true });

        scope.stream(peer.socket);
        await peer.write(upgradeRequest(), text('a'), text('b').subarray(0, 3));
        await new Promise((resolve) => setImmediate(resolve));
        await peer.write(text('b').subarray(3), text('c'), text('d'));
        await peer.until(() => peer.head !== null);
        await peer.write(text('e'), closeFrame(1000, '', { mask: true }));
        await journal.until('close');
        assert.deepStrictEqual(journal.lines, [
          'text a',
          'text b',
          'text c',
          'text d',
          'text e',
          "close 1000 '' state 3"
        ]);
      });

      it('is synchronous and ready when it calls back', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ noServer: true }));
        const log = [];

        wss.on('headers', () => log.push('headers'));
        server.on('upgrade', (req, socket, head) => {
          wss.handleUpgrade(req, socket, head, (ws, request) => {
            log.push('callback', ws.readyState, wss.clients.has(ws));
            assert.strictEqual(request, req);
            assert.strictEqual(ws._socket, socket);
            ws.on('message', () => log.push('message'));
            ws.send('from the callback');
          });
          log.push('returned');
        });

        const ws = scope.connect(
          theirs,
          `ws://127.0.0.1:${server.address().port}`
        );
        const [{ data }] = await receive(ws, 1);

        assert.strictEqual(`${data}`, 'from the callback');
        assert.deepStrictEqual(log, [
          'headers',
          'callback',
          1,
          true,
          'returned'
        ]);
      });

      it('refuses to upgrade a socket twice', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ noServer: true }));
        const other = scope.server(kind.server({ noServer: true }));
        const messages = [];

        server.on('upgrade', (req, socket, head) => {
          wss.handleUpgrade(req, socket, head, echo);
          for (const server of [wss, other]) {
            try {
              server.handleUpgrade(req, socket, head, echo);
            } catch (err) {
              messages.push(err.message);
            }
          }
        });
        await tryEcho(scope, theirs, `ws://127.0.0.1:${server.address().port}`);
        assert.deepStrictEqual(
          messages,
          Array(2).fill(
            'server.handleUpgrade() was called more than once with the same ' +
              'socket, possibly due to a misconfiguration'
          )
        );
      });

      it('leaves a socket alone that was destroyed meanwhile', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ noServer: true }));
        const done = new Promise((resolve) => {
          server.on('upgrade', (req, socket, head) => {
            socket.destroy();
            wss.handleUpgrade(req, socket, head, () => assert.fail());
            resolve();
          });
        });
        const socket = scope.stream(net.connect(server.address().port));

        socket.on('error', () => {});
        socket.write(upgradeRequest());
        await done;
        await once(socket, 'close');
        assert.strictEqual(wss.clients.size, 0);
      });
    });
  });
});
