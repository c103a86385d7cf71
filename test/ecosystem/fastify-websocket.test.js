'use strict';

const assert = require('assert');
const { once } = require('events');
const fastify = require('fastify');
const websocket = require('@fastify/websocket');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { closed, nextMessage } = require('./support/net');

describe('@fastify/websocket', () => {
  const defer = cleanup();

  /**
   * Build an application with a few websocket routes.
   *
   * @param {Object} [options] Options of the plugin
   * @returns {Promise<Object>} The application, not listening yet
   */
  async function build(options) {
    const app = fastify();

    app.register(websocket, { options });
    app.register(async (scope) => {
      scope.get('/echo', { websocket: true }, (socket) => {
        assert.ok(socket instanceof WebSocket);
        socket.on('message', (data, isBinary) => {
          socket.send(data, { binary: isBinary });
        });
      });
      scope.get('/hello/:name', { websocket: true }, (socket, req) => {
        socket.send(`hello ${req.params.name}`);
        socket.close(4000, 'that was all');
      });
      scope.get(
        '/private',
        {
          websocket: true,
          preValidation: async (req, reply) => {
            if (req.headers.authorization !== 'secret') {
              await reply.code(401).send('no');
            }
          }
        },
        (socket) => socket.send('welcome')
      );
    });

    defer(() => app.close());
    await app.ready();
    return app;
  }

  /**
   * Build an application and let it listen.
   *
   * @param {Object} [options] Options of the plugin
   * @returns {Promise<Object>} `{ app, url }`
   */
  async function serve(options) {
    const app = await build(options);
    const address = await app.listen({ port: 0, host: '127.0.0.1' });

    return { app, url: address.replace('http', 'ws') };
  }

  it('gets our server', async () => {
    assertRunsOnOurs('@fastify/websocket');
    const app = await build();
    assert.ok(app.websocketServer instanceof WebSocket.Server);
  });

  it('routes connections', async () => {
    const { url } = await serve();
    const echo = new WebSocket(`${url}/echo`);
    const hello = new WebSocket(`${url}/hello/world`);
    const end = closed(hello);

    defer(() => echo.terminate());
    assert.strictEqual(await nextMessage(hello), 'hello world');
    assert.deepStrictEqual(await end, [4000, 'that was all']);

    if (echo.readyState !== WebSocket.OPEN) await once(echo, 'open');
    echo.send('text');
    assert.strictEqual(await nextMessage(echo), 'text');
    echo.send(Buffer.from([1, 2, 3]));
    assert.deepStrictEqual(await nextMessage(echo), Buffer.from([1, 2, 3]));
  });

  it('refuses before the handshake what a hook refuses', async () => {
    const { url } = await serve();
    const refused = new WebSocket(`${url}/private`);
    const [, res] = await once(refused, 'unexpected-response');

    assert.strictEqual(res.statusCode, 401);
    res.resume();

    const ws = new WebSocket(`${url}/private`, {
      headers: { authorization: 'secret' }
    });
    assert.strictEqual(await nextMessage(ws), 'welcome');
    ws.close();
    await once(ws, 'close');
  });

  it('injects a connection that has no socket', async () => {
    const app = await build();
    const ws = await app.injectWS('/echo');

    ws.send('injected');
    assert.strictEqual(await nextMessage(ws), 'injected');
    ws.send(Buffer.alloc(100000, 1));
    assert.deepStrictEqual(await nextMessage(ws), Buffer.alloc(100000, 1));
    ws.terminate();
  });

  it('injects a connection whose first message comes at once', async () => {
    // The plugin does not pass the end of such a connection on, so that the
    // server would wait for it much longer than this.
    const app = await build({ closeTimeout: 100 });
    let first;
    let end;
    await app.injectWS(
      '/hello/inside',
      {},
      {
        onInit: (socket) => {
          first = nextMessage(socket);
          end = closed(socket);
        }
      }
    );

    assert.strictEqual(await first, 'hello inside');
    assert.deepStrictEqual(await end, [4000, 'that was all']);
  });

  it('compresses and limits by the options of the server', async () => {
    const { url } = await serve({
      maxPayload: 1000,
      perMessageDeflate: { threshold: 0 }
    });
    const ws = new WebSocket(`${url}/echo`);

    await once(ws, 'open');
    assert.strictEqual(ws.extensions, 'permessage-deflate');
    ws.send('a'.repeat(1000));
    assert.strictEqual(await nextMessage(ws), 'a'.repeat(1000));
    ws.send('a'.repeat(1001));
    assert.strictEqual((await closed(ws))[0], 1009);
  });

  it('closes its connections with the application', async () => {
    const { app, url } = await serve();
    const ws = new WebSocket(`${url}/echo`);

    await once(ws, 'open');
    const end = closed(ws);
    await app.close();
    assert.strictEqual((await end)[0], 1005);
  });
});
