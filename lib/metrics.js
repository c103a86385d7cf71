'use strict';

const binding = require('./binding');
const InlineLink = require('./inline-link');
const { sent } = require('./inline-output');
const io = require('./io-thread');
const monitor = require('./monitor');

/** Upper bounds of the lag's buckets in ms (src/bridge/delivery_stats.h). */
const LAG_BOUNDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, Infinity];

/** Figures that native code fills in: traffic, deliveries, buckets. */
const TRAFFIC = 5;
const LAG_LAST = TRAFFIC + 2;
const LAG_MAX = TRAFFIC + 3;
const LAG_BUCKETS = TRAFFIC + 5;

/**
 * Takes a picture of what this environment's connections do and did.
 *
 * @return {Object} See doc/api.md
 */
function metrics() {
  const inline = new Float64Array(TRAFFIC);
  const native = new Float64Array(LAG_BUCKETS + LAG_BOUNDS.length);
  const { client, server } = monitor.everything;

  binding.InlineSession.readTraffic(inline);
  for (const thread of io.nativeThreads()) addMetrics(native, thread);

  const [batches, events, last, max, sum] = native.subarray(TRAFFIC);
  let count = 0;

  return {
    connections: { server: server.toJSON(), client: client.toJSON() },
    received: {
      messages: inline[0] + native[0],
      bytes: inline[1] + native[1]
    },
    sent: {
      messages: sent.messages + inline[2] + native[2],
      bytes: sent.bytes + inline[3] + native[3],
      skipped: native[4] + monitor.everything.skipped
    },
    pendingBytes: io.pendingBytes() + InlineLink.pendingBytes(),
    batches: { count: batches, events },
    lag: {
      last,
      max,
      mean: batches === 0 ? 0 : sum / batches,
      buckets: LAG_BOUNDS.map((le, index) => {
        count += native[LAG_BUCKETS + index];
        return { le, count };
      })
    },
    errors: monitor.everything.errorsByCode()
  };
}

/**
 * Adds a thread's figures to those of others.
 *
 * @param {Float64Array} sum Those of the others
 * @param {Object} thread An `IoThread` of the addon
 */
function addMetrics(sum, thread) {
  const figures = new Float64Array(sum.length);

  thread.readMetrics(figures);
  for (let i = 0; i < sum.length; i++) {
    sum[i] =
      i === LAG_LAST || i === LAG_MAX
        ? Math.max(sum[i], figures[i])
        : sum[i] + figures[i];
  }
}

module.exports = metrics;
