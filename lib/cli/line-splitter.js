'use strict';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * Cuts a stream of bytes into lines. It looks for the byte of a line feed, which
 * is part of no other character in UTF-8, so characters that arrive in pieces
 * stay whole.
 */
class LineSplitter {
  /**
   * @param {Number} [maxLine=Infinity] How many bytes a line may have
   */
  constructor(maxLine = Infinity) {
    this._maxLine = maxLine;
    this._pieces = [];
    this._length = 0;
  }

  /**
   * Takes what has arrived.
   *
   * @param {Buffer} chunk The bytes
   * @yields {Buffer} Each line that is complete, without its end
   * @throws {RangeError} If a line is too long, behind the lines before it
   */
  *push(chunk) {
    let start = 0;

    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);

      if (this._length + piece.length > this._maxLine) {
        throw new RangeError(`a line is longer than ${this._maxLine} bytes`);
      }
      if (piece.length > 0) this._pieces.push(piece);
      this._length += piece.length;
      if (end === -1) return;

      yield this._take();
      start = end + 1;
    }
  }

  /**
   * Ends the stream.
   *
   * @return {(Buffer|null)} What is left, a line without an end
   */
  end() {
    return this._length > 0 ? this._take() : null;
  }

  /**
   * Takes the line that has been collected.
   *
   * @return {Buffer} The line
   * @private
   */
  _take() {
    const [first] = this._pieces;
    const line =
      this._pieces.length === 1 ? first : Buffer.concat(this._pieces);

    this._pieces = [];
    this._length = 0;
    return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
  }
}

module.exports = LineSplitter;
