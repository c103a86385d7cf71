'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');
const readline = require('readline');
const { io } = require('socket.io-client');

const { cleanup } = require('./support/cleanup');
const { startRedis } = require('./support/redis');

describe('@socket.io/redis-adapter', () => {
  const defer = cleanup();

  /**
   * Start one server.
   *
   * @param {string} redis The address of Redis
   * @returns {Promise<string>} Its address
   */
  async function serve(redis) {
    const child = spawn(
      process.execPath,
      [path.join(__dirname, 'children/socket-io-node.js'), redis],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    );
    const exited = once(child, 'exit');

    defer(async () => {
      child.stdin.end();
      assert.deepStrictEqual(await exited, [0, null]);
    });

    const [port] = await once(readline.createInterface(child.stdout), 'line');
    return `http://127.0.0.1:${port}`;
  }

  /**
   * Start Redis, two servers, and clients at both, all in one room.
   *
   * @param {number} count How many clients there are at each server
   * @returns {Promise<Object[]>} The clients
   */
  async function setUp(count) {
    const redis = await startRedis();
    defer(redis.stop);

    const urls = await Promise.all([serve(redis.url), serve(redis.url)]);
    const clients = urls.flatMap((url) =>
      Array.from({ length: count }, () =>
        io(url, { forceNew: true, transports: ['websocket'] })
      )
    );

    defer(() => clients.forEach((client) => client.disconnect()));

    const pids = await Promise.all(
      clients.map((client) => client.emitWithAck('join', 'room'))
    );
    assert.strictEqual(new Set(pids).size, 2);
    return clients;
  }

  it('joins the rooms of two server processes', async () => {
    const clients = await setUp(20);
    const binary = Buffer.from([0, 255, 128]);
    const all = Promise.all(
      clients.map(
        (client) =>
          new Promise((resolve) => {
            client.once('news', (...args) => resolve(args));
          })
      )
    );

    clients[0].emit('to', 'room', 'text', binary, { nested: [binary] });
    assert.deepStrictEqual(
      await all,
      clients.map(() => ['text', binary, { nested: [binary] }])
    );

    assert.strictEqual(await clients[0].emitWithAck('count', 'room'), 40);
  });

  it('collects the acknowledgements from both', async () => {
    const clients = await setUp(5);

    for (const [i, client] of clients.entries()) {
      client.on('question', (done) => done(i));
    }

    const answers = await clients[7].emitWithAck('ask', 'room');
    assert.deepStrictEqual(
      answers.sort(),
      clients.map((_, i) => i)
    );
  });
});
