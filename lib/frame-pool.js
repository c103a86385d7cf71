'use strict';

const net = require('node:net');

/**
 * Memory for outgoing frames, as Node.js has it for small Buffers. While the
 * messages of one read are emitted, the answers to all but the last wait in it
 * for each other: one write of the socket instead of one for each frame, which
 * costs more than everything else that is done for a small message. There is
 * nobody who can see the difference: whatever looks at the socket, writes to it
 * or ends it by itself has what waits written first.
 */

const POOL_SIZE = 64 * 1024;

/** What waits is at most that much, in bytes. */
const MAX_WAITING = 32 * 1024;

/** For how long it may wait for listeners, in ms. */
const MAX_PATIENCE = 1;

/**
 * After listeners took longer nothing waits for one read; if they do so again,
 * for twice as many each time, up to this.
 */
const MAX_PENANCE = 256;

const FastBuffer = Buffer[Symbol.species];

/** What is known about the listeners of a socket's messages. */
const kPatience = Symbol('kPatience');

/** What ends or uses a socket behind our back. */
const WATCHED = ['write', 'end', 'destroy'];

let pool = Buffer.allocUnsafeSlow(POOL_SIZE);
let memory = pool.buffer;
let used = 0;

// The socket whose messages are being emitted, with more to come.
let gathering = null;

// The socket with frames that wait, in the pool from `start` to `used`, and
// since when.
let holder = null;
let start = 0;
let since = 0;

let watchesExit = false;

/**
 * Has room for a frame at the end of the pool.
 *
 * @param {stream.Writable} socket Whose frame
 * @param {Number} length Its length in bytes, at most half of the pool's
 * @return {Number} Where in the pool it goes
 */
function reserve(socket, length) {
  if (holder !== null && holder !== socket) flush();
  if (used + length > POOL_SIZE) {
    flush();
    pool = Buffer.allocUnsafeSlow(POOL_SIZE);
    memory = pool.buffer;
    used = 0;
  }
  return used;
}

/**
 * Writes a frame that is in the room that was reserved, or has it wait.
 *
 * @param {stream.Writable} socket Where to
 * @param {Number} size Its size in bytes
 * @param {Function} [cb] Called when it is written
 */
function write(socket, size, cb) {
  if (gathering !== socket || typeof cb === 'function') {
    writeNow(socket, size, cb);
    return;
  }

  if (holder === null) {
    holder = socket;
    start = used;
    since = Date.now();
  }
  used += size;
  if (used - start >= MAX_WAITING) flush();
}

/**
 * Writes a frame that is in the room that was reserved, behind what waits.
 *
 * @param {stream.Writable} socket Where to
 * @param {Number} size Its size in bytes
 * @param {Function} [cb] Called when it is written
 */
function writeNow(socket, size, cb) {
  const from = holder === socket ? start : used;

  holder = null;
  used += size;
  socket.write(new FastBuffer(memory, from, used - from), cb);
}

/**
 * Writes what waits.
 */
function flush() {
  if (holder === null) return;

  const socket = holder;

  holder = null;
  socket.write(new FastBuffer(memory, start, used - start));
}

/**
 * Writes what waits for a socket.
 *
 * @param {stream.Writable} socket The socket
 */
function flushFor(socket) {
  if (holder === socket) flush();
}

/**
 * Has frames of a socket wait from now on.
 *
 * @param {stream.Writable} socket The socket
 * @return {(stream.Writable|null)} What `release()` takes
 */
function gather(socket) {
  const outer = gathering;
  const patience = (socket[kPatience] ??= watch(socket));

  if (patience.penance > 0) {
    patience.penance--;
    gathering = null;
  } else {
    if (!patience.lost) patience.next = 1;
    patience.lost = false;
    gathering = socket;
  }
  if (!watchesExit) {
    watchesExit = true;
    process.on('exit', () => release(null));
  }
  return outer;
}

/**
 * The next listener is about to be called: what has waited for long does so no
 * more.
 *
 * @param {stream.Writable} socket The socket whose frames wait
 */
function checkPatience(socket) {
  if (holder !== socket || Date.now() - since <= MAX_PATIENCE) return;

  const patience = socket[kPatience];

  patience.lost = true;
  patience.penance = patience.next;
  patience.next = Math.min(patience.next * 2, MAX_PENANCE);
  gathering = null;
  flush();
}

/**
 * The last listener is about to be called: what waits goes out with the first
 * frame that it sends.
 *
 * @param {(stream.Writable|null)} outer What `gather()` returned
 */
function stop(outer) {
  gathering = outer;
}

/**
 * Has frames wait no longer.
 *
 * @param {(stream.Writable|null)} outer What `gather()` returned
 */
function release(outer) {
  gathering = outer;
  flush();
}

/**
 * Has what waits written before anybody else uses the socket.
 *
 * @param {stream.Writable} socket The socket
 * @return {Object} For how many reads nothing waits; for how many the next time;
 *     whether it took too long when something did
 */
function watch(socket) {
  if (
    !(socket instanceof net.Socket) ||
    WATCHED.some((name) => Object.hasOwn(socket, name))
  ) {
    return { penance: Infinity, next: Infinity, lost: false };
  }

  for (const name of WATCHED) {
    Object.defineProperty(socket, name, {
      configurable: true,
      value: watched[name],
      writable: true
    });
  }
  return { penance: 0, next: 1, lost: false };
}

/** The methods of a socket that is watched. */
const watched = {
  write(chunk, encoding, cb) {
    if (holder === this) flush();
    return Object.getPrototypeOf(this).write.call(this, chunk, encoding, cb);
  },
  end(chunk, encoding, cb) {
    if (holder === this) flush();
    return Object.getPrototypeOf(this).end.call(this, chunk, encoding, cb);
  },
  destroy(err, cb) {
    if (holder === this) flush();
    return Object.getPrototypeOf(this).destroy.call(this, err, cb);
  }
};

module.exports = {
  MAX_FRAME: POOL_SIZE / 2,
  checkPatience,
  flushFor,
  gather,
  release,
  reserve,
  stop,
  write,
  writeNow,

  /**
   * The pool, as it is behind `reserve()`.
   *
   * @type {Buffer}
   */
  get pool() {
    return pool;
  }
};
