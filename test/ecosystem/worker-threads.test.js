'use strict';

const assert = require('assert');
const { once } = require('events');
const path = require('path');
const { Worker } = require('worker_threads');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { closed, nextMessage } = require('./support/net');

const THREADS = 4;

describe('worker_threads', () => {
  const defer = cleanup();

  /**
   * Start a server in a thread of its own.
   *
   * @returns {Promise<Object>} `{ worker, port }`
   */
  async function serve() {
    const worker = new Worker(
      path.join(__dirname, 'children/worker-server.js')
    );

    defer(() => worker.terminate());
    const [port] = await once(worker, 'message');
    return { worker, port };
  }

  /**
   * Connect to a thread's server.
   *
   * @param {Object} thread What `serve()` gave
   * @returns {Promise<WebSocket>} The connection
   */
  async function connect({ worker, port }) {
    const ws = new WebSocket(`ws://127.0.0.1:${port}`);

    assert.strictEqual(await nextMessage(ws), String(worker.threadId));
    return ws;
  }

  it('serves from several threads at once', async () => {
    const threads = await Promise.all(Array.from({ length: THREADS }, serve));
    const clients = (
      await Promise.all(
        threads.flatMap((thread) =>
          Array.from({ length: 10 }, () => connect(thread))
        )
      )
    ).flat();

    await Promise.all(
      clients.map(async (ws, i) => {
        for (let round = 0; round < 20; round++) {
          const message = Buffer.alloc(round * 5000, i);
          ws.send(message);
          assert.deepStrictEqual(await nextMessage(ws), message);
        }
      })
    );

    const ends = Promise.all(clients.map(closed));
    const exits = Promise.all(
      threads.map(({ worker }) => once(worker, 'exit'))
    );
    for (const { worker } of threads) worker.postMessage('close');

    assert.deepStrictEqual(
      await ends,
      clients.map(() => [1001, ''])
    );
    assert.deepStrictEqual(
      await exits,
      threads.map(() => [0])
    );
  });

  it('drops the connections of a terminated thread, and no others', async () => {
    const [first, second] = await Promise.all([serve(), serve()]);
    const [lost, kept] = await Promise.all([connect(first), connect(second)]);
    const end = closed(lost);

    await first.worker.terminate();
    assert.deepStrictEqual(await end, [1006, '']);

    kept.send('still there?');
    assert.strictEqual(await nextMessage(kept), 'still there?');
    kept.close();
    await closed(kept);
  });
});
