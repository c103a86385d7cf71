'use strict';

const assert = require('assert');
const http = require('http');
const client = require('socketcluster-client');
const server = require('socketcluster-server');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

describe('SocketCluster', () => {
  const defer = cleanup();

  /**
   * Start a server on our module.
   *
   * @param {Object} [options] More options of SocketCluster's server
   * @returns {Promise<Object>} `{ ag, port }`
   */
  async function serve(options) {
    const httpServer = http.createServer();
    const ag = server.attach(httpServer, {
      wsEngine: WebSocket,
      authKey: 'not a secret',
      ...options
    });

    defer(() => close(httpServer));
    defer(() => ag.close());
    if (!ag.isReady) await ag.listener('ready').once();

    ag.setMiddleware(ag.MIDDLEWARE_INBOUND, async (stream) => {
      for await (const action of stream) {
        if (
          action.type === action.PUBLISH_IN &&
          action.channel === 'guarded' &&
          action.socket.authState !== 'authenticated'
        ) {
          action.block(Object.assign(new Error('log in'), { name: 'Denied' }));
        } else {
          action.allow();
        }
      }
    });

    (async () => {
      for await (const { socket } of ag.listener('connection')) {
        serveSocket(socket);
      }
    })();

    return { ag, port: await listen(httpServer) };
  }

  /**
   * Answer a client's calls.
   *
   * @param {Object} socket SocketCluster's socket
   */
  function serveSocket(socket) {
    (async () => {
      for await (const request of socket.procedure('login')) {
        await socket.setAuthToken({ username: request.data });
        request.end();
      }
    })();
    (async () => {
      for await (const request of socket.procedure('echo')) {
        request.end(request.data);
      }
    })();
  }

  /**
   * Connect a client.
   *
   * @param {number} port The server's port
   * @param {Object} [options] More options of the client
   * @returns {Promise<Object>} The client, connected
   */
  async function connect(port, options) {
    const socket = client.create({
      hostname: '127.0.0.1',
      port,
      autoReconnectOptions: { initialDelay: 10, randomness: 1 },
      ...options
    });

    defer(() => socket.disconnect());
    await socket.listener('connect').once();
    return socket;
  }

  it('runs on our server and our client', async () => {
    assertRunsOnOurs('socketcluster-client');

    const { ag, port } = await serve();
    const socket = await connect(port);

    assert.ok(ag.wsServer instanceof WebSocket.Server);
    assert.ok(socket.transport.socket instanceof WebSocket);
    assert.strictEqual(Object.keys(ag.clients).length, 1);
    assert.deepStrictEqual(await socket.invoke('echo', { a: [1, 'ä'] }), {
      a: [1, 'ä']
    });
  });

  it('publishes to those who subscribed', async () => {
    const { ag, port } = await serve({ perMessageDeflate: true });
    const sockets = await Promise.all(
      Array.from({ length: 20 }, () => connect(port))
    );
    const channels = sockets.map((socket) => socket.subscribe('news'));

    await Promise.all(
      channels.map((channel) => channel.listener('subscribe').once())
    );

    const received = channels.map(async (channel) => {
      const list = [];
      for await (const data of channel) {
        list.push(data);
        if (list.length === 100) return list;
      }
      return list;
    });

    for (let i = 0; i < 50; i++) {
      await sockets[0].invokePublish('news', { i, text: 'x'.repeat(2000) });
    }
    for (let i = 50; i < 100; i++) {
      await ag.exchange.invokePublish('news', { i, text: 'x'.repeat(2000) });
    }

    for (const list of await Promise.all(received)) {
      assert.deepStrictEqual(
        list.map(({ i }) => i),
        Array.from({ length: 100 }, (_, i) => i)
      );
    }
  });

  it('lets only the authenticated publish', async () => {
    const { port } = await serve();
    const socket = await connect(port);

    await assert.rejects(socket.invokePublish('guarded', 'x'), {
      name: 'Denied'
    });
    const authenticated = socket.listener('authenticate').once();
    await socket.invoke('login', 'ada');
    await authenticated;
    assert.strictEqual(socket.authToken.username, 'ada');
    await socket.invokePublish('guarded', 'x');
  });

  it('connects again and subscribes again', async () => {
    const { ag, port } = await serve();
    const socket = await connect(port);
    const channel = socket.subscribe('news');

    await channel.listener('subscribe').once();
    const again = channel.listener('subscribe').once();
    const [peer] = Object.values(ag.clients);
    const gone = socket.listener('disconnect').once();

    peer.socket.terminate();
    assert.strictEqual((await gone).code, 1006);
    await again;

    const next = channel.once();
    await ag.exchange.invokePublish('news', 'after');
    assert.strictEqual(await next, 'after');
  });

  it('carries binary codecs', async () => {
    const codec = {
      encode: (value) => Buffer.from(JSON.stringify(value)),
      decode: (data) =>
        data == null ? null : JSON.parse(Buffer.from(data).toString() || 'null')
    };
    const { port } = await serve({ codecEngine: codec });
    const socket = await connect(port, { codecEngine: codec });

    assert.strictEqual(await socket.invoke('echo', 'binary'), 'binary');
  });

  it('closes with its codes', async () => {
    const { ag, port } = await serve();
    const socket = await connect(port, { autoReconnect: false });
    const gone = socket.listener('disconnect').once();
    const [peer] = Object.values(ag.clients);

    peer.disconnect(4500, 'kicked');
    const { code, reason } = await gone;
    assert.deepStrictEqual([code, reason], [4500, 'kicked']);
  });
});
