'use strict';

/**
 * What native code reports, as src/bridge/event.h numbers it.
 */
module.exports = {
  TEXT: 0,
  BINARY: 1,
  PING: 2,
  PONG: 3,
  CLOSE_FRAME: 4,
  PROTOCOL_ERROR: 5,
  END: 6,
  SOCKET_ERROR: 7,
  ACK: 8,
  SHUTDOWN: 9,
  CLOSED: 10,
  RELEASED: 11,
  RAW: 12,
  UPGRADE: 32,
  LISTENER_CLOSED: 33,
  SECURE: 34,
  TLS_ERROR: 35,
  SESSION: 36,

  /** Set in an event's kind when it is the first of a read. */
  CHUNK_START: 0x100,
  KIND_MASK: 0xff,

  /** Words of an event record, and events that the usual array has room for. */
  COLUMNS: 7,
  USUAL_EVENTS: 2048
};
