'use strict';

/** The longest time that a timer can wait, in milliseconds. */
const MAX_TIMEOUT = 2 ** 31 - 1;

/** How often connections are looked at while their time runs. */
const LOOKS = 4;

/** After so many looks without a sign of life the peer is asked for one. */
const LOOKS_BEFORE_PING = 2;

/**
 * Connections with the same timeout. One timer looks at all of them: it need
 * not be told of what arrives, which would cost something for each message.
 */
class Watch {
  /**
   * @param {Number} timeout How long a peer may be silent, in milliseconds
   */
  constructor(timeout) {
    this._timeout = timeout;
    this._connections = new Map();
    this._timer = null;
  }

  /**
   * @param {WebSocket} websocket An open WebSocket
   */
  add(websocket) {
    this._connections.set(websocket, {
      heard: websocket._link.heard,
      looks: 0
    });
    if (this._timer !== null) return;

    // Not before what has arrived is read: this thread may have been busy.
    this._timer = setInterval(
      setImmediate,
      this._timeout / LOOKS,
      look,
      this._connections
    );
    this._timer.unref();
  }

  /**
   * @param {WebSocket} websocket One that is closed
   * @return {Boolean} Whether it was the last one
   */
  remove(websocket) {
    this._connections.delete(websocket);
    if (this._connections.size > 0) return false;

    clearInterval(this._timer);
    return true;
  }
}

/** By timeout. */
const watches = new Map();

/**
 * Looks which peers were silent.
 *
 * @param {Map} connections What was known of each WebSocket
 */
function look(connections) {
  for (const [websocket, state] of connections) {
    const { heard } = websocket._link;

    // Who is not listened to may be silent.
    if (heard !== state.heard || websocket.isPaused) {
      state.heard = heard;
      state.looks = 0;
      continue;
    }

    state.looks++;
    if (state.looks >= LOOKS) {
      websocket.terminate();
    } else if (
      state.looks === LOOKS_BEFORE_PING &&
      websocket._autoPing &&
      websocket.readyState === websocket.OPEN
    ) {
      websocket.ping();
    }
  }
}

/**
 * Checks the option.
 *
 * @param {Object} options The options of a server or a client
 * @throws {(TypeError|RangeError)} If it cannot be used
 */
function checkIdleTimeout({ idleTimeout = 0 }) {
  if (typeof idleTimeout !== 'number') {
    throw new TypeError('The "idleTimeout" option must be a number');
  }
  if (!(
    idleTimeout >= 0 &&
    (idleTimeout <= MAX_TIMEOUT || idleTimeout === Infinity)
  )) {
    throw new RangeError(
      `The "idleTimeout" option must be a number from 0 to ${MAX_TIMEOUT}`
    );
  }
}

/**
 * Reads the option.
 *
 * @param {Object} options Options that were checked
 * @return {Number} The time in milliseconds, 0 for any
 */
function idleTimeoutOf({ idleTimeout }) {
  return idleTimeout > 0 && idleTimeout !== Infinity ? idleTimeout : 0;
}

/**
 * Has a WebSocket terminated when its peer is silent for long.
 *
 * @param {WebSocket} websocket An open WebSocket
 */
function watch(websocket) {
  const timeout = websocket._idleTimeout;

  if (!watches.has(timeout)) watches.set(timeout, new Watch(timeout));
  watches.get(timeout).add(websocket);
}

/**
 * Ends that.
 *
 * @param {WebSocket} websocket A WebSocket that is closed
 */
function unwatch(websocket) {
  const timeout = websocket._idleTimeout;

  if (watches.get(timeout)?.remove(websocket)) watches.delete(timeout);
}

module.exports = { checkIdleTimeout, idleTimeoutOf, unwatch, watch };
