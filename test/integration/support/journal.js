'use strict';

/**
 * Describe data of a 'message', 'ping' or 'pong' event in a few characters.
 *
 * @param {(Buffer|ArrayBuffer|Buffer[]|Blob)} data The data
 * @returns {string} Its text, or its type and length when it is long
 */
function brief(data) {
  if (Array.isArray(data)) return `[${data.map(brief).join('|')}]`;
  if (data instanceof Blob) return `Blob(${data.size})`;

  const bytes = Buffer.from(data);

  return bytes.length > 40 ? `${bytes.length} bytes` : bytes.toString();
}

/**
 * Describe an error the way users tell them apart.
 *
 * @param {Error} err The error
 * @returns {string} Class, code, errno and message
 */
function describeError(err) {
  return [
    err.name,
    err.constructor.name === err.name ? '' : `(${err.constructor.name})`,
    err.code === undefined ? '-' : err.code,
    err.errno === undefined ? '-' : err.errno,
    JSON.stringify(err.message)
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * Write down, in order, what a websocket emits.
 */
class Journal {
  /**
   * @param {WebSocket} [ws] The websocket to listen to
   */
  constructor(ws) {
    this.lines = [];
    this.waiting = [];
    if (ws) this.watch(ws);
  }

  /**
   * Listen to all events of a websocket.
   *
   * @param {WebSocket} ws The websocket
   * @param {string} [prefix] Written before each line
   * @returns {Journal} The journal itself
   */
  watch(ws, prefix = '') {
    ws.on('open', () => this.add(`${prefix}open`));
    ws.on('message', (data, isBinary) => {
      this.add(`${prefix}${isBinary ? 'binary' : 'text'} ${brief(data)}`);
    });
    ws.on('ping', (data) => this.add(`${prefix}ping ${brief(data)}`));
    ws.on('pong', (data) => this.add(`${prefix}pong ${brief(data)}`));
    ws.on('error', (err) => {
      this.add(`${prefix}error ${describeError(err)} state ${ws.readyState}`);
    });
    ws.on('close', (code, reason) => {
      this.add(`${prefix}close ${code} '${reason}' state ${ws.readyState}`);
    });
    return this;
  }

  /**
   * Add a line.
   *
   * @param {string} line The line
   */
  add(line) {
    this.lines.push(line);
    this.waiting = this.waiting.filter(({ condition, resolve }) => {
      if (!condition(this.lines)) return true;
      resolve(this.lines);
      return false;
    });
  }

  /**
   * Wait until the lines satisfy a condition.
   *
   * @param {(Function|Number|String)} what A predicate of the lines, their
   *     number, or the beginning of a line
   * @returns {Promise<string[]>} The lines then
   */
  until(what) {
    const condition =
      typeof what === 'function'
        ? what
        : typeof what === 'number'
          ? (lines) => lines.length >= what
          : (lines) => lines.some((line) => line.startsWith(what));

    return new Promise((resolve) => {
      if (condition(this.lines)) resolve(this.lines);
      else this.waiting.push({ condition, resolve });
    });
  }
}

module.exports = { brief, describeError, Journal };
