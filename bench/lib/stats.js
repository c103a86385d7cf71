'use strict';

const { LIMIT, OWN, PEERS } = require('./peers');
const { ROWS } = require('./rows');
const { METRICS, metricsOf } = require('./metrics');

/**
 * The middle value.
 *
 * @param {Number[]} values Any number of values but none
 * @returns {Number} Their median
 */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;

  return sorted.length % 2
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Condenses all rounds of a run.
 *
 * @param {Object} samples Lists of measurements by row and peer
 * @returns {Object[]} For each row measured: `row`, and `peers` with `peer`,
 *     `values` ({ median, least, most } by metric), `errors` and `rounds`
 */
function condense(samples) {
  const tables = [];

  for (const row of ROWS) {
    const peers =
      row.kind === 'ratio'
        ? divideRows(row, tables)
        : PEERS.filter((peer) => samples[row.id]?.[peer.id]).map((peer) =>
            condensePeer(row, peer, samples[row.id][peer.id])
          );
    if (peers.length > 0) tables.push({ row, peers });
  }

  return tables;
}

/**
 * Condenses the rounds of one peer in one row.
 *
 * @param {Object} row The row
 * @param {Object} peer The peer
 * @param {Object[]} list Its measurements
 * @returns {Object} See `condense()`
 */
function condensePeer(row, peer, list) {
  const good = list.filter((sample) => !sample.error);
  const values = {};

  for (const name of metricsOf(row)) {
    const numbers = good
      .map((sample) => sample[name])
      .filter((value) => value !== undefined && value !== null);
    if (numbers.length === 0) continue;
    values[name] = {
      median: median(numbers),
      least: Math.min(...numbers),
      most: Math.max(...numbers)
    };
  }

  return {
    peer,
    values,
    rounds: good.length,
    errors: [...new Set(list.map((sample) => sample.error).filter(Boolean))],
    takeover: good[0]?.takeover
  };
}

/**
 * Makes a row of kind "ratio" out of the CPU per message of two others.
 *
 * @param {Object} row The row
 * @param {Object[]} tables The rows before it
 * @returns {Object[]} Its peers, see `condense()`
 */
function divideRows(row, tables) {
  const cpu = (id, peer) =>
    tables
      .find((table) => table.row.id === id)
      ?.peers.find((entry) => entry.peer === peer)?.values.cpu?.median;

  return PEERS.flatMap((peer) => {
    const value = cpu(row.of, peer) / cpu(row.to, peer);
    if (Number.isNaN(value)) return [];
    const ratio = { median: value, least: value, most: value };
    return [{ peer, values: { ratio }, rounds: 1, errors: [] }];
  });
}

/**
 * Finds a peer's median.
 *
 * @param {Object} table A row of `condense()`
 * @param {String} id The peer's id
 * @param {String} name The metric
 * @returns {Number|undefined} The median, if it was measured
 */
function medianOf(table, id, name) {
  return table?.peers.find(({ peer }) => peer.id === id)?.values[name]?.median;
}

/**
 * Finds who is best at something, apart from beastws and the machine's limit.
 *
 * @param {Object} table A row of `condense()`
 * @param {String} name The metric
 * @returns {Object|undefined} The peer's entry
 */
function bestOther(table, name) {
  const sign = METRICS[name].better === 'more' ? -1 : 1;

  return table.peers
    .filter(({ peer, values }) => {
      return !OWN.has(peer.id) && peer.id !== LIMIT && values[name];
    })
    .sort((a, b) => sign * (a.values[name].median - b.values[name].median))[0];
}

module.exports = { bestOther, condense, median, medianOf };
