'use strict';

const { mix, Random } = require('./random');

/** How connections end, each with its weight. */
const WAYS = [
  [10, 'close'],
  [2, 'both'],
  [3, 'terminate'],
  [1, 'destroy'],
  [1, 'abort']
];

/** How a peer that speaks plain TCP ends them. */
const RAW_WAYS = [
  [6, 'close'],
  [2, 'fin'],
  [2, 'reset'],
  [2, 'vanish'],
  [1, 'mute'],
  [1, 'deaf'],
  [2, 'terminate']
];

/** What a client offers. */
const OFFERS = [
  false,
  true,
  { threshold: 0 },
  { clientNoContextTakeover: true, serverNoContextTakeover: true },
  { clientMaxWindowBits: 9, serverMaxWindowBits: 10, threshold: 0 },
  { clientMaxWindowBits: true, zlibDeflateOptions: { level: 6 } }
];

const BINARY_TYPES = ['nodebuffer', 'nodebuffer', 'arraybuffer', 'fragments'];

/**
 * Picks by weight.
 *
 * @param {Random} random The source
 * @param {Array} list Pairs of weight and value
 * @returns {*} A value
 */
function pickWeighted(random, list) {
  let left = random.below(list.reduce((sum, [weight]) => sum + weight, 0));
  return list.find(([weight]) => (left -= weight) < 0)[1];
}

/**
 * What happens on a connection. Both of its ends make the same plan.
 *
 * - `way` is how it ends: with a closing handshake begun by `closer` ('close')
 *   or by both at once ('both'); without one by `terminate()`, by destroying
 *   the socket, by giving up in the handshake ('abort'); a peer of plain TCP
 *   ends its half ('fin'), resets, leaves in the middle of a frame ('vanish'),
 *   does not answer the close frame ('mute'), or stops reading ('deaf').
 * - `counts` are the messages from the client and from the server.
 *
 * @param {Number} seed The seed of the run
 * @param {Number} id The number of the connection
 * @param {String} client 'native', 'inline' or 'raw'
 * @returns {Object} The plan
 */
function makePlan(seed, id, client) {
  const random = new Random(mix(seed, 2, id));
  const profile = pickWeighted(random, [
    [6, 'tiny'],
    [5, 'mixed'],
    [1, 'large']
  ]);
  const most = { tiny: 600, mixed: 120, large: 12 }[profile];
  const way = pickWeighted(random, client === 'raw' ? RAW_WAYS : WAYS);
  const rawEnds = client === 'raw' && !['close', 'terminate'].includes(way);
  const serverEnds =
    way === 'mute' || (client === 'raw' && way === 'terminate');

  return {
    id,
    client,
    seed: random.next(),
    profile,
    way,
    counts: [random.below(most), random.below(most)],
    closer: serverEnds ? 1 : rawEnds || way === 'abort' ? 0 : random.below(2),
    code: random.pick([1000, 1001, 3000, 4321]),
    reason: random.pick(['', 'done', 'größer 🦊', 'r'.repeat(123)]),
    offer: random.pick(OFFERS),
    binaryTypes: [random.pick(BINARY_TYPES), random.pick(BINARY_TYPES)],
    pauses: random.chance(0.2),
    stalls: random.chance(0.02)
  };
}

/** What the address of a connection says about its plan. */
const ADDRESS = /^\/\?id=(\d+)&client=(native|inline|raw)$/;

/**
 * The path that tells a server which plan is followed.
 *
 * @param {Object} plan The plan
 * @returns {String} The path with a query
 */
function pathOf(plan) {
  return `/?id=${plan.id}&client=${plan.client}`;
}

/**
 * Makes the plan that a path tells of.
 *
 * @param {Number} seed The seed of the run
 * @param {String} path The path
 * @returns {Object|null} The plan; null for a path without one
 */
function planOf(seed, path) {
  const match = ADDRESS.exec(path);
  return match && makePlan(seed, +match[1], match[2]);
}

module.exports = { makePlan, pathOf, planOf };
