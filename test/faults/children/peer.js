'use strict';

// A peer that can be stopped: ws, in a process of its own. It counts what
// comes, all of which has a number.

const { once } = require('events');

const { theirs } = require('../../integration/kinds');
const { answer } = require('../../lifecycle/children/answer');

let next = 0;
let wrong = 0;
let last = null;
let wss;

/**
 * Count the messages of a connection.
 *
 * @param {WebSocket} ws The connection
 */
function watch(ws) {
  ws.on('error', () => {});
  ws.on('message', (data, isBinary) => {
    if (!isBinary) {
      last = `${data}`;
      return;
    }

    const number = data.readUInt32LE();

    // Those before it may have been dropped.
    if (number < next || data.at(-1) !== (number & 0xff)) wrong++;
    next = number + 1;
    count++;
  });
}

let count = 0;

answer({
  /** Listen; tell the address. */
  async listen() {
    wss = await theirs.listen();
    wss.on('connection', watch);
    return `ws://127.0.0.1:${wss.address().port}`;
  },

  /** Connect. */
  async connect(url) {
    const ws = theirs.connect(url);

    watch(ws);
    await once(ws, 'open');
  },

  /** What has come up to the text that ends it. */
  async counted(text) {
    while (last !== text) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { count, next, wrong };
  },

  /** Stop listening; the process ends when the parent disconnects. */
  close() {
    if (wss) wss.close();
  }
});
