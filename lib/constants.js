'use strict';

/** Whether this runtime has a global `Blob`. */
const hasBlob = typeof Blob === 'function';

module.exports = {
  /** The values that the `binaryType` of a WebSocket can take. */
  BINARY_TYPES: Object.freeze([
    'nodebuffer',
    'arraybuffer',
    'fragments',
    ...(hasBlob ? ['blob'] : [])
  ]),

  /** How long a closing handshake may take by default, in milliseconds. */
  CLOSE_TIMEOUT: 30 * 1000,

  /** The one empty `Buffer` that stands for every empty payload and reason. */
  EMPTY_BUFFER: Buffer.alloc(0),

  /** Appended to the client's key to compute the accept header (RFC 6455). */
  GUID: '258EAFA5-E914-47DA-95CA-C5AB0DC85B11',

  hasBlob,

  /** Marks a listener that was set through an `on<event>` attribute. */
  kForOnEventAttribute: Symbol('kForOnEventAttribute'),

  /** The user's function behind a listener made by `addEventListener()`. */
  kListener: Symbol('kListener'),

  /** The connection on the I/O thread below a socket of our own. */
  kLink: Symbol('kLink'),

  /** The close code to send to the peer because of an error. */
  kStatusCode: Symbol('kStatusCode'),

  /** The WebSocket that owns a socket. */
  kWebSocket: Symbol('kWebSocket'),

  /** Does nothing. */
  NOOP() {}
};
