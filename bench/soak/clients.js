'use strict';

const { CLOSE_TIMEOUT } = require('./servers');
const { WebSocket } = require('./subject');
const { End } = require('./end');
const { pathOf } = require('./plan');
const { mix, Random } = require('./random');

/**
 * Starts a client that follows a plan.
 *
 * @param {Object} plan The plan
 * @param {String} url The server's address, without a path
 * @param {World} world What the process shares
 * @returns {End} The client's end
 */
function startClient(plan, url, world) {
  const random = new Random(mix(plan.seed, 20));
  const ws = new WebSocket(url + pathOf(plan), {
    closeTimeout: CLOSE_TIMEOUT,
    ioThread: plan.client === 'native',
    // TLS where the connection is, or inside of Node.js.
    native: plan.client === 'native' && random.chance(0.5),
    perMessageDeflate: plan.offer,
    rejectUnauthorized: false
  });
  const end = new End(ws, plan, 0, world);

  if (plan.way === 'abort') {
    const moment = random.below(4);
    if (moment === 0) ws.terminate();
    else if (moment === 1) ws.on('upgrade', () => ws.terminate());
    else setTimeout(() => ws.terminate(), random.below(20));
  }
  return end;
}

module.exports = { startClient };
