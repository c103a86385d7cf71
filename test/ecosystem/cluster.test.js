'use strict';

const assert = require('assert');
const { spawn } = require('child_process');
const { once } = require('events');
const path = require('path');
const readline = require('readline');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { closed, nextMessage } = require('./support/net');

describe('cluster', () => {
  const defer = cleanup();

  /**
   * Start four workers on one port.
   *
   * @returns {Promise<Object>} `{ url, lines, stop }`
   */
  async function serve() {
    const child = spawn(
      process.execPath,
      [path.join(__dirname, 'children/cluster.js')],
      { stdio: ['pipe', 'pipe', 'inherit'] }
    );
    const exited = once(child, 'exit');
    const lines = readline.createInterface(child.stdout);
    const stop = async () => {
      child.stdin.end();
      return (await exited)[0];
    };

    defer(stop);
    const [port] = await once(lines, 'line');
    return { url: `ws://127.0.0.1:${port}`, lines, stop };
  }

  /**
   * Connect and find out who answers.
   *
   * @param {string} url The server's address
   * @returns {Promise<Object>} `{ ws, id }`
   */
  async function connect(url) {
    const ws = new WebSocket(url);

    defer(() => ws.terminate());
    return { ws, id: await nextMessage(ws) };
  }

  it('shares one port among four workers', async () => {
    const { url, stop } = await serve();
    const clients = await Promise.all(
      Array.from({ length: 100 }, () => connect(url))
    );

    assert.deepStrictEqual([...new Set(clients.map(({ id }) => id))].sort(), [
      '1',
      '2',
      '3',
      '4'
    ]);

    await Promise.all(
      clients.map(async ({ ws }, i) => {
        const message = Buffer.alloc(i * 1000, i);
        ws.send(message);
        assert.deepStrictEqual(await nextMessage(ws), message);
      })
    );

    const ends = Promise.all(clients.map(({ ws }) => closed(ws)));
    assert.strictEqual(await stop(), 0);
    assert.deepStrictEqual(
      await ends,
      clients.map(() => [1006, ''])
    );
  });

  it('leaves the others alone when a worker ends', async () => {
    const { url, lines } = await serve();
    const clients = [];

    for (let i = 0; i < 8; i++) clients.push(await connect(url));

    const victim = clients[0];
    const fate = once(lines, 'line');
    const others = clients.filter(({ id }) => id !== victim.id);
    const lost = clients.filter(({ id }) => id === victim.id);
    const ends = Promise.all(lost.map(({ ws }) => closed(ws)));

    assert.ok(others.length > 0);
    victim.ws.send('exit');
    assert.deepStrictEqual(await fate, [`${victim.id} 7`]);
    assert.deepStrictEqual(
      await ends,
      lost.map(() => [1006, ''])
    );

    for (const { ws } of others) {
      ws.send('still there?');
      assert.strictEqual(await nextMessage(ws), 'still there?');
    }

    const { id } = await connect(url);
    assert.notStrictEqual(id, victim.id);
  });
});
