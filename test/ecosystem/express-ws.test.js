'use strict';

const assert = require('assert');
const { once } = require('events');
const express = require('express');
const expressWs = require('express-ws');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, closed, nextMessage } = require('./support/net');

describe('express-ws', () => {
  const defer = cleanup();

  /**
   * Start an application.
   *
   * @param {Function} setUp Called with the application and its `getWss`
   * @param {Object} [wsOptions] Options of our server
   * @returns {Promise<string>} Its address
   */
  async function serve(setUp, wsOptions) {
    const app = express();
    const instance = expressWs(app, null, { wsOptions });

    assert.ok(instance.getWss() instanceof WebSocket.Server);
    setUp(app, instance);

    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    defer(() => close(server));
    defer(() => {
      for (const ws of instance.getWss().clients) ws.terminate();
    });
    return `ws://127.0.0.1:${server.address().port}`;
  }

  it('routes with middleware, parameters and routers', async () => {
    assertRunsOnOurs('express-ws');

    const url = await serve((app, { applyTo }) => {
      const router = express.Router();

      applyTo(router);
      app.use((req, res, next) => {
        req.greeting = 'hello';
        next();
      });
      app.get('/', (req, res) => res.send('page'));
      app.ws('/echo/:tag', (ws, req) => {
        ws.on('message', (text) => {
          ws.send(`${req.greeting} ${req.params.tag} ${text}`);
        });
      });
      router.ws('/deep', (ws) => ws.close(4001, 'deep'));
      app.use('/router', router);
    });
    const ws = new WebSocket(`${url}/echo/tag`);

    await once(ws, 'open');
    ws.send('you');
    assert.strictEqual(await nextMessage(ws), 'hello tag you');

    const deep = new WebSocket(`${url}/router/deep`);
    assert.deepStrictEqual(await closed(deep), [4001, 'deep']);

    const page = await fetch(url.replace('ws', 'http'));
    assert.strictEqual(await page.text(), 'page');
  });

  it('broadcasts to all clients', async () => {
    const url = await serve(
      (app, { getWss }) => {
        app.ws('/', (ws) => {
          ws.on('message', (data, isBinary) => {
            for (const client of getWss('/').clients) {
              client.send(data, { binary: isBinary });
            }
          });
        });
      },
      { perMessageDeflate: true }
    );
    const clients = Array.from({ length: 50 }, () => new WebSocket(url));

    await Promise.all(clients.map((ws) => once(ws, 'open')));
    const all = Promise.all(clients.map(nextMessage));
    clients[0].send('to all');
    assert.deepStrictEqual(
      await all,
      clients.map(() => 'to all')
    );
  });

  it('closes what no route takes', async () => {
    const url = await serve(() => {});
    assert.deepStrictEqual(await closed(new WebSocket(`${url}/nothing`)), [
      1005,
      ''
    ]);
  });
});
