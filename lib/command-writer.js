'use strict';

/**
 * The way of commands to the I/O thread: records written into memory that it
 * reads in place (src/bridge/command_channel.h has the layout). A record is a
 * header of 16 bytes (kind and flags, slot, length of the payload, number to
 * acknowledge) and a payload that is padded to 8 bytes.
 */

/** What a command does, as src/bridge/command.h numbers it. */
const Command = {
  SKIP: 0,
  ATTACH: 1,
  DATA: 2,
  CONTROL: 3,
  RAW: 4,
  PAUSE: 5,
  RESUME: 6,
  SHUTDOWN: 7,
  DESTROY: 8,
  LIMITS: 9,
  NO_DELAY: 10,
  KEEP_ALIVE: 11,
  TAP: 12,
  LISTEN: 32,
  CLOSE_LISTENER: 33,
  ADOPT: 34,
  BEGIN: 35,
  SECURE_CONTEXT: 36,
  CONNECT: 37,
  SUBSCRIBE: 64,
  UNSUBSCRIBE: 65,
  PUBLISH: 66
};

const Flag = {
  FIN: 1 << 8,
  COMPRESS: 1 << 9,
  MASKED: 1 << 10,
  TEXT: 1 << 11,
  HAS_MASK: 1 << 12,
  LENT: 1 << 13,
  OWNED: 1 << 14,
  ON: 1 << 15,
  RESET: 1 << 16,
  CONTINUATION: 1 << 17,
  QUEUED: 1 << 18,
  OPCODE_SHIFT: 24
};

/**
 * The flags of a data frame.
 *
 * @param {Object} options `opcode`, `fin`, `mask` and `compress`
 * @return {Number} The flags
 */
function dataFlags({ opcode, fin, mask, compress }) {
  return (
    (opcode === 1 ? Flag.TEXT : opcode === 0 ? Flag.CONTINUATION : 0) |
    (fin ? Flag.FIN : 0) |
    (mask ? Flag.MASKED : 0) |
    (compress ? Flag.COMPRESS : 0)
  );
}

const CHUNK_SIZE = 256 * 1024;
const CHUNK_HEADER = 16;
const RECORD_HEADER = 16;

// Words of a chunk's header.
const PUBLISHED = 0;
const WRITTEN = 1;
const SEALED = 2;

/** The largest payload that is written into a record. */
const MAX_INLINE = CHUNK_SIZE - CHUNK_HEADER - RECORD_HEADER - 16;

/** One piece of the memory, with the views that are needed of it. */
class Chunk {
  /**
   * @param {Number} id The number by which native code calls it
   */
  constructor(id) {
    const memory = new ArrayBuffer(CHUNK_SIZE);

    this.id = id;
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /**
   * Makes the chunk empty, before native code sees it (again).
   */
  reset() {
    Atomics.store(this.words, SEALED, 0);
    Atomics.store(this.words, WRITTEN, CHUNK_HEADER);
    Atomics.store(this.words, PUBLISHED, CHUNK_HEADER);
  }
}

/** Writes commands; the I/O thread sees them after `publish()`. */
class CommandWriter {
  /**
   * @param {Object} native The `IoThread` of the addon
   * @param {IoThread} owner What JavaScript knows of that thread
   */
  constructor(native, owner) {
    this.native = native;
    this.owner = owner;
    this._chunks = [];
    this._chunk = null;
    this._offset = 0;
    this._isFresh = false;
    this._nextChunk();
  }

  /**
   * The memory that the last record is in.
   *
   * @type {Buffer}
   */
  get bytes() {
    return this._chunk.bytes;
  }

  /**
   * The same memory as words of 32 bits.
   *
   * @type {Int32Array}
   */
  get words() {
    return this._chunk.words;
  }

  /**
   * The same memory as doubles.
   *
   * @type {Float64Array}
   */
  get doubles() {
    return this._chunk.doubles;
  }

  /**
   * Starts a record. `end()` must follow before anything else.
   *
   * @param {Number} kind The command and its flags
   * @param {Number} slot The connection
   * @param {Number} room The most bytes that the payload can have, up to
   *     MAX_INLINE
   * @param {Number} ack The number to acknowledge, or 0
   * @return {Number} Where the payload goes in `bytes`
   */
  begin(kind, slot, room, ack) {
    if (this._offset + RECORD_HEADER + room + 8 > CHUNK_SIZE) {
      this._nextChunk();
    }

    const words = this._chunk.words;
    const word = this._offset >> 2;

    words[word] = kind;
    words[word + 1] = slot;
    words[word + 3] = ack;
    return this._offset + RECORD_HEADER;
  }

  /**
   * Ends the record that was begun.
   *
   * @param {Number} length The length of its payload in bytes
   */
  end(length) {
    this._chunk.words[(this._offset >> 2) + 2] = length;
    this._offset += RECORD_HEADER + ((length + 7) & ~7);
    this._isFresh = true;
    Atomics.store(this._chunk.words, WRITTEN, this._offset);
  }

  /**
   * Shows the I/O thread all records that have been ended.
   *
   * @return {Boolean} Whether there are any since the last time
   */
  publish() {
    if (!this._isFresh) return false;

    this._isFresh = false;
    Atomics.store(this._chunk.words, PUBLISHED, this._offset);
    return true;
  }

  /**
   * Goes on in another chunk: one that has been read, or a new one.
   */
  _nextChunk() {
    if (this._chunk !== null) {
      // Nobody is woken for it yet.
      Atomics.store(this._chunk.words, PUBLISHED, this._offset);
      Atomics.store(this._chunk.words, SEALED, 1);
    }

    const free = this.native.takeFreeChunk();
    const isNew = free === -1;
    const chunk = isNew ? new Chunk(this._chunks.length) : this._chunks[free];

    chunk.reset();
    // This can fail, and is then tried again.
    this.native.addChunk(chunk.id, chunk.bytes, isNew);
    if (isNew) this._chunks.push(chunk);
    this._chunk = chunk;
    this._offset = CHUNK_HEADER;
  }
}

module.exports = { Command, CommandWriter, Flag, MAX_INLINE, dataFlags };
