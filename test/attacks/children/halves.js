'use strict';

// Peers that send the beginning of something and stop. Arguments: the port, how
// many, what they send (Base64).

const { connect, repeat } = require('../sockets');
const { answer } = require('../../lifecycle/children/answer');

const port = +process.argv[2];
const count = +process.argv[3];
const bytes = Buffer.from(process.argv[4], 'base64');

/** How many connect at once. */
const LANES = 50;

/** For how long each was connected, in milliseconds. */
const times = [];
let gone;
let answered = 0;

answer({
  /** Connect all of them, and send. */
  async connect() {
    const all = [];

    await repeat(count, LANES, async () => {
      const begin = performance.now();
      const socket = await connect(port);

      socket.once('data', (data) => {
        if (`${data}`.startsWith('HTTP/1.1 408 ')) answered++;
      });
      socket.write(bytes);
      all.push(socket.gone.then(() => times.push(performance.now() - begin)));
    });
    gone = Promise.all(all);
  },

  /** Wait until all are cut. */
  async wait() {
    await gone;
    return {
      cut: times.length,
      answered,
      shortest: Math.min(...times),
      longest: Math.max(...times)
    };
  }
});
