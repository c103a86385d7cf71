'use strict';

const zlib = require('node:zlib');

const { EMPTY_BUFFER, kStatusCode } = require('./constants');

/**
 * One direction of the extension: a zlib stream that is opened when it is first
 * needed, and the operations that go through it one after the other.
 */
class Codec {
  /**
   * @param {String} name What to call the stream in errors
   * @param {Function} open Returns a new zlib stream
   */
  constructor(name, open) {
    this.name = name;
    this.open = open;
    this.stream = null;
    this.operations = [];
    this.chunks = [];
    this.length = 0;
  }

  /**
   * Adds an operation.
   *
   * @param {Object} operation The operation
   * @param {(Buffer|String)[]} operation.inputs What to write to the stream
   * @param {Number} operation.maxLength How many bytes may come out; 0 stands
   *     for any number
   * @param {Boolean} operation.resets Whether to forget the data afterwards, so
   *     that the next operation starts with an empty window
   * @param {Function} operation.callback Called with an error or `null`, and with
   *     the `Buffer` that came out
   * @throws {Error} If zlib does not accept its options
   */
  run(operation) {
    this.stream ??= this.openStream();
    this.operations.push(operation);
    if (this.operations.length === 1) this.start();
  }

  /**
   * Opens a stream.
   *
   * @return {zlib.Zlib} The stream
   * @throws {Error} If zlib does not accept its options
   */
  openStream() {
    const stream = this.open();

    stream.on('data', (chunk) => {
      if (stream === this.stream) this.collect(chunk);
    });
    stream.on('error', (err) => {
      err[kStatusCode] = 1007;
      if (stream === this.stream) this.close(err);
    });

    return stream;
  }

  /**
   * Starts the first operation.
   */
  start() {
    const { stream } = this;

    for (const input of this.operations[0].inputs) stream.write(input);

    stream.flush(zlib.constants.Z_SYNC_FLUSH, () => {
      // A stream that was closed calls back as well.
      if (stream === this.stream) this.finish();
    });
  }

  /**
   * Keeps what comes out of the stream.
   *
   * @param {Buffer} chunk The data
   */
  collect(chunk) {
    const { maxLength } = this.operations[0];

    this.chunks.push(chunk);
    this.length += chunk.length;

    if (maxLength > 0 && this.length > maxLength) {
      const err = new RangeError('Max payload size exceeded');

      err.code = 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
      err[kStatusCode] = 1009;
      this.close(err);
    }
  }

  /**
   * Ends the first operation and starts the next one.
   */
  finish() {
    const { callback, resets } = this.operations.shift();
    const result = this.takeOutput();

    // The peer may end its compressed data for good, and go on with new data.
    if (this.stream.readableEnded) this.closeStream();
    else if (resets) this.stream.reset();

    if (this.operations.length > 0) {
      this.stream ??= this.openStream();
      this.start();
    }

    callback(null, result);
  }

  /**
   * Takes away what has come out so far.
   *
   * @return {Buffer} The data
   */
  takeOutput() {
    const { chunks, length } = this;

    this.chunks = [];
    this.length = 0;

    if (chunks.length === 0) return EMPTY_BUFFER;
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
  }

  /**
   * Closes the stream.
   */
  closeStream() {
    this.stream.close();
    this.stream = null;
  }

  /**
   * Closes the stream, if there is one, and ends all operations. A later
   * operation opens a new stream.
   *
   * @param {Error} [err] What to tell the callbacks, by default that the stream
   *     was closed
   */
  close(err) {
    if (this.stream === null) return;

    const { operations } = this;

    this.operations = [];
    this.takeOutput();
    this.closeStream();

    for (const { callback } of operations) {
      callback(
        err ??
          new Error(
            `The ${this.name} stream was closed while data was being processed`
          )
      );
    }
  }
}

module.exports = Codec;
