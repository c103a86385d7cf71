'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');

const { forEachKind, theirs } = require('./kinds');
const { Journal } = require('./support/journal');
const { urlOf } = require('./support/party');
const { rawConnect, upgradeRequest } = require('./support/raw-peer');
const { useScope } = require('./support/scope');

/**
 * Wait for a few turns of the event loop.
 *
 * @returns {Promise} Fulfilled after them
 */
async function turns() {
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('WebSocketServer#close()', () => {
  forEachKind((kind) => {
    const scope = useScope();

    /**
     * A server in one of its modes, which listens.
     *
     * @param {string} mode 'port', 'server' or 'noServer'
     * @param {Object} [options] More options of `WebSocketServer`
     * @returns {Promise<Object>} `{ wss, url, port, server }`
     */
    const listen = async (mode, options) => {
      if (mode === 'port') {
        const wss = await scope.listen(kind, options);
        const { port } = wss.address();

        return { wss, port, url: urlOf(wss), server: null };
      }

      const server = scope.listener(http.createServer());
      const wss = scope.server(
        kind.server(
          mode === 'server'
            ? { server, ...options }
            : { noServer: true, ...options }
        )
      );

      if (mode === 'noServer') {
        server.on('upgrade', (req, socket, head) => {
          wss.handleUpgrade(req, socket, head, (ws) => {
            wss.emit('connection', ws, req);
          });
        });
      }
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');

      const { port } = server.address();

      return { wss, port, url: `ws://127.0.0.1:${port}`, server };
    };

    for (const mode of ['port', 'server', 'noServer']) {
      it(`emits 'close' without connections (${mode})`, async () => {
        const { wss } = await listen(mode);
        const journal = new Journal();

        wss.on('close', () => journal.add('close'));
        wss.close((err) => journal.add(`callback ${err}`));
        wss.close((err) => journal.add(`second ${err}`));
        assert.deepStrictEqual(journal.lines, []);
        await journal.until(3);
        await turns();
        assert.deepStrictEqual(journal.lines, [
          'close',
          'callback undefined',
          'second undefined'
        ]);
      });

      it(`reports that it is not running (${mode})`, async () => {
        const { wss } = await listen(mode);
        const journal = new Journal();

        await new Promise((resolve) => wss.close(resolve));
        wss.on('close', () => journal.add('close'));
        wss.close((err) => journal.add(err.message));
        assert.deepStrictEqual(journal.lines, []);
        await journal.until(2);
        assert.deepStrictEqual(journal.lines, [
          'close',
          'The server is not running'
        ]);
      });

      it(`leaves open connections alone (${mode})`, async () => {
        const { wss, url } = await listen(mode);
        const connection = once(wss, 'connection');
        const client = scope.connect(theirs, url);
        const journal = new Journal();

        client.on('open', () => journal.add('open'));
        await journal.until('open');

        const [ws] = await connection;

        ws.on('message', (data) => ws.send(data));
        wss.on('close', () => journal.add('server closed'));
        wss.close();
        await turns();
        client.send('still here');
        assert.strictEqual(
          `${(await once(client, 'message'))[0]}`,
          'still here'
        );
        assert.deepStrictEqual(journal.lines, ['open']);
        assert.strictEqual(wss.clients.size, 1);

        ws.on('close', () => journal.add('connection closed'));
        client.close();
        await journal.until(3);
        assert.deepStrictEqual(
          journal.lines,
          mode === 'port'
            ? ['open', 'server closed', 'connection closed']
            : ['open', 'connection closed', 'server closed']
        );
        assert.strictEqual(wss.clients.size, 0);
      });

      it(`waits for the last of several connections (${mode})`, async () => {
        const { wss, url } = await listen(mode);
        const clients = Array.from({ length: 5 }, () =>
          scope.connect(theirs, url)
        );

        await Promise.all(clients.map((ws) => once(ws, 'open')));

        let closed = false;
        const done = new Promise((resolve) => {
          wss.close(() => {
            closed = true;
            resolve();
          });
        });

        for (const ws of clients.slice(1)) {
          const gone = once(ws, 'close');

          ws.close();
          await gone;
        }
        await turns();
        assert.strictEqual(closed, false);
        clients[0].terminate();
        await done;
      });

      it(`closes when the server's side terminates (${mode})`, async () => {
        const { wss, url } = await listen(mode);
        const client = scope.connect(theirs, url);

        await once(client, 'open');

        const closed = once(client, 'close');

        await new Promise((resolve) => {
          wss.close(resolve);
          for (const ws of wss.clients) ws.terminate();
        });
        assert.strictEqual((await closed)[0], 1006);
      });

      it(`does not need its own listeners (${mode})`, async () => {
        const { wss, url } = await listen(mode);
        const client = scope.connect(theirs, url);

        await once(client, 'open');
        wss.removeAllListeners();

        const closed = new Promise((resolve) => wss.close(resolve));

        client.close();
        await closed;
      });
    }

    it('does not wait without clientTracking (server)', async () => {
      const { wss, url } = await listen('server', { clientTracking: false });
      const connection = once(wss, 'connection');
      const client = scope.connect(theirs, url);

      await once(client, 'open');
      assert.strictEqual(wss.clients, undefined);
      await new Promise((resolve) => wss.close(resolve));

      const [ws] = await connection;

      assert.strictEqual(ws.readyState, 1);
    });

    it('closes its own HTTP server and forgets it', async () => {
      const { wss } = await listen('port');
      const server = wss._server;

      assert.strictEqual(server.listening, true);
      wss.close();
      assert.strictEqual(server.listening, false);
      assert.strictEqual(wss._server, null);
      assert.strictEqual(wss.address(), null);
      await once(wss, 'close');
    });

    it("leaves the user's HTTP server open", async () => {
      const { wss, server } = await listen('server');

      const counts = () =>
        ['upgrade', 'error', 'listening'].map((name) =>
          server.listenerCount(name)
        );
      const before = counts();

      await new Promise((resolve) => wss.close(resolve));
      assert.strictEqual(server.listening, true);
      assert.deepStrictEqual(
        counts(),
        before.map((count) => count - 1)
      );
    });

    it('lets the HTTP server wait for websockets', async () => {
      const { wss, server, url } = await listen('server');
      const client = scope.connect(theirs, url);
      const connections = () =>
        new Promise((resolve) => server.getConnections((e, n) => resolve(n)));

      await once(client, 'open');
      assert.strictEqual(await connections(), 1);

      const journal = new Journal();

      server.on('close', () => journal.add('http close'));
      server.close();
      server.closeAllConnections();
      server.closeIdleConnections();
      await turns();
      assert.deepStrictEqual(journal.lines, []);
      client.send('x');
      await once([...wss.clients][0], 'message');
      client.close();
      await journal.until(1);
      assert.strictEqual(await connections(), 0);
    });

    it('answers 503 while closing and when closed (noServer)', async () => {
      const { wss, port, url } = await listen('noServer');
      const client = scope.connect(theirs, url);

      await once(client, 'open');

      /**
       * Ask for an upgrade.
       *
       * @returns {Promise<String>} All of the answer
       */
      const ask = async () => {
        const peer = await rawConnect(port);

        peer.write(upgradeRequest());
        await peer.untilEnd();
        return peer.received.toString();
      };

      const expected = [
        'HTTP/1.1 503 Service Unavailable',
        'Connection: close',
        'Content-Type: text/html',
        'Content-Length: 19',
        '',
        'Service Unavailable'
      ].join('\r\n');

      wss.close();
      assert.strictEqual(await ask(), expected);
      client.terminate();
      await once(wss, 'close');
      assert.strictEqual(await ask(), expected);
    });

    it('answers 503 when it is closed during verifyClient()', async () => {
      const { wss } = await listen('port', {
        verifyClient: (info, callback) => {
          wss.close();
          setImmediate(callback, true);
        }
      });
      const peer = await rawConnect(wss);

      wss.on('connection', () => assert.fail('unexpected connection'));
      peer.write(upgradeRequest());
      await peer.untilEnd();
      assert.match(peer.head, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
    });

    it('refuses new connections (port)', async () => {
      const { wss, url } = await listen('port');
      const client = scope.connect(theirs, url);

      await once(client, 'open');
      wss.close();

      const journal = new Journal(scope.connect(theirs, url));

      await journal.until('close');
      assert.match(journal.lines[0], /^error Error ECONNREFUSED/);
    });

    it('drops a client from clients before its close listeners', async () => {
      const { wss, url } = await listen('port');
      const sizes = [];

      wss.on('connection', (ws) => {
        sizes.push(wss.clients.size, wss.clients.has(ws));
        ws.on('close', () => sizes.push(wss.clients.size));
      });

      const client = scope.connect(theirs, url);

      await once(client, 'open');

      const [ws] = wss.clients;
      const closed = once(ws, 'close');

      client.close();
      await closed;
      assert.deepStrictEqual(sizes, [1, true, 0]);
    });
  });
});
