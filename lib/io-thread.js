'use strict';

const binding = require('./binding');
const { CommandWriter } = require('./command-writer');
const { deliver, links, resumeDelivery } = require('./dispatcher');
const { COLUMNS, USUAL_EVENTS } = require('./events');

/**
 * The native I/O threads of this environment (the main thread or a worker), as
 * seen from JavaScript: one, started with the first connection, unless a server
 * asks for more. They are kept. What links write is shown to them once per batch
 * of messages or tick.
 */

// Words of the state that both sides share (src/engine/io_thread.h).
const IO_SLEEPING = 0;
const JS_BUSY = 1;

// Columns of a connection's row of figures (src/bridge/slot_table.h).
const ROW_COLUMNS = 8;
const ROWS_PER_PAGE = 512;

/** How long process.exit() waits for the I/O threads to write, in ms. */
const EXIT_FLUSH_TIMEOUT = 2000;

/** Whether the addon was built with the thread: there is none but for Linux. */
const isAvailable = binding.IoThread !== undefined;

/** Whether connections of Node's may move to it: the environment can forbid it. */
const isWanted = isAvailable && !process.env.BEASTWS_NO_IO_THREAD;

const threads = [];
const pages = [];
const freeSlots = [];
// The thread of each slot.
const owners = [];
let slotCount = 0;
let referenced = 0;
let flushScheduled = false;
let dispatching = false;
// When process.exit() waits no longer, in ms; 0 before that.
let exitDeadline = 0;

/** One of the threads. */
class IoThread {
  /**
   * Starts it.
   *
   * @throws {Error} If the system has no more threads or descriptors
   */
  constructor() {
    this.state = new Int32Array(2);
    this.slots = 0;
    this.native = new binding.IoThread(
      this.state,
      new Int32Array(USUAL_EVENTS * COLUMNS),
      (...args) => dispatch(this, deliver, args),
      () => dispatch(this, resumeDelivery, []),
      () => setImmediate(() => this.native.goOn()),
      {}
    );
    pages.forEach((page, index) => this.native.addSlotPage(index, page));
    this.writer = new CommandWriter(this.native, this);
  }

  /**
   * Shows it everything written so far, and wakes it for that if it sleeps.
   */
  publish() {
    if (!this.writer.publish()) return;
    if (Atomics.exchange(this.state, IO_SLEEPING, 0) === 1) this.native.wake();
  }
}

/**
 * Starts a thread, unless it runs already.
 *
 * @param {Number} [index=0] Which one; those before it are started, too
 * @return {CommandWriter} The way to it
 * @throws {Error} If the system has no more threads or descriptors
 */
function start(index = 0) {
  while (threads.length <= index) {
    threads.push(new IoThread());
    // What send() accepted is written, as ws would have done within send().
    if (threads.length === 1) process.on('exit', flushAtExit);
  }

  return threads[index].writer;
}

/**
 * Chooses the thread for a connection: the one that has the fewest.
 *
 * @param {Number} count How many threads there may be
 * @return {CommandWriter} The way to it
 * @throws {Error} If the system has no more threads or descriptors
 */
function choose(count) {
  if (count > threads.length) {
    try {
      start(count - 1);
    } catch (err) {
      // Those that there are do.
      if (threads.length === 0) throw err;
    }
  }

  let best = 0;

  for (let i = 1; i < count && i < threads.length; i++) {
    if (threads[i].slots < threads[best].slots) best = i;
  }

  return threads[best].writer;
}

/**
 * Runs listeners, then shows the I/O threads what they sent.
 *
 * @param {IoThread} thread Whose events they hear of
 * @param {Function} run What to run
 * @param {Array} args Its arguments
 */
function dispatch(thread, run, args) {
  dispatching = true;
  Atomics.store(thread.state, JS_BUSY, 1);
  try {
    run(...args);
  } finally {
    dispatching = false;
    flush();
  }
}

/**
 * Shows the I/O threads everything written so far, and wakes those that sleep.
 */
function publish() {
  for (let i = 0; i < threads.length; i++) threads[i].publish();
}

/**
 * Does so at the end of a batch or a tick.
 */
function flush() {
  flushScheduled = false;
  for (let i = 0; i < threads.length; i++) {
    Atomics.store(threads[i].state, JS_BUSY, 0);
    threads[i].publish();
  }
}

/**
 * To be called after each command. The first one outside of a batch is shown
 * at once, so that it does not wait for whatever else the caller does before it
 * returns to the event loop; the others follow together at the end of the tick.
 */
