'use strict';

const { EMPTY_BUFFER } = require('./constants');
const {
  BINARY,
  CHUNK_START,
  CLOSE_FRAME,
  COLUMNS,
  KIND_MASK,
  RELEASED
} = require('./events');
const loans = require('./loans');

/**
 * Walks batches of events and gives each to the link of its connection. The
 * hot path of the package: no closures, no allocation but the Buffers.
 */

const FastBuffer = Buffer[Symbol.species];

/** The connections of this environment, by slot. */
const links = [];

/** Batches under way; more than one while a listener threw. */
let batch = null;

/**
 * Delivers a batch (src/addon/batch_exporter.h).
 *
 * @param {Number} count The number of events
 * @param {Int32Array} records Their records
 * @param {(ArrayBuffer|undefined)} buffer What holds their payloads
 * @param {Number} base Where in `buffer` they begin, in bytes
 * @param {(ArrayBuffer[]|undefined)} large The large payloads
 */
function deliver(count, records, buffer, base, large) {
  batch = { next: 0, count, records, buffer, base, large };
  resumeDelivery();
}

/**
 * Goes on after the event whose listener threw.
 */
function resumeDelivery() {
  if (batch === null) return;

  const current = batch;
  const { count, records, buffer, base, large } = current;

  while (current.next < count) {
    const at = current.next++ * COLUMNS;
    const kind = records[at + 1] & KIND_MASK;

    if (kind === RELEASED) {
      loans.giveBack(records[at + 4]);
      continue;
    }

    const link = links[records[at]];
    const length = records[at + 3];
    let data = EMPTY_BUFFER;

    if (length > 0) {
      data =
        records[at + 6] < 0
          ? new FastBuffer(buffer, base + records[at + 2], length)
          : new FastBuffer(large[records[at + 6]], 0, length);
    }

    if (kind > BINARY) {
      link.onEvent(
        kind,
        (records[at + 1] & CHUNK_START) !== 0,
        kind === CLOSE_FRAME && length > 0 ? Buffer.from(data) : data,
        records[at + 4],
        records[at + 5]
      );
      continue;
    }

    const fragments = records[at + 4];

    link.onMessage(
      kind === BINARY,
      (records[at + 1] & CHUNK_START) !== 0,
      data,
      fragments === 0
        ? null
        : readSizes(
            buffer,
            base + records[at + 2] + (records[at + 6] < 0 ? length : 0),
            fragments
          )
    );
  }

  batch = null;
}

/**
 * Reads the sizes of a message's fragments, which follow its payload.
 *
 * @param {ArrayBuffer} buffer Where they are
 * @param {Number} offset Their position in bytes
 * @param {Number} count How many there are
 * @return {Uint32Array} The sizes in bytes
 */
function readSizes(buffer, offset, count) {
  return new Uint32Array(buffer.slice(offset, offset + count * 4));
}

module.exports = { deliver, links, resumeDelivery };
