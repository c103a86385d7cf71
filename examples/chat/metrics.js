'use strict';

const { monitorEventLoopDelay, performance } = require('perf_hooks');

// The histogram holds the distance between two ticks of a timer. What is above
// the timer's own interval is the delay.
const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;

/**
 * Counts messages and bytes and turns them into one sample a second, together
 * with how busy the event loop is.
 */
class Metrics {
  /**
   * @param {Object} options Options
   * @param {Number} [options.intervalMs=1000] Time between two samples
   * @param {Number} [options.keep=60] Number of samples to remember
   * @param {Function} options.gauges Returns the members of a sample that are
   *     read rather than counted, such as the number of connections
   * @param {Function} options.onSample Called with each new sample
   */
  constructor({ intervalMs = 1000, keep = 60, gauges, onSample }) {
    this.samples = [];
    this._keep = keep;
    this._gauges = gauges;
    this._onSample = onSample;
    this._resetCounters();

    this._delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this._delay.enable();
    this._utilization = performance.eventLoopUtilization();
    this._since = performance.now();
    this._timer = setInterval(() => this._sample(), intervalMs);
  }

  /**
   * Count one received message.
   *
   * @param {Number} bytes Length of its payload
   */
  countIn(bytes) {
    this._messagesIn++;
    this._bytesIn += bytes;
  }

  /**
   * Count one message that was sent to one connection.
   *
   * @param {Number} bytes Length of its payload
   */
  countOut(bytes) {
    this._messagesOut++;
    this._bytesOut += bytes;
  }

  /**
   * Stop sampling, so that the process can end.
   */
  stop() {
    clearInterval(this._timer);
    this._delay.disable();
  }

  /**
   * Set the counters back to zero.
   *
   * @private
   */
  _resetCounters() {
    this._messagesIn = 0;
    this._messagesOut = 0;
    this._bytesIn = 0;
    this._bytesOut = 0;
  }

  /**
   * A percentile of the delay of the event loop since the last sample.
   *
   * @param {Number} percentile 0 to 100
   * @return {Number} Milliseconds
   * @private
   */
  _delayMs(percentile) {
    if (this._delay.count === 0) return 0;

    const ms = this._delay.percentile(percentile) / NS_PER_MS - RESOLUTION_MS;

    return Math.max(0, round(ms, 2));
  }

  /**
   * Take a sample, remember it and hand it on.
   *
   * @private
   */
  _sample() {
    const now = performance.now();
    const utilization = performance.eventLoopUtilization();
    const seconds = (now - this._since) / 1000;

    const sample = {
      ...this._gauges(),
      messagesIn: round(this._messagesIn / seconds, 1),
      messagesOut: round(this._messagesOut / seconds, 1),
      bytesIn: Math.round(this._bytesIn / seconds),
      bytesOut: Math.round(this._bytesOut / seconds),
      delayP50: this._delayMs(50),
      delayP99: this._delayMs(99),
      utilization: round(
        performance.eventLoopUtilization(utilization, this._utilization)
          .utilization,
        4
      )
    };

    this._since = now;
    this._utilization = utilization;
    this._delay.reset();
    this._resetCounters();

    this.samples.push(sample);
    if (this.samples.length > this._keep) this.samples.shift();

    this._onSample(sample);
  }
}

/**
 * @param {Number} value A number
 * @param {Number} digits Number of decimals to keep
 * @return {Number} The rounded number
 */
function round(value, digits) {
  const factor = 10 ** digits;

  return Math.round(value * factor) / factor;
}

module.exports = Metrics;
