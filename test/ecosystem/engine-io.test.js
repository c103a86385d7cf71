'use strict';

const assert = require('assert');
const engine = require('engine.io');
const { Socket } = require('engine.io-client');
const { once } = require('events');
const http = require('http');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

describe('engine.io', () => {
  const defer = cleanup();

  /**
   * Start a server and connect a client to it.
   *
   * @param {Object} [serverOptions] Options of the server
   * @param {Object} [clientOptions] Options of the client
   * @returns {Promise<Object>} `{ server, peer, client }`
   */
  async function connect(serverOptions, clientOptions) {
    const httpServer = http.createServer();
    const server = engine.attach(httpServer, serverOptions);
    const port = await listen(httpServer);

    defer(() => close(httpServer));
    defer(() => server.close());

    const connection = once(server, 'connection');
    const client = new Socket(`ws://127.0.0.1:${port}`, {
      transports: ['websocket'],
      ...clientOptions
    });

    defer(() => client.close());

    const [[peer]] = await Promise.all([
      connection,
      new Promise((resolve) => client.once('open', resolve))
    ]);
    return { server, peer, client };
  }

  it('gets our server and our client', async () => {
    assertRunsOnOurs('engine.io');
    assertRunsOnOurs('engine.io-client');

    const { server, peer, client } = await connect();

    assert.ok(server.ws instanceof WebSocket.Server);
    assert.ok(peer.transport.socket instanceof WebSocket);
    assert.ok(client.transport.ws instanceof WebSocket);
    assert.strictEqual(peer.remoteAddress, '127.0.0.1');
  });

  for (const perMessageDeflate of [false, { threshold: 0 }]) {
    const how = perMessageDeflate ? 'compressed' : 'uncompressed';

    it(`exchanges text and binary messages, ${how}`, async () => {
      const { peer, client } = await connect(
        { perMessageDeflate },
        { perMessageDeflate }
      );
      const messages = ['text', 'ä'.repeat(70000), Buffer.alloc(100000, 7)];
      const received = [];

      if (perMessageDeflate) {
        assert.match(peer.transport.socket.extensions, /permessage-deflate/);
      }

      peer.on('message', (data) => peer.send(data));
      await new Promise((resolve) => {
        client.on('message', (data) => {
          received.push(data);
          if (received.length === messages.length) resolve();
        });
        for (const message of messages) client.send(message);
      });

      assert.deepStrictEqual(received, messages);
    });
  }

  it('upgrades from polling without losing a message', async () => {
    const { peer, client } = await connect(
      {},
      { transports: ['polling', 'websocket'] }
    );
    const total = 200;
    const received = [];

    const all = new Promise((resolve) => {
      client.on('message', (data) => {
        received.push(Number(data));
        if (received.length === total) resolve();
      });
    });
    const upgraded = once(peer, 'upgrade');

    for (let i = 0; i < total / 2; i++) peer.send(String(i));
    await upgraded;
    for (let i = total / 2; i < total; i++) peer.send(String(i));
    await all;

    assert.strictEqual(client.transport.name, 'websocket');
    assert.deepStrictEqual(
      received,
      Array.from({ length: total }, (_, i) => i)
    );
  });

  it('sends frames that were made beforehand', async () => {
    const { peer, client } = await connect({ perMessageDeflate: false });
    const frame = WebSocket.Sender.frame(Buffer.from('4framed once'), {
      readOnly: true,
      mask: false,
      rsv1: false,
      opcode: 1,
      fin: true
    });
    const received = new Promise((resolve) => client.once('message', resolve));

    peer.send('framed once', { wsPreEncodedFrame: frame });
    assert.strictEqual(await received, 'framed once');
  });

  it('notices that the other side is gone', async () => {
    const { peer, client } = await connect({
      pingInterval: 50,
      pingTimeout: 100
    });

    const socket = client.transport.ws;

    defer(() => socket.terminate());
    socket.pause();
    const [reason] = await once(peer, 'close');
    assert.strictEqual(reason, 'ping timeout');
  });
});
