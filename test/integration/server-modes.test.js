'use strict';

const assert = require('assert');
const { once } = require('events');
const fs = require('fs');
const http = require('http');
const os = require('os');
const path = require('path');

const { forEachKind, theirs } = require('./kinds');
const { echo, listenHttp, tryEcho } = require('./support/echo');
const { Journal } = require('./support/journal');
const { noise, receive } = require('./support/messages');
const { urlOf } = require('./support/party');
const { rawConnect } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

describe('Server modes', () => {
  forEachKind((kind) => {
    const scope = useScope();

    describe('port', () => {
      it('listens, says where and answers plain requests', async () => {
        const wss = scope.server(kind.server({ port: 0, host: '127.0.0.1' }));

        wss.on('connection', echo);
        await once(wss, 'listening');

        const { address, family, port } = wss.address();

        assert.strictEqual(address, '127.0.0.1');
        assert.strictEqual(family, 'IPv4');
        assert.deepStrictEqual(wss._server.address(), wss.address());

        assert.ok(port > 0);
        await tryEcho(scope, theirs, urlOf(wss));

        const peer = await rawConnect(wss);

        peer.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
        await peer.untilClosed();
        assert.match(
          peer.received.toString(),
          /^HTTP\/1\.1 426 .*\r\n\r\nUpgrade Required$/s
        );
      });

      it("calls back on 'listening'", async () => {
        await new Promise((resolve) => {
          const wss = new kind.WebSocketServer(
            { ...kind.options, port: 0 },
            resolve
          );

          scope.server(wss);
        });
      });

      it('reports a port in use', async () => {
        const { port } = (await scope.listen(theirs)).address();
        const wss = kind.server({ port, host: '127.0.0.1' });
        const [err] = await once(wss, 'error');

        assert.strictEqual(err.code, 'EADDRINUSE');
        assert.strictEqual(err.port, port);
      });

      it('listens on all addresses by default', async () => {
        const wss = scope.server(kind.server({ port: 0 }));

        await once(wss, 'listening');
        wss.on('connection', echo);

        const url = urlOf(wss);

        await tryEcho(scope, theirs, url);
        await tryEcho(scope, theirs, url.replace('127.0.0.1', 'localhost'));
      });
    });

    describe('server', () => {
      it('serves pages and websockets on one port', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ server }));
        const { port } = server.address();

        wss.on('connection', echo);
        await tryEcho(scope, theirs, `ws://127.0.0.1:${port}/chat`);

        const response = await fetch(`http://127.0.0.1:${port}/a`);

        assert.strictEqual(await response.text(), 'page /a');
        await tryEcho(scope, theirs, `ws://127.0.0.1:${port}/chat`);
        assert.deepStrictEqual(wss.address(), server.address());
      });

      it("forwards 'listening' and 'error'", async () => {
        const server = scope.listener(http.createServer());
        const wss = scope.server(kind.server({ server }));
        const listening = once(wss, 'listening');

        server.listen(0, '127.0.0.1');
        await listening;

        const failed = once(wss, 'error');
        const err = new Error('made up');

        server.emit('error', err);
        assert.strictEqual((await failed)[0], err);
      });

      it('shares a server between several paths', async () => {
        const server = await listenHttp(scope);
        const servers = {};

        for (const name of ['/a', '/b']) {
          servers[name] = scope.server(kind.server({ noServer: true }));
          servers[name].on('connection', (ws) => ws.send(name));
        }
        server.on('upgrade', (req, socket, head) => {
          const wss = servers[req.url];

          if (!wss) return socket.destroy();
          wss.handleUpgrade(req, socket, head, (ws) => {
            wss.emit('connection', ws, req);
          });
        });

        const base = `ws://127.0.0.1:${server.address().port}`;

        for (const name of ['/a', '/b', '/a']) {
          const [{ data }] = await receive(
            scope.connect(theirs, base + name),
            1
          );

          assert.strictEqual(`${data}`, name);
        }
        assert.strictEqual(servers['/a'].clients.size, 2);
        assert.strictEqual(servers['/b'].clients.size, 1);

        const journal = new Journal(scope.connect(theirs, `${base}/c`));

        await journal.until('close');
        assert.match(journal.lines[0], /^error Error ECONNRESET/);
      });

      it('refuses the other paths', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ server, path: '/ws' }));
        const base = `ws://127.0.0.1:${server.address().port}`;

        wss.on('connection', echo);
        await tryEcho(scope, theirs, `${base}/ws?token=1`);

        const journal = new Journal(scope.connect(theirs, `${base}/other`));

        await journal.until('close');
        assert.match(journal.lines[0], /Unexpected server response: 400/);
      });

      it('asks shouldHandle()', async () => {
        const server = await listenHttp(scope);
        const wss = scope.server(kind.server({ server }));
        const base = `ws://127.0.0.1:${server.address().port}`;
        const asked = [];

        wss.shouldHandle = function (req) {
          assert.strictEqual(this, wss);
          asked.push(req.url);
          return req.url.startsWith('/yes');
        };
        wss.on('connection', echo);
        await tryEcho(scope, theirs, `${base}/yes`);

        const journal = new Journal(scope.connect(theirs, `${base}/no`));

        await journal.until('close');
        assert.match(journal.lines[0], /Unexpected server response: 400/);
        assert.deepStrictEqual(asked, ['/yes', '/no']);
      });

      it('works on a Unix domain socket', async () => {
        const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-'));
        const file = path.join(directory, 'socket:1');

        scope.defer(() => fs.rmSync(directory, { recursive: true }));

        const server = scope.listener(http.createServer());
        const wss = scope.server(kind.server({ server }));
        const urls = [];

        wss.on('connection', (ws, req) => {
          urls.push(req.url);
          echo(ws);
        });
        server.listen(file.replace(':1', ''));
        await once(server, 'listening');
        assert.strictEqual(wss.address(), file.replace(':1', ''));

        for (const party of [theirs, kind]) {
          const ws = scope.connect(
            party,
            `ws+unix:${file.replace(':1', '')}:/a?b=c`
          );

          await once(ws, 'open');

          const bytes = noise(300000);
          const received = receive(ws, 1);

          ws.send(bytes);
          assert.ok((await received)[0].data.equals(bytes));

          const closed = once(ws, 'close');

          ws.close(4000, 'done');

          const [code, reason] = await closed;

          assert.strictEqual(code, 4000);
          assert.strictEqual(`${reason}`, 'done');
        }
        assert.deepStrictEqual(urls, ['/a?b=c', '/a?b=c']);
      });
    });
  });
});
