'use strict';

// What beastws has to reach. `to` names the peer whose median is multiplied by
// `limit`; without it the limit is a number of its own.

const { medianOf } = require('./stats');

const TARGETS = [
  { row: 'echo-64x16', metric: 'rate', least: 10, to: 'ws' },
  { row: 'echo-64x16', metric: 'rate', least: 1.2, to: 'uws' },
  { row: 'echo-64', metric: 'rate', least: 1.4, to: 'ws' },
  { row: 'echo-64', metric: 'rate', least: 1.05, to: 'uws' },
  { row: 'echo-1k-500', metric: 'rate', least: 1.4, to: 'ws' },
  { row: 'echo-1k-500', metric: 'rate', least: 1, to: 'uws' },
  { row: 'echo-64k', metric: 'rate', least: 1.6, to: 'ws' },
  { row: 'echo-64k', metric: 'cpu', most: 0.6, to: 'ws' },
  { row: 'echo-1m', metric: 'rate', least: 1.2, to: 'ws' },
  { row: 'echo-1m', metric: 'cpu', most: 0.8, to: 'ws' },
  { row: 'latency', metric: 'p50', most: 1.25, to: 'ws' },
  {
    row: 'latency',
    metric: 'p50',
    most: 1.05,
    to: 'ws',
    peer: 'beastws-inline'
  },
  { row: 'fanout-64', metric: 'cpu', most: 0.75, to: 'ws' },
  { row: 'fanout-64', metric: 'busy', most: 0.05, to: 'ws' },
  { row: 'fanout-1k', metric: 'cpu', most: 0.75, to: 'ws' },
  { row: 'fanout-1k', metric: 'busy', most: 0.05, to: 'ws' },
  { row: 'deflate-1k', metric: 'rate', least: 4, to: 'ws' },
  { row: 'deflate-1k-fresh', metric: 'rate', least: 4, to: 'ws' },
  { row: 'deflate-memory', metric: 'usedBytes', most: 1, to: 'ws' },
  { row: 'client-feed', metric: 'rate', least: 3, to: 'ws' },
  { row: 'idle', metric: 'idleBytes', most: 9 * 1024 },
  ...natively('beastws-native', [
    { row: 'connect', metric: 'rate', least: 3, to: 'ws' },
    { row: 'idle', metric: 'idleBytes', most: 4.5 * 1024 }
  ]),
  ...natively('beastws-native-tls', [
    { row: 'tls-64', metric: 'rate', least: 2, to: 'ws' },
    { row: 'tls-64', metric: 'busy', most: 0.3, to: 'ws' },
    { row: 'tls-1k', metric: 'rate', least: 2, to: 'ws' },
    { row: 'tls-1k', metric: 'busy', most: 0.3, to: 'ws' },
    { row: 'tls-64k', metric: 'rate', least: 1.5, to: 'ws' },
    { row: 'connect-tls', metric: 'rate', least: 1.5, to: 'ws' },
    { row: 'idle-tls', metric: 'idleBytes', most: 0.5, to: 'ws' }
  ]),
  { row: 'free-loop', metric: 'busy', most: 0.4, to: 'ws' },
  { row: 'free-loop-deflate', metric: 'busy', most: 0.3, to: 'ws' },
  { row: 'growth', metric: 'ratio', most: 1.3 }
];

/**
 * Says that targets are those of another one of our peers.
 *
 * @param {String} peer The peer
 * @param {Object[]} targets The targets
 * @returns {Object[]} The same
 */
function natively(peer, targets) {
  return targets.map((target) => ({ ...target, peer }));
}

/**
 * Compares a run with the targets.
 *
 * @param {Object[]} tables What `condense()` returned
 * @returns {Object[]} For each target that was measured: the `target`, the
 *     `value` reached (a ratio where the target is one) and whether it is `met`
 */
function checkTargets(tables) {
  return TARGETS.flatMap((target) => {
    const table = tables.find(({ row }) => row.id === target.row);
    const own = medianOf(table, target.peer ?? 'beastws', target.metric);
    const other = target.to ? medianOf(table, target.to, target.metric) : 1;
    if (own === undefined || other === undefined) return [];

    const value = own / other;
    const met = value >= (target.least ?? 0) && value <= (target.most ?? 1 / 0);
    return [{ target, table, value, met }];
  });
}

module.exports = { checkTargets };
