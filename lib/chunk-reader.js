'use strict';

const {
  InlineSession: { receive, setMemory }
} = require('./binding');
const { EMPTY_BUFFER } = require('./constants');
const { BINARY, COLUMNS, KIND_MASK } = require('./events');

/**
 * Has a session on JavaScript's thread read a chunk. What is usual (messages in
 * one piece, pings and pongs) comes as rows of numbers and payloads in a pool,
 * all in memory that is there already; what is not comes behind as events.
 */

const FastBuffer = Buffer[Symbol.species];

/** Where payloads of small messages go; one that is kept pins all of it. */
const POOL_SIZE = 64 * 1024;
let pool = null;
let memory = null;

// The number by which sessions know all this.
let number;

/** A row (src/bridge/row_writer.h): kind, offset in the pool, length. */
const ROW = 3;

/**
 * The rows, behind two numbers: how much of the pool is used, and where the next
 * row goes. That is behind the rows that are being emitted, since listeners can
 * cause nested reads.
 */
const USED = 0;
const FREE = 1;
const FIRST = 2;
const ROWS = 2048;
const rows = new Int32Array(FIRST + ROWS * ROW);

rows[FREE] = FIRST;
renew();

// What is no row.
let rest = null;

/** Has what is read from now on go to another pool. */
function renew() {
  pool = Buffer.allocUnsafeSlow(POOL_SIZE);
  memory = pool.buffer;
  rows[USED] = 0;
  number = setMemory(rows, pool, number);
}

/**
 * Reads a chunk.
 *
 * @param {Number} session The number of the session
 * @param {Buffer} chunk The bytes
 * @return {Number} How many rows there are
 */
function read(session, chunk) {
  // Views that start at multiples of 8 can be looked at as any typed array.
  const used = (rows[USED] + 7) & ~7;

  rows[USED] = used;
  // A message whose memory is given to another thread takes the pool along.
  if (
    (used > 0 && used + chunk.length > POOL_SIZE) ||
    pool.length !== POOL_SIZE
  ) {
    renew();
  }

  const result = receive(session, chunk);

  if (typeof result === 'number') return result;

  takeEvents(result);
  return result[0];
}

/**
 * Takes the events behind the rows.
 *
 * @param {Array} result The number of rows, and what src/addon/batch_exporter.h
 *     has: the number of events, their records, the ArrayBuffer that holds their
 *     payloads, where in it they begin, and an array of large payloads
 */
function takeEvents([, count, records, buffer, base, large]) {
  rest = [];
  for (let at = 0; at < count * COLUMNS; at += COLUMNS) {
    const kind = records[at + 1] & KIND_MASK;
    const length = records[at + 3];
    const offset = base + records[at + 2];
    const isLarge = records[at + 6] >= 0;
    let data = EMPTY_BUFFER;
    let a = records[at + 4];

    if (length > 0) {
      data = isLarge
        ? new FastBuffer(large[records[at + 6]], 0, length)
        : new FastBuffer(buffer, offset, length);
    }
    if (kind <= BINARY) {
      const sizes = offset + (isLarge ? 0 : length);

      a = a > 0 ? new Uint32Array(buffer.slice(sizes, sizes + a * 4)) : null;
    }

    rest.push({ kind, data, a, b: records[at + 5] });
  }
  // Perhaps there was no room for them: the next chunk gets a new pool.
  rows[USED] = POOL_SIZE;
}

/**
 * @return {(Object[]|null)} What is behind the rows of the last chunk
 */
function takeRest() {
  const events = rest;

  rest = null;
  return events;
}

/**
 * @return {Number} Where the rows of the next chunk begin
 */
function begin() {
  return rows[FREE];
}

/**
 * Keeps rows until their end is given to `free()`.
 *
 * @param {Number} end Where they end
 * @return {ArrayBuffer} What holds their payloads
 */
function keep(end) {
  rows[FREE] = end;
  return memory;
}

/**
 * @param {Number} first Where rows begin that are needed no more
 */
function free(first) {
  rows[FREE] = first;
}

/**
 * @param {ArrayBuffer} buffer What holds the payloads
 * @param {Number} at Where a row is
 * @return {Buffer} Its payload
 */
function payload(buffer, at) {
  const length = rows[at + 2];

  return length === 0
    ? EMPTY_BUFFER
    : new FastBuffer(buffer, rows[at + 1], length);
}

/**
 * Makes an event of each row.
 *
 * @param {ArrayBuffer} buffer What holds the payloads
 * @param {Number} at Where the first row is
 * @param {Number} end Where the last one ends
 * @param {Fifo} events What they are added to
 */
function addEvents(buffer, at, end, events) {
  for (; at < end; at += ROW) {
    const data = payload(buffer, at);

    events.push({ kind: rows[at], data, a: null, b: 0 });
  }
}

module.exports = {
  ROW,
  addEvents,
  begin,
  free,
  keep,
  payload,
  read,
  rows,
  takeRest,

  /** What sessions that are read are made with. */
  memory: number
};
