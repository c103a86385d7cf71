'use strict';

const assert = require('assert');
const { once } = require('events');
const http = require('http');
const mqtt = require('mqtt');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { assertRunsOnOurs } = require('./support/ours');
const { close, listen } = require('./support/net');

describe('mqtt and aedes', () => {
  const defer = cleanup();

  /**
   * Start a broker behind our server.
   *
   * @returns {Promise<Object>} `{ broker, wss, url }`
   */
  async function serve() {
    const { Aedes } = await import('aedes');
    const broker = await Aedes.createBroker();
    const server = http.createServer();
    const wss = new WebSocket.Server({
      server,
      handleProtocols: (protocols) => protocols.has('mqtt') && 'mqtt'
    });

    wss.on('connection', (ws, req) => {
      broker.handle(WebSocket.createWebSocketStream(ws), req);
    });

    const port = await listen(server);

    defer(() => close(server));
    defer(() => new Promise((resolve) => broker.close(resolve)));
    return { broker, wss, url: `ws://127.0.0.1:${port}/mqtt` };
  }

  /**
   * Connect a client.
   *
   * @param {string} url The broker's address
   * @param {Object} [options] More options of `mqtt.connect()`
   * @returns {Promise<Object>} The client
   */
  async function connect(url, options) {
    const client = await mqtt.connectAsync(url, {
      reconnectPeriod: 0,
      ...options
    });

    defer(() => client.endAsync(true));
    return client;
  }

  it('gets our client', async () => {
    assertRunsOnOurs('mqtt');

    const { wss, url } = await serve();
    const connection = once(wss, 'connection');
    await connect(url);
    const [ws] = await connection;

    assert.ok(ws instanceof WebSocket);
    assert.strictEqual(ws.protocol, 'mqtt');
  });

  for (const qos of [0, 1, 2]) {
    it(`publishes and subscribes with quality of service ${qos}`, async () => {
      const { url } = await serve();
      const subscriber = await connect(url);
      const publisher = await connect(url);
      const payloads = [
        Buffer.from('short'),
        Buffer.alloc(300000, 'x'),
        Buffer.alloc(0),
        Buffer.from([0, 255, 1, 254])
      ];
      const received = [];

      await subscriber.subscribeAsync('room/+', { qos });

      const all = new Promise((resolve) => {
        subscriber.on('message', (topic, payload) => {
          received.push([topic, payload]);
          if (received.length === payloads.length) resolve();
        });
      });

      for (const [i, payload] of payloads.entries()) {
        await publisher.publishAsync(`room/${i}`, payload, { qos });
      }
      await all;

      assert.deepStrictEqual(
        received,
        payloads.map((payload, i) => [`room/${i}`, payload])
      );
    });
  }

  it('delivers many small messages in order', async () => {
    const { url } = await serve();
    const subscriber = await connect(url);
    const publisher = await connect(url);
    const total = 2000;
    const received = [];

    await subscriber.subscribeAsync('count');

    const all = new Promise((resolve) => {
      subscriber.on('message', (topic, payload) => {
        received.push(Number(payload));
        if (received.length === total) resolve();
      });
    });

    for (let i = 0; i < total; i++) publisher.publish('count', String(i));
    await all;

    assert.deepStrictEqual(
      received,
      Array.from({ length: total }, (_, i) => i)
    );
  });

  it('publishes the will of a client that vanished', async () => {
    const { broker, wss, url } = await serve();
    const watcher = await connect(url);

    await watcher.subscribeAsync('wills');
    const will = once(watcher, 'message');
    const connection = once(wss, 'connection');

    await connect(url, {
      will: { topic: 'wills', payload: 'gone', qos: 0, retain: false }
    });

    const [ws] = await connection;
    ws.terminate();

    const [topic, payload] = await will;
    assert.strictEqual(topic, 'wills');
    assert.strictEqual(payload.toString(), 'gone');
    assert.strictEqual(broker.connectedClients, 1);
  });

  it('reconnects and keeps its subscriptions', async () => {
    const { wss, url } = await serve();
    const client = await connect(url, { reconnectPeriod: 20 });

    await client.subscribeAsync('after');
    const again = once(client, 'connect');
    for (const ws of wss.clients) ws.terminate();
    await again;

    const message = once(client, 'message');
    await client.publishAsync('after', 'back', { qos: 1 });
    assert.strictEqual((await message)[1].toString(), 'back');
  });
});
