'use strict';

const assert = require('assert');
const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
const { once } = require('events');
const http = require('http');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { close, listen, nextMessage } = require('./support/net');

describe('AsyncLocalStorage', () => {
  const defer = cleanup();

  it('follows a request through listeners that are bound to it', async () => {
    const storage = new AsyncLocalStorage();
    const server = http.createServer();
    const wss = new WebSocket.Server({ noServer: true });
    const log = [];

    // What tracing tools do: a context for each request, and listeners that
    // keep the one they were added in.
    server.on('upgrade', (req, socket, head) => {
      storage.run(req.url, () => {
        wss.handleUpgrade(req, socket, head, (ws) => {
          assert.strictEqual(storage.getStore(), req.url);
          ws.on('message', () => {
            log.push(`unbound: ${storage.getStore()}`);
          });
          ws.on(
            'message',
            AsyncResource.bind(async (text) => {
              await new Promise(setImmediate);
              ws.send(`${text} in ${storage.getStore()}`, () => {
                log.push(`sent: ${storage.getStore()}`);
              });
            })
          );
        });
      });
    });

    const port = await listen(server);
    defer(() => close(server));

    const paths = Array.from({ length: 20 }, (_, i) => `/${i}`);
    const clients = await Promise.all(
      paths.map(async (path) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`);
        await once(ws, 'open');
        return ws;
      })
    );

    for (let round = 0; round < 3; round++) {
      const answers = Promise.all(clients.map(nextMessage));
      for (const ws of clients) ws.send('message');
      assert.deepStrictEqual(
        await answers,
        paths.map((path) => `message in ${path}`)
      );
    }

    const ends = Promise.all(clients.map((ws) => once(ws, 'close')));
    for (const ws of clients) ws.close();
    await ends;
    assert.deepStrictEqual(
      log.sort(),
      paths
        .flatMap((path) => Array(3).fill(`sent: ${path}`))
        .concat(Array(60).fill('unbound: undefined'))
        .sort()
    );
  });

  it('does not mix the contexts of clients', async () => {
    const storage = new AsyncLocalStorage();
    const server = http.createServer();
    const wss = new WebSocket.Server({ server });
    const port = await listen(server);

    defer(() => close(server));
    wss.on('connection', (ws) => {
      ws.on('message', (data) => ws.send(String(data)));
    });

    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        storage.run(i, async () => {
          const ws = new WebSocket(`ws://127.0.0.1:${port}`);
          const stores = [];

          await new Promise((resolve) => {
            ws.on('open', () => {
              stores.push(storage.getStore());
              ws.send('x');
            });
            ws.on('message', () => {
              stores.push(storage.getStore());
              ws.close();
            });
            ws.on('close', () => {
              stores.push(storage.getStore());
              resolve();
            });
          });
          return stores;
        })
      )
    );

    assert.deepStrictEqual(
      seen,
      Array.from({ length: 20 }, (_, i) => [i, i, i])
    );
  });
});
