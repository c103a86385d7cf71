'use strict';

// Clients under attack, and some that behave, in one process. Arguments: the
// index of the kind, how many behave, the URL of their server.

const { once } = require('events');

const { kinds } = require('../../integration/kinds');
const { answer } = require('../../lifecycle/children/answer');
const { repeat } = require('../sockets');
const figures = require('./figures');
const healthyClients = require('./healthy-clients');

const [, , index, count, url] = process.argv;
const kind = kinds[index];
const healthy = healthyClients(+count);
const attacked = new Set();

/** What clients may do for ever. */
const duties = { flood: figures.flood, push: figures.push };

answer({
  ...healthy,

  /** Connect those that behave. */
  async connect() {
    // What this thread needs for its first large frame stays: it is there from
    // now on.
    const first = kinds[1].connect(url);

    await once(first, 'open');
    first.send(Buffer.alloc(100000));
    await once(first, 'message');
    first.close();
    await once(first, 'close');
    await healthy.connect(kind, url);
  },

  /**
   * Fall for somebody: connect, and wait until all are closed.
   *
   * @param {string} url Where to
   * @param {number} total How many clients
   * @param {number} lanes How many of them at once
   * @param {Object} options Their options
   * @param {string} [duty] What they do
   * @returns {Promise<Object>} How many were `opened`, and after how much time
   *     the first and the last of them were closed, in milliseconds:
   *     `shortest`, `longest`
   */
  async fall(url, total, lanes, options, duty) {
    const times = [];
    let opened = 0;

    await repeat(total, lanes, async () => {
      const begin = performance.now();
      const ws = kind.connect(url, options);

      attacked.add(ws);
      figures.watch(ws);
      ws.on('message', () => {});
      ws.on('open', () => {
        opened++;
        duties[duty]?.(ws);
      });
      await new Promise((resolve) => ws.once('close', resolve));
      attacked.delete(ws);
      times.push(performance.now() - begin);
    });
    return {
      opened,
      shortest: Math.min(...times),
      longest: Math.max(...times)
    };
  },

  /** What the process uses. */
  use() {
    const clients = healthy.connected() + attacked.size;

    return { ...figures.use(), clients, sockets: clients };
  },

  forget: figures.forget
});