function scheduleFlush() {
  if (exitDeadline > 0) flushAndWait();
  if (dispatching || flushScheduled) return;

  flushScheduled = true;
  process.nextTick(flush);
  for (let i = 0; i < threads.length; i++) {
    Atomics.store(threads[i].state, JS_BUSY, 1);
    threads[i].publish();
  }
}

/**
 * Lets the I/O threads write what was sent before the process ends, also by
 * listeners of 'exit' that come later.
 */
function flushAtExit() {
  exitDeadline = Date.now() + EXIT_FLUSH_TIMEOUT;
  if (slotCount > freeSlots.length) flushAndWait();
}

/**
 * Has the I/O threads write, and waits for that until the deadline.
 */
function flushAndWait() {
  for (const { native, writer } of threads) {
    writer.publish();
    native.flushAndWait(Math.max(exitDeadline - Date.now(), 0));
  }
}

/**
 * Takes a slot for a connection.
 *
 * @param {Object} link What the events of the slot are given to
 * @param {CommandWriter} writer The way to its thread
 * @return {Number} The slot
 */
function allocateSlot(link, writer) {
  let slot = freeSlots.pop();

  if (slot === undefined) {
    if (slotCount === pages.length * ROWS_PER_PAGE) {
      const page = new Float64Array(ROWS_PER_PAGE * ROW_COLUMNS);

      // A connection may be any thread's.
      for (const { native } of threads) native.addSlotPage(pages.length, page);
      pages.push(page);
    }

    slot = slotCount++;
  }

  const page = pages[(slot / ROWS_PER_PAGE) | 0];
  const row = (slot % ROWS_PER_PAGE) * ROW_COLUMNS;

  page.fill(0, row, row + ROW_COLUMNS);
  links[slot] = link;
  owners[slot] = writer.owner;
  writer.owner.slots++;
  return slot;
}

/**
 * Gives a slot back, after its last event.
 *
 * @param {Number} slot The slot
 */
function releaseSlot(slot) {
  links[slot] = null;
  owners[slot].slots--;
  freeSlots.push(slot);
}

/**
 * Reads one of the figures.
 *
 * @param {Number} slot The slot
 * @param {Number} column A value of `Figure`
 * @return {Number} Its value
 */
function readFigure(slot, column) {
  return pages[(slot / ROWS_PER_PAGE) | 0][
    (slot % ROWS_PER_PAGE) * ROW_COLUMNS + column
  ];
}

/**
 * Reads all of them.
 *
 * @param {Number} slot The slot
 * @return {Number[]} Their values, by `Figure`
 */
function readFigures(slot) {
  return [
    readFigure(slot, Figure.ACCEPTED_PLAIN),
    readFigure(slot, Figure.ACCEPTED_COMPRESSED),
    readFigure(slot, Figure.BACKLOG),
    readFigure(slot, Figure.BYTES_READ),
    readFigure(slot, Figure.BYTES_WRITTEN),
    readFigure(slot, Figure.PUBLISHED)
  ];
}

/**
 * What the kernel has not taken yet of all that was sent.
 *
 * @return {Number} The bytes of all connections
 */
function pendingBytes() {
  let bytes = 0;

  for (let slot = 0; slot < slotCount; slot++) {
    // Listeners have another number there.
    if (links[slot]?.isConnection) bytes += readFigure(slot, Figure.BACKLOG);
  }

  return bytes;
}

/**
 * Counts what keeps the event loop alive.
 *
 * @param {Number} change 1 or -1
 */
function reference(change) {
  const before = referenced;

  referenced += change;
  if (before === 0 || referenced === 0) {
    // One of them is enough.
    threads[0].native.setReferenced(referenced > 0);
  }
}

/** Columns for `readFigure()`. */
const Figure = {
  ACCEPTED_PLAIN: 0,
  ACCEPTED_COMPRESSED: 1,
  BACKLOG: 2,
  BYTES_READ: 3,
  BYTES_WRITTEN: 4,
  PUBLISHED: 5
};

/**
 * The native sides of the threads that are started.
 *
 * @return {Object[]} Each an `IoThread` of the addon
 */
function nativeThreads() {
  return threads.map(({ native }) => native);
}

module.exports = {
  Figure,
  allocateSlot,
  choose,
  isAvailable,
  isWanted,
  nativeThreads,
  pendingBytes,
  publish,
  readFigure,
  readFigures,
  reference,
  releaseSlot,
  scheduleFlush,
  start
};
