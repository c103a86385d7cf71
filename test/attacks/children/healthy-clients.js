'use strict';

const { once } = require('events');

/** How long a client rests between two messages, in milliseconds. */
const REST = 50;

/**
 * Make clients that behave, and notice how long their messages take.
 *
 * @param {number} count How many
 * @returns {Object} What they can be asked, see `answer()`
 */
function healthyClients(count) {
  const clients = [];
  let times = [];
  let sent = 0;
  let answered = 0;
  let wrong = 0;
  let lost = 0;
  let running = true;

  /**
   * Have one message after the other echoed.
   *
   * @param {WebSocket} ws The client
   * @param {number} index Its number
   */
  async function talk(ws, index) {
    for (let i = 0; running; i++) {
      const text = `${index}: ${i} ${'x'.repeat(i % 300)}`;
      const begin = process.hrtime.bigint();

      sent++;
      ws.send(text);

      const [data] = await once(ws, 'message');

      times.push(Number(process.hrtime.bigint() - begin) / 1e6);
      answered++;
      if (`${data}` !== text) wrong++;
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
  }

  return {
    /**
     * Connect all of them and begin.
     *
     * @param {Party} party The module
     * @param {string} url Where to
     */
    async connect(party, url) {
      for (let i = 0; i < count; i++) {
        const ws = party.connect(url, { perMessageDeflate: i % 2 === 0 });

        await once(ws, 'open');
        ws.on('close', () => running && lost++);
        clients.push(ws);
      }
      clients.forEach(talk);
    },

    /** How many are connected. */
    connected() {
      return clients.filter((ws) => ws.readyState === ws.OPEN).length;
    },

    /** How it went since the last time this was asked. */
    report() {
      const sorted = times.sort((a, b) => a - b);

      times = [];
      return {
        count: sorted.length,
        p50: sorted[Math.floor(sorted.length / 2)],
        p99: sorted[Math.floor(sorted.length * 0.99)],
        lost,
        wrong
      };
    },

    /** Stop, and wait for the last answers. */
    async leave() {
      running = false;
      while (answered < sent) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      for (const ws of clients) ws.close();
      await Promise.all(
        clients.map((ws) => ws.readyState === ws.CLOSED || once(ws, 'close'))
      );
      return { sent, answered };
    }
  };
}

module.exports = healthyClients;
