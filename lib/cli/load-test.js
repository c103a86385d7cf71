'use strict';

const { randomBytes } = require('node:crypto');

const { connectWith, toAddress } = require('./client-options');
const EchoConnection = require('./echo-connection');
const Latencies = require('./latencies');
const onSignals = require('./signals');
const { escape } = require('./text');

/** How many connections are opened at once. */
const BATCH = 100;

/** How many different messages are sent. */
const PAYLOADS = 16;

/** How long echoes may take to come when the time is over, in ms. */
const DRAIN_MS = 5000;

/** How many kinds of errors are told apart. */
const MAX_KINDS = 20;

/**
 * Makes what is sent: random bytes, or as many random letters and digits.
 *
 * @param {Number} size How many bytes
 * @param {Boolean} isBinary Whether any bytes will do
 * @return {Buffer} The message
 */
function makePayload(size, isBinary) {
  if (isBinary) return randomBytes(size);
  return Buffer.from(
    randomBytes(Math.ceil(size / 2))
      .toString('hex')
      .slice(0, size)
  );
}

/**
 * Waits, but not for long.
 *
 * @param {Promise} promise What for
 * @param {Number} ms How long at most, in milliseconds
 * @return {Promise} Fulfilled when it is, or when the time is over
 */
async function within(promise, ms) {
  let timer;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });

  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

/**
 * What `beastws bench` does: opens connections, measures, and prints figures.
 */
class LoadTest {
  /**
   * @param {String} url The server
   * @param {Object} options The options of the command
   */
  constructor(url, options) {
    this._url = url;
    this._options = options;
    this._latencies = new Latencies();
    this._connections = [];
    this._errors = new Map();
    this._errorCount = 0;
    this._messages = 0;
    this._payloads = Array.from({ length: PAYLOADS }, () =>
      makePayload(options.size, options.binary ?? false)
    );
  }

  /**
   * Measures.
   *
   * @return {Promise<Number>} The exit code
   * @throws {UsageError} If an option of the connections is wrong
   */
  async run() {
    const interrupted = new Promise((resolve) => {
      this._stopSignals = onSignals((code, count) => {
        if (count > 1) process.exit(code);
        this._exitCode = code;
        resolve();
      });
    });

    await this._open();

    const open = this._connections;
    const start = performance.now();

    this._isMeasuring = true;
    if (open.length > 0) {
      for (const connection of open) connection.start();
      await within(
        Promise.race([
          interrupted,
          Promise.all(open.map((one) => one.drained))
        ]),
        this._options.duration * 1000
      );
    }
    this._isMeasuring = false;

    const seconds = (performance.now() - start) / 1000;

    await this._close();
    this._print(this._figures(seconds));
    this._stopSignals();
    return this._exitCode ?? (this._errorCount > 0 ? 1 : 0);
  }

  /** Opens the connections. */
  async _open() {
    const { connections } = this._options;
    const isBinary = this._options.binary ?? false;
    const all = [];

    while (all.length < connections && this._exitCode === undefined) {
      const batch = Array.from(
        { length: Math.min(BATCH, connections - all.length) },
        (_, index) =>
          new EchoConnection(connectWith(this._url, this._options, false), {
            first: all.length + index,
            inFlight: this._options['in-flight'],
            isBinary,
            payloads: this._payloads,
            onEcho: (ms) => this._onEcho(ms),
            onError: (text) => this._onError(text)
          })
      );
      const opened = await Promise.all(batch.map((one) => one.opened));

      all.push(...batch);
      this._connections.push(...batch.filter((_, index) => opened[index]));
      // More of them will not help.
      if (!opened.includes(true)) break;
    }
  }

  /** Waits for the last echoes, then closes the connections. */
  async _close() {
    const open = this._connections;

    for (const connection of open) connection.stop();
    await within(Promise.all(open.map((one) => one.drained)), DRAIN_MS);
    this._lost = open.reduce((sum, { pending }) => sum + pending, 0);
    if (this._lost > 0) {
      this._onError('some echoes did not come in time', this._lost);
    }
    for (const connection of open) connection.close();
    await within(Promise.all(open.map((one) => one.closed)), DRAIN_MS);
    for (const connection of open) connection.terminate();
  }

  /**
   * Counts an echo.
   *
   * @param {Number} ms How long it took, in milliseconds
   */
  _onEcho(ms) {
    if (!this._isMeasuring) return;
    this._messages++;
    this._latencies.add(ms);
  }

  /**
   * Counts an error.
   *
   * @param {String} text What went wrong
   * @param {Number} [count=1] How often
   */
  _onError(text, count = 1) {
    const kind =
      this._errors.has(text) || this._errors.size < MAX_KINDS ? text : 'other';

    this._errors.set(kind, (this._errors.get(kind) ?? 0) + count);
    this._errorCount += count;
  }

  /**
   * Computes the figures.
   *
   * @param {Number} seconds For how long it was measured
   * @return {Object} The figures
   */
  _figures(seconds) {
    const { options, latencies } = {
      options: this._options,
      latencies: this._latencies
    };
    const rate = this._messages / seconds;
    const round = (value, digits) => Number(value.toFixed(digits));

    return {
      url: toAddress(this._url).replace(/\/\/[^/]*@/, '//'),
      connections: this._connections.length,
      inFlight: options['in-flight'],
      size: options.size,
      binary: options.binary ?? false,
      compress: options.compress ?? false,
      seconds: round(seconds, 3),
      messages: this._messages,
      messagesPerSecond: round(rate, 1),
      megabytesPerSecond: round((rate * options.size) / 1e6, 3),
      latencyMs: {
        p50: round(latencies.percentile(0.5), 3),
        p99: round(latencies.percentile(0.99), 3),
        p999: round(latencies.percentile(0.999), 3),
        max: round(latencies.max, 3)
      },
      errorCount: this._errorCount,
      errors: Object.fromEntries(this._errors)
    };
  }

  /**
   * Prints the figures.
   *
   * @param {Object} figures The figures
   */
  _print(figures) {
    if (this._options.json) {
      process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
      return;
    }

    const { latencyMs, messagesPerSecond } = figures;
    const kind = figures.binary ? 'binary' : 'text';
    const lines = [
      `${escape(figures.url)}: ${figures.connections} connections, ` +
        `${figures.inFlight} in flight, ${figures.size} bytes of ${kind}` +
        `${figures.compress ? ', compressed' : ''}, ${figures.seconds} s`,
      `  messages   ${figures.messages}`,
      `  rate       ${messagesPerSecond.toLocaleString('en')} messages/s`,
      `  payload    ${figures.megabytesPerSecond} MB/s each way`,
      `  latency    p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, ` +
        `p999 ${latencyMs.p999} ms, max ${latencyMs.max} ms`,
      `  errors     ${figures.errorCount}`,
      ...Object.entries(figures.errors).map(
        ([text, count]) => `    ${count} x ${escape(text)}`
      )
    ];

    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

module.exports = LoadTest;
