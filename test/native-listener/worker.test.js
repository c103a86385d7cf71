'use strict';

const assert = require('assert');
const { once } = require('events');
const net = require('net');
const path = require('path');
const { Worker } = require('worker_threads');

const { upgradeRequest } = require('../integration/support/raw-peer');

const FILE = path.join(__dirname, 'children/worker-server.js');

describe('A native listener of a worker', () => {
  it('goes with it, and takes all of its connections along', async function () {
    this.timeout(20000);
    for (let round = 0; round < 6; round++) {
      const worker = new Worker(FILE);
      const [port] = await once(worker, 'message');
      const closed = [];
      let first;

      for (let i = 0; i < 20; i++) {
        const socket = net.connect(port, '127.0.0.1');

        socket.on('error', () => {});
        if (i === 0) first = once(socket, 'data');
        socket.resume();
        socket.write(i % 2 === 0 ? upgradeRequest() : 'GET / HT');
        closed.push(new Promise((resolve) => socket.on('close', resolve)));
      }

      // In the middle of handshakes, or of messages.
      if (round % 2 === 0) await first;
      await worker.terminate();
      await Promise.all(closed);

      const socket = net.connect(port, '127.0.0.1');
      const [err] = await once(socket, 'error');

      assert.strictEqual(err.code, 'ECONNREFUSED');
    }
  });
});
