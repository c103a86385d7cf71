'use strict';

const assert = require('assert');
const { once } = require('events');
const { buildSchema, parse, validate } = require('graphql');
const { createClient, CloseCode } = require('graphql-ws');
const { useServer } = require('graphql-ws/use/ws');
const http = require('http');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

const schema = buildSchema(`
  type Query { greet(name: String!): String! }
  type Subscription { count(to: Int!): Int! }
`);

const roots = {
  query: { greet: ({ name }) => `Hello ${name}` },
  subscription: {
    async *count({ to }) {
      for (let i = 1; i <= to; i++) yield { count: i };
    }
  }
};

describe('graphql-ws', () => {
  const defer = cleanup();

  /**
   * Start a GraphQL server.
   *
   * @param {Object} [options] Options of `useServer()`
   * @returns {Promise<Object>} `{ wss, url }`
   */
  async function serve(options) {
    const server = http.createServer();
    const wss = new WebSocket.Server({ server, path: '/graphql' });
    const disposable = useServer({ schema, roots, ...options }, wss);
    const port = await listen(server);

    defer(() => close(server));
    defer(() => disposable.dispose());
    return { wss, url: `ws://127.0.0.1:${port}/graphql` };
  }

  /**
   * Make a client that uses our class.
   *
   * @param {string} url The server's address
   * @param {Object} [options] More options of `createClient()`
   * @returns {Object} The client
   */
  function connect(url, options) {
    const client = createClient({
      url,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...options
    });

    defer(() => client.dispose());
    return client;
  }

  /**
   * Collect the results of an operation.
   *
   * @param {Object} client The client
   * @param {string} query The operation
   * @returns {Promise<Object[]>} What came, in order
   */
  async function results(client, query) {
    const list = [];
    for await (const { data } of client.iterate({ query })) {
      list.push({ ...data });
    }
    return list;
  }

  it('is the real thing, on ours', async () => {
    assertRunsOnOurs('graphql-ws');
    assert.deepStrictEqual(validate(schema, parse('{ greet(name: "x") }')), []);
  });

  it('answers queries and streams subscriptions', async () => {
    const { wss, url } = await serve();
    const client = connect(url);

    assert.deepStrictEqual(
      await Promise.all([
        results(client, '{ greet(name: "Ada") }'),
        results(client, 'subscription { count(to: 5) }')
      ]),
      [[{ greet: 'Hello Ada' }], [1, 2, 3, 4, 5].map((count) => ({ count }))]
    );
    assert.ok(wss instanceof WebSocket.Server);
  });

  it('refuses a client with its close code', async () => {
    const { url } = await serve({ onConnect: () => false });
    const ws = new WebSocket(url, 'graphql-transport-ws');

    ws.on('open', () => {
      assert.strictEqual(ws.protocol, 'graphql-transport-ws');
      ws.send('{"type":"connection_init"}');
    });

    const [code, reason] = await once(ws, 'close');
    assert.strictEqual(code, CloseCode.Forbidden);
    assert.strictEqual(reason.toString(), 'Forbidden');
  });

  it('connects again after the connection broke', async () => {
    const { wss, url } = await serve();
    let connections = 0;
    const client = connect(url, {
      lazy: false,
      retryAttempts: 5,
      retryWait: () => Promise.resolve(),
      shouldRetry: () => true,
      on: { connected: () => connections++ }
    });

    await once(wss, 'connection');
    await results(client, '{ greet(name: "a") }');
    for (const ws of wss.clients) ws.terminate();
    await once(wss, 'connection');

    assert.deepStrictEqual(await results(client, '{ greet(name: "b") }'), [
      { greet: 'Hello b' }
    ]);
    assert.strictEqual(connections, 2);
  });
});
