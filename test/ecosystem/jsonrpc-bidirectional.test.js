'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const JSONRPC = require('jsonrpc-bidirectional');
const WebSocket = require('beastws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

/**
 * What code for ws 7 expects: text and the reasons of closes are strings.
 */
class TextWebSocket extends WebSocket {
  /**
   * @param {string} name The event's name
   * @param {...*} args Its arguments
   * @returns {boolean} Whether there were listeners
   */
  emit(name, ...args) {
    if (name === 'message' && !args[1]) args[0] = args[0].toString();
    else if (name === 'close') args[1] = args[1].toString();
    return super.emit(name, ...args);
  }
}

class Endpoint extends JSONRPC.EndpointBase {
  /** @param {string} side What `whoAreYou` answers */
  constructor(side) {
    super('Test', '/api', {}, JSONRPC.Client);
    this.side = side;
  }

  async whoAreYou() {
    return this.side;
  }

  async add(request, a, b) {
    return a + b;
  }

  async echo(request, value) {
    return value;
  }

  async fail() {
    throw new JSONRPC.Exception('on purpose', 42);
  }

  /** Asks the caller back, as long as there are calls to make. */
  async pingPong(request, depth) {
    if (depth === 0) return [this.side];

    const { reverseCallsClient: client } = request;
    return [this.side, ...(await client.rpc('pingPong', [depth - 1]))];
  }
}

describe('jsonrpc-bidirectional', () => {
  const defer = cleanup();

  /**
   * Make a server of one side.
   *
   * @param {string} side The side's name
   * @returns {Object} The server's router
   */
  function createRouter(side) {
    const server = new JSONRPC.Server();

    server.registerEndpoint(new Endpoint(side));
    server.addPlugin(new JSONRPC.Plugins.Server.AuthenticationSkip());
    server.addPlugin(new JSONRPC.Plugins.Server.AuthorizeAll());
    return new JSONRPC.BidirectionalWebsocketRouter(server);
  }

  /**
   * Start our server with a router behind it.
   *
   * @returns {Promise<Object>} `{ wss, url, clients }`: `clients` gets a client
   *     for every connection
   */
  async function serve() {
    const server = http.createServer();
    const wss = new WebSocket.Server({ server, WebSocket: TextWebSocket });
    const router = createRouter('server');
    const clients = [];

    wss.on('connection', (ws, req) => {
      const id = router.addWebSocketSync(ws, req);
      clients.push(router.connectionIDToSingletonClient(id, JSONRPC.Client));
    });

    const port = await listen(server);
    defer(() => close(server));
    defer(() => wss.clients.forEach((ws) => ws.terminate()));
    return { wss, clients, url: `ws://127.0.0.1:${port}/api` };
  }

  /**
   * Connect with a router.
   *
   * @param {string} url The server's address
   * @returns {Promise<Object>} The client of the connection
   */
  async function connect(url) {
    const ws = new TextWebSocket(url);
    const router = createRouter('client');

    await once(ws, 'open');
    const id = router.addWebSocketSync(ws);
    return router.connectionIDToSingletonClient(id, JSONRPC.Client);
  }

  it('calls in both directions at once', async () => {
    assertRunsOnOurs('jsonrpc-bidirectional');

    const { clients, url } = await serve();
    const client = await connect(url);
    const [reverse] = clients;
    const numbers = Array.from({ length: 200 }, (_, i) => i);

    const [there, back] = await Promise.all(
      [client, reverse].map((side) =>
        Promise.all(numbers.map((i) => side.rpc('add', [i, 1])))
      )
    );
    assert.deepStrictEqual(
      there,
      numbers.map((i) => i + 1)
    );
    assert.deepStrictEqual(back, there);
    assert.strictEqual(await client.rpc('whoAreYou', []), 'server');
    assert.strictEqual(await reverse.rpc('whoAreYou', []), 'client');
  });

  it('calls back while it is called', async () => {
    const { url } = await serve();
    const client = await connect(url);

    assert.deepStrictEqual(
      await client.rpc('pingPong', [9]),
      Array.from({ length: 10 }, (_, i) => (i % 2 ? 'client' : 'server'))
    );
  });

  it('carries large values and errors', async () => {
    const { url } = await serve();
    const client = await connect(url);
    const value = { text: 'größer '.repeat(100000), list: [null, true, 1.5] };

    assert.deepStrictEqual(await client.rpc('echo', [value]), value);
    await assert.rejects(client.rpc('fail', []), /on purpose/);
  });

  it('connects its transport by itself, on our class', async () => {
    const { wss, url } = await serve();

    class Transport extends JSONRPC.Plugins.Client.WebSocketTransport {
      /** @returns {Function} The class of the connections it makes */
      webSocketClass() {
        return TextWebSocket;
      }
    }

    const client = new JSONRPC.Client(url);
    const transport = new Transport(null, false, {
      bAutoReconnect: true,
      strWebSocketURL: url
    });

    client.addPlugin(transport);
    defer(() => transport.webSocket && transport.webSocket.terminate());
    assert.strictEqual(await client.rpc('add', [40, 2]), 42);

    const [ws] = wss.clients;
    const end = once(ws, 'close');
    ws.terminate();
    await end;
    while (transport.webSocket.readyState !== WebSocket.CLOSED) {
      await new Promise(setImmediate);
    }
    assert.strictEqual(await client.rpc('add', [40, 3]), 43);
  });

  it('fails the calls of a connection that ends', async () => {
    const { wss, url } = await serve();
    const client = await connect(url);

    assert.strictEqual(await client.rpc('whoAreYou', []), 'server');
    const call = client.rpc('echo', ['x'.repeat(1000)]);
    for (const ws of wss.clients) ws.terminate();
    await assert.rejects(call, /WebSocket.*closed|closed.*WebSocket/i);
  });
});
