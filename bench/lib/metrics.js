'use strict';

// The numbers of a measurement: what they are called, how they are written and
// which way is better.

/**
 * Writes a number with three significant digits and separators.
 *
 * @param {Number} value The number
 * @returns {String} Its text
 */
function plain(value) {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en-US', {
    minimumFractionDigits: Math.min(digits, 4),
    maximumFractionDigits: Math.min(digits, 4)
  });
}

/**
 * Writes a share as a percentage.
 *
 * @param {Number} value From 0 to 1
 * @returns {String} Its text
 */
function percent(value) {
  return `${plain(value * 100)} %`;
}

/**
 * Writes a duration.
 *
 * @param {Number} us Microseconds
 * @returns {String} Its text
 */
function duration(us) {
  return us < 1000 ? `${plain(us)} µs` : `${plain(us / 1000)} ms`;
}

/**
 * Writes a size as mebibytes.
 *
 * @param {Number} bytes Bytes
 * @returns {String} Its text
 */
function mebibytes(bytes) {
  return `${plain(bytes / 1024 / 1024)} MiB`;
}

/**
 * Writes a size as kibibytes.
 *
 * @param {Number} bytes Bytes
 * @returns {String} Its text
 */
function kibibytes(bytes) {
  return `${plain(bytes / 1024)} KiB`;
}

const METRICS = {
  rate: { title: '{unit}/s', better: 'more', format: plain },
  cpu: { title: 'CPU per {one}', better: 'less', format: duration },
  busy: { title: 'JS thread busy', better: 'less', format: percent },
  mainThreadShare: { title: 'CPU of main thread', format: percent },
  p50: { title: 'p50', better: 'less', format: duration },
  p99: { title: 'p99', better: 'less', format: duration },
  p999: { title: 'p999', better: 'less', format: duration },
  peakRss: { title: 'peak RSS', better: 'less', format: mebibytes },
  freshBytes: {
    title: 'RSS per connection, before GC',
    better: 'less',
    format: kibibytes
  },
  idleBytes: { title: 'RSS per connection', better: 'less', format: kibibytes },
  usedBytes: {
    title: 'RSS per connection, after messages',
    better: 'less',
    format: kibibytes
  },
  openRate: { title: 'opened/s', better: 'more', format: plain },
  wireBytes: { title: 'bytes on the wire', format: plain },
  missed: { title: 'not sent in time', format: plain },
  generatorShare: { title: 'generator busy', format: percent },
  ratio: {
    title: 'CPU per message, 5,000 / 100',
    better: 'less',
    format: plain
  }
};

/**
 * The metrics that a row is about.
 *
 * @param {Object} row The row
 * @returns {String[]} Their names
 */
function headlineOf(row) {
  if (row.headline) return row.headline;
  if (row.kind === 'ratio') return ['ratio'];
  if (row.kind === 'idle') return ['idleBytes'];
  return ['rate', 'cpu'];
}

/**
 * The metrics of a row, in the order of its table.
 *
 * @param {Object} row The row
 * @returns {String[]} Their names
 */
function metricsOf(row) {
  const all = {
    load: [
      ...['rate', 'cpu', 'p50', 'p99', 'p999', 'busy', 'mainThreadShare'],
      ...['peakRss', 'generatorShare'],
      ...(row.load.deflate ? ['wireBytes'] : []),
      ...(row.load.rate ? ['missed'] : [])
    ],
    idle: ['idleBytes', 'freshBytes', 'usedBytes', 'openRate', 'peakRss'],
    feed: ['rate', 'cpu', 'busy', 'peakRss'],
    ratio: ['ratio']
  };

  return [...new Set([...headlineOf(row), ...all[row.kind]])];
}

/**
 * The heading of a metric in a row.
 *
 * @param {String} name The metric
 * @param {Object} row The row
 * @returns {String} The heading
 */
function titleOf(name, row) {
  const unit = row.unit ?? 'messages';
  const one = { messages: 'message', deliveries: 'delivery' }[unit];

  return METRICS[name].title
    .replace('{unit}', unit)
    .replace('{one}', one ?? 'connection');
}

/**
 * Writes a measurement for the terminal.
 *
 * @param {Object} row The row
 * @param {Object} sample The measurement
 * @returns {String} One line
 */
function oneLine(row, sample) {
  return metricsOf(row)
    .filter((name) => sample[name] !== undefined)
    .map(
      (name) => `${titleOf(name, row)} ${METRICS[name].format(sample[name])}`
    )
    .join(', ');
}

module.exports = { METRICS, headlineOf, metricsOf, oneLine, titleOf };
