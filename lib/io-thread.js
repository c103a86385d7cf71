'use strict';

const binding = require('./binding');
const { CommandWriter } = require('./command-writer');
const { deliver, links, resumeDelivery } = require('./dispatcher');
const { COLUMNS, USUAL_EVENTS } = require('./events');

/**
 * The native I/O thread of this environment (the main thread or a worker), as
 * seen from JavaScript: started with the first connection, and then kept. What
 * links write is shown to it once per batch of messages or tick.
 */

// Words of the state that both threads share (src/engine/io_thread.h).
const IO_SLEEPING = 0;
const JS_BUSY = 1;

// Columns of a connection's row of figures (src/bridge/slot_table.h).
const ROW_COLUMNS = 8;
const ROWS_PER_PAGE = 512;

/** How long process.exit() waits for the I/O thread to write, in ms. */
const EXIT_FLUSH_TIMEOUT = 2000;

/** Whether the addon was built with the thread: there is none but for Linux. */
const isAvailable = binding.IoThread !== undefined;

const state = new Int32Array(2);
const pages = [];
const freeSlots = [];
let slotCount = 0;
let referenced = 0;
let thread = null;
let writer = null;
let flushScheduled = false;
let dispatching = false;

/**
 * Starts the thread, unless it runs already.
 *
 * @return {CommandWriter} The way to it
 * @throws {Error} If the system has no more threads or descriptors
 */
function start() {
  if (writer !== null) return writer;

  thread ??= new binding.IoThread(
    state,
    new Int32Array(USUAL_EVENTS * COLUMNS),
    (...args) => dispatch(deliver, args),
    () => dispatch(resumeDelivery, []),
    {}
  );
  writer = new CommandWriter(thread);
  // What send() accepted is written, as ws would have done within send().
  process.on('exit', flushAtExit);
  return writer;
}

/**
 * Runs listeners, then shows the I/O thread what they sent.
 *
 * @param {Function} run What to run
 * @param {Array} args Its arguments
 */
function dispatch(run, args) {
  dispatching = true;
  try {
    run(...args);
  } finally {
    dispatching = false;
    flush();
  }
}

/**
 * Shows the I/O thread everything written so far, and wakes it if it sleeps.
 */
function publish() {
  writer.publish();
  if (Atomics.exchange(state, IO_SLEEPING, 0) === 1) thread.wake();
}

/**
 * Does so at the end of a batch or a tick.
 */
function flush() {
  flushScheduled = false;
  Atomics.store(state, JS_BUSY, 0);
  publish();
}

/**
 * To be called after each command. The first one outside of a batch is shown
 * at once, so that it does not wait for whatever else the caller does before it
 * returns to the event loop; the others follow together at the end of the tick.
 */
function scheduleFlush() {
  if (dispatching || flushScheduled) return;

  flushScheduled = true;
  process.nextTick(flush);
  Atomics.store(state, JS_BUSY, 1);
  publish();
}

/**
 * Lets the I/O thread write what was sent before the process ends.
 */
function flushAtExit() {
  if (slotCount === freeSlots.length) return;

  writer.publish();
  thread.flushAndWait(EXIT_FLUSH_TIMEOUT);
}

/**
 * Duplicates a descriptor into the payload of an attach command.
 *
 * @param {...*} args As IoThread.prototype.attach() takes them
 * @return {Number} The new descriptor, or minus the system's error number
 */
function attach(...args) {
  return thread.attach(...args);
}

/**
 * Writes a reference to a payload that stays outside of the record.
 *
 * @param {...*} args As IoThread.prototype.reference() takes them
 * @return {Boolean} Whether there was memory for it
 */
function referencePayload(...args) {
  return thread.reference(...args);
}

/**
 * Takes a slot for a connection.
 *
 * @param {Object} link What the events of the slot are given to
 * @return {Number} The slot
 */
function allocateSlot(link) {
  let slot = freeSlots.pop();

  if (slot === undefined) {
    if (slotCount === pages.length * ROWS_PER_PAGE) {
      const page = new Float64Array(ROWS_PER_PAGE * ROW_COLUMNS);

      thread.addSlotPage(pages.length, page);
      pages.push(page);
    }

    slot = slotCount++;
  }

  figuresOf(slot).fill(0);
  links[slot] = link;
  return slot;
}

/**
 * Gives a slot back, after its last event.
 *
 * @param {Number} slot The slot
 */
function releaseSlot(slot) {
  links[slot] = null;
  freeSlots.push(slot);
}

/**
 * The row of figures that the I/O thread keeps for a connection.
 *
 * @param {Number} slot The slot
 * @return {Float64Array} The row
 */
function figuresOf(slot) {
  const start = (slot % ROWS_PER_PAGE) * ROW_COLUMNS;

  return pages[(slot / ROWS_PER_PAGE) | 0].subarray(start, start + ROW_COLUMNS);
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
    thread.setReferenced(referenced > 0);
  }
}

/** Columns for `readFigure()`. */
const Figure = {
  ACCEPTED_PLAIN: 0,
  ACCEPTED_COMPRESSED: 1,
  BACKLOG: 2,
  BYTES_READ: 3,
  BYTES_WRITTEN: 4
};

/**
 * The native side of the thread, for those who make payloads of commands.
 *
 * @return {Object} An `IoThread` of the addon, once it is started
 */
function getThread() {
  return thread;
}

module.exports = {
  Figure,
  allocateSlot,
  attach,
  publish,
  getThread,
  isAvailable,
  pendingBytes,
  readFigure,
  reference,
  referencePayload,
  releaseSlot,
  scheduleFlush,
  start
};
