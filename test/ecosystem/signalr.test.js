'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const signalR = require('@microsoft/signalr');
const {
  MessagePackHubProtocol
} = require('@microsoft/signalr-protocol-msgpack');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');
const { Hub } = require('./support/signalr-hub');

const PROTOCOLS = {
  JSON: () => new signalR.JsonHubProtocol(),
  MessagePack: () => new MessagePackHubProtocol()
};

const methods = {
  add: (a, b) => a + b,
  echo: (value) => value,
  fail: () => {
    throw new Error('on purpose');
  },
  nothing: () => {},
  sum: (items) => items.reduce((a, b) => a + b, 0),
  async *count(to) {
    for (let i = 1; i <= to; i++) {
      await new Promise(setImmediate);
      yield i;
    }
  }
};

describe('SignalR', () => {
  const defer = cleanup();

  /**
   * Start a hub.
   *
   * @param {string} [accessToken] Lets in only those who have it
   * @returns {Promise<Object>} `{ hub, wss, url }`
   */
  async function serve(accessToken) {
    const server = http.createServer();
    const wss = new WebSocket.Server({ noServer: true });
    const hub = new Hub(server, wss, methods, accessToken);
    const port = await listen(server);

    defer(() => close(server));
    defer(() => wss.clients.forEach((ws) => ws.terminate()));
    return { hub, wss, url: `http://127.0.0.1:${port}/hub` };
  }

  /**
   * Build a client.
   *
   * @param {string} url The hub's address
   * @param {Function} [Protocol] Makes its protocol
   * @param {Object} [options] Options of the connection
   * @returns {Object} SignalR's connection, not started
   */
  function build(url, Protocol = PROTOCOLS.JSON, options = { WebSocket }) {
    const connection = new signalR.HubConnectionBuilder()
      .withUrl(url, options)
      .withHubProtocol(Protocol())
      .withAutomaticReconnect([0, 10, 10])
      .configureLogging(signalR.LogLevel.None)
      .build();

    defer(() => connection.stop());
    return connection;
  }

  /**
   * Collect what a stream of the hub gives.
   *
   * @param {Object} stream SignalR's stream
   * @returns {Promise<Array>} The items
   */
  function collect(stream) {
    return new Promise((resolve, reject) => {
      const items = [];
      stream.subscribe({
        next: (item) => items.push(item),
        error: reject,
        complete: () => resolve(items)
      });
    });
  }

  for (const [name, Protocol] of Object.entries(PROTOCOLS)) {
    describe(name, () => {
      it('calls the hub and is called by it', async () => {
        const { hub, url } = await serve();
        const joined = once(hub, 'connection');
        const connection = build(url, Protocol);
        const called = new Promise((resolve) => {
          connection.on('news', (...args) => resolve(args));
        });

        await connection.start();
        const [client] = await joined;
        assert.ok(client.ws instanceof WebSocket);

        assert.deepStrictEqual(
          await Promise.all(
            Array.from({ length: 100 }, (_, i) =>
              connection.invoke('add', i, i)
            )
          ),
          Array.from({ length: 100 }, (_, i) => 2 * i)
        );
        const value = {
          text: 'größer',
          list: [1, 2.5, null],
          deep: { a: true }
        };
        assert.deepStrictEqual(await connection.invoke('echo', value), value);
        assert.strictEqual(await connection.invoke('nothing'), undefined);
        await assert.rejects(connection.invoke('fail'), /on purpose/);

        client.call('news', 1, 'two');
        assert.deepStrictEqual(await called, [1, 'two']);
      });

      it('streams both ways', async () => {
        const { url } = await serve();
        const connection = build(url, Protocol);

        await connection.start();
        assert.deepStrictEqual(
          await collect(connection.stream('count', 500)),
          Array.from({ length: 500 }, (_, i) => i + 1)
        );

        const subject = new signalR.Subject();
        const sum = connection.invoke('sum', subject);
        for (let i = 1; i <= 100; i++) subject.next(i);
        subject.complete();
        assert.strictEqual(await sum, 5050);
      });

      it('cancels a stream', async () => {
        const { hub, url } = await serve();
        const joined = once(hub, 'connection');
        const connection = build(url, Protocol);

        await connection.start();
        const [client] = await joined;

        await new Promise((resolve, reject) => {
          const subscription = connection.stream('count', 1e9).subscribe({
            next: (i) => {
              if (i !== 10) return;
              subscription.dispose();
              resolve();
            },
            error: reject,
            complete: reject
          });
        });
        assert.strictEqual(await connection.invoke('echo', 'after'), 'after');
        while (client.streams.size > 0) await new Promise(setImmediate);
      });

      it('carries large messages', async () => {
        const { url } = await serve();
        const connection = build(url, Protocol);
        const text = 'ü'.repeat(2 * 1024 * 1024);

        await connection.start();
        assert.strictEqual(await connection.invoke('echo', text), text);
      });
    });
  }

  it('carries bytes with MessagePack', async () => {
    const { url } = await serve();
    const connection = build(url, PROTOCOLS.MessagePack);
    const bytes = new Uint8Array(100000).map((_, i) => i);

    await connection.start();
    const result = await connection.invoke('echo', bytes);
    assert.deepStrictEqual(Buffer.from(result), Buffer.from(bytes));
  });

  it('finds our class by itself where it requires ws', async () => {
    assertRunsOnOurs('@microsoft/signalr');

    const { hub, url } = await serve();
    const joined = once(hub, 'connection');
    const connection = build(url, PROTOCOLS.JSON, {});

    await connection.start();
    const [client] = await joined;
    assert.strictEqual(await connection.invoke('echo', 1), 1);
    assert.strictEqual(client.ws.readyState, WebSocket.OPEN);
    assert.ok(connection.connection.transport._webSocket instanceof WebSocket);
  });

  it('sends the access token with both requests', async () => {
    const { url } = await serve('token');

    await assert.rejects(build(url).start(), /401/);

    const connection = build(url, PROTOCOLS.JSON, {
      WebSocket,
      accessTokenFactory: () => 'token'
    });
    await connection.start();
    assert.strictEqual(await connection.invoke('add', 1, 2), 3);
  });

  it('reconnects after a broken connection and after a message', async () => {
    const { hub, url } = await serve();
    const joined = once(hub, 'connection');
    const connection = build(url);

    await connection.start();
    let [client] = await joined;

    for (const end of [
      () => client.ws.terminate(),
      () => client.close('restart', true)
    ]) {
      const again = once(hub, 'connection');
      const reconnecting = new Promise((resolve) => {
        connection.onreconnecting(resolve);
      });
      const reconnected = new Promise((resolve) => {
        connection.onreconnected(resolve);
      });

      end();
      await reconnecting;
      await reconnected;
      [client] = await again;
      assert.strictEqual(await connection.invoke('add', 2, 2), 4);
    }
  });

  it('is pinged and pings', async () => {
    const { hub, url } = await serve();
    const joined = once(hub, 'connection');
    const connection = build(url);

    connection.serverTimeoutInMilliseconds = 400;
    connection.keepAliveIntervalInMilliseconds = 20;
    await connection.start();

    const [client] = await joined;
    const timer = setInterval(() => client.ping(), 20);

    defer(() => clearInterval(timer));
    while (client.pings < 30) await new Promise(setImmediate);
    assert.strictEqual(connection.state, 'Connected');

    clearInterval(timer);
    const reconnecting = new Promise((resolve) => {
      connection.onreconnecting(resolve);
    });
    assert.match((await reconnecting).message, /timeout/i);
  });

  it('stops by the WebSocket close handshake', async () => {
    const { hub, url } = await serve();
    const joined = once(hub, 'connection');
    const connection = build(url);

    await connection.start();
    const [client] = await joined;
    const end = once(client, 'close');
    await connection.stop();
    assert.deepStrictEqual(await end, [1005]);
  });
});
