'use strict';

// A server that can be asked about itself and that can be blocked.
// Argument: the index of the kind.

const { once } = require('events');
const fs = require('fs');

const { kinds } = require('../../integration/kinds');
const { answer, descriptors } = require('./answer');

const kind = kinds[process.argv[2]];
const streams = [];
const files = [];
let highest = 0;
let wss;

const watching = setInterval(() => {
  highest = Math.max(highest, process.memoryUsage.rss());
}, 20).unref();

answer({
  /** Listen, and use a first connection, which may start a thread. */
  async listen() {
    wss = await kind.listen();

    const { port } = wss.address();
    const first = kind.connect(wss);

    wss.once('connection', (ws) => ws.once('message', () => ws.send('hello')));
    first.on('open', () => first.send('hello'));
    await once(first, 'message');
    first.close();
    await once(first, 'close');
    while (wss.clients.size) {
      await new Promise((resolve) => setImmediate(resolve));
    }

    wss.on('connection', (ws, req) => {
      if (req.url === '/count') {
        const stream = { next: 0, last: null, wrong: 0 };

        streams.push(stream);
        ws.on('message', (data, binary) => {
          if (!binary) stream.last = +`${data}`;
          else if (data.readUInt32LE(0) !== stream.next++) stream.wrong++;
        });
      } else {
        ws.on('message', (data, binary) => ws.send(data, { binary }));
      }
    });
    return port;
  },

  /** What it uses. */
  use() {
    if (global.gc) global.gc();
    return {
      clients: wss.clients.size,
      descriptors: descriptors(),
      resident: process.memoryUsage.rss()
    };
  },

  /** What it uses when the last client has gone. */
  async useWhenAlone() {
    while (wss.clients.size) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    return this.use();
  },

  /** End all connections at once; how many there were. */
  endAll(method) {
    const { size } = wss.clients;

    for (const ws of wss.clients) ws[method]();
    return size;
  },

  /** Do nothing else for a time; tell how much memory that took. */
  block(milliseconds) {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const before = process.memoryUsage.rss();
    const end = Date.now() + milliseconds;
    let most = before;

    highest = 0;
    while (Date.now() < end) {
      Atomics.wait(cell, 0, 0, 50);
      most = Math.max(most, process.memoryUsage.rss());
    }
    return most - before;
  },

  /** What came over the counted streams, once all of it has come. */
  async counted() {
    while (streams.some(({ last }) => last === null)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { streams, highest };
  },

  /** Open files until there are no descriptors left. */
  exhaust() {
    // Looking at memory takes one.
    clearInterval(watching);
    for (;;) {
      try {
        files.push(fs.openSync('/dev/null'));
      } catch (err) {
        return err.code;
      }
    }
  },

  /** Close them. */
  release() {
    for (const file of files.splice(0)) fs.closeSync(file);
  },

  /** How much of a time it works: 1 for one thread that never rests. */
  async load(milliseconds) {
    const { user, system } = process.cpuUsage();

    await new Promise((resolve) => setTimeout(resolve, milliseconds));

    const after = process.cpuUsage();

    return (after.user + after.system - user - system) / 1000 / milliseconds;
  },

  /** Stop listening; the process ends when the parent disconnects. */
  close() {
    return new Promise((resolve) => wss.close(() => resolve()));
  }
});
