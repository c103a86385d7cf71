'use strict';

const { channel } = require('node:diagnostics_channel');

const channels = {
  close: channel('beastws.connection.close'),
  error: channel('beastws.connection.error'),
  open: channel('beastws.connection.open')
};

/** Connections of one role. */
class Count {
  constructor() {
    this.opened = 0;
    this.closed = 0;
    /** How many of the open ones are on the I/O thread. */
    this.native = 0;
  }

  /**
   * @return {Object} The numbers as `metrics()` shows them
   */
  toJSON() {
    const open = this.opened - this.closed;

    return {
      open,
      native: this.native,
      inline: open - this.native,
      opened: this.opened,
      closed: this.closed
    };
  }
}

/** What happens to connections, counted: to those of a server, or to all. */
class Tally {
  constructor() {
    this.server = new Count();
    this.client = new Count();
    this.errors = new Map();
    /** Published messages that were left out on JavaScript's thread. */
    this.skipped = 0;
  }

  /**
   * @return {Object} How often there was which error, by code
   */
  errorsByCode() {
    return Object.fromEntries(this.errors);
  }
}

/** All connections of this environment. */
const everything = new Tally();

/**
 * @param {WebSocket} websocket A WebSocket
 * @return {String} Which end of the connection it is
 */
function roleOf(websocket) {
  return websocket._isServer ? 'server' : 'client';
}

/**
 * Has the tallies of a WebSocket changed.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {Function} change Called with each of them
 */
function forEachTally(websocket, change) {
  change(everything);
  if (websocket._owner !== null) change(websocket._owner._tally);
}

/**
 * A connection is open.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {(http.IncomingMessage|http.ClientRequest)} [request] The request of
 *     its handshake
 */
function opened(websocket, request) {
  const role = roleOf(websocket);

  forEachTally(websocket, (tally) => tally[role].opened++);
  if (channels.open.hasSubscribers) {
    channels.open.publish({ websocket, role, request });
  }
}

/**
 * The I/O thread has a connection.
 *
 * @param {WebSocket} websocket The WebSocket
 */
function moved(websocket) {
  forEachTally(websocket, (tally) => tally[roleOf(websocket)].native++);
}

/**
 * An open connection is closed.
 *
 * @param {WebSocket} websocket The WebSocket
 */
function closed(websocket) {
  const role = roleOf(websocket);

  forEachTally(websocket, (tally) => {
    tally[role].closed++;
    if (websocket._sender._link !== null) tally[role].native--;
  });
  if (channels.close.hasSubscribers) {
    channels.close.publish({
      websocket,
      role,
      code: websocket._closeCode,
      reason: websocket._closeMessage
    });
  }
}

/**
 * A connection, or the attempt to make one, has failed.
 *
 * @param {WebSocket} websocket The WebSocket
 * @param {Error} error What is wrong
 */
function failed(websocket, error) {
  const code = error.code ?? 'OTHER';

  forEachTally(websocket, ({ errors }) =>
    errors.set(code, (errors.get(code) ?? 0) + 1)
  );
  if (channels.error.hasSubscribers) {
    channels.error.publish({ websocket, role: roleOf(websocket), error });
  }
}

module.exports = { closed, everything, failed, moved, opened, Tally };
