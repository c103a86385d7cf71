'use strict';

const { Inflater } = require('./inflate');
const { RSV1, applyMask, describe } = require('./frames');

/**
 * Reads what the module under test sends, checks it against the rules every
 * sender has to keep, and writes it down line by line. A broken rule is a line
 * of its own, which no expectation contains.
 */
class WireReader {
  /**
   * @param {Object} options What was negotiated
   * @param {Boolean} options.masked Whether the sender has to mask
   * @param {Object} [options.deflate] The parameters of permessage-deflate in
   *     this direction: `bits` and `takeover`
   * @param {Function} [options.onClose] Called with the payload of a close frame
   */
  constructor({ masked, deflate, onClose }) {
    this.masked = masked;
    this.inflater = deflate
      ? new Inflater(deflate.bits, deflate.takeover)
      : undefined;
    this.onClose = onClose;
    this.lines = [];
    this.keys = new Set();
    this.buffer = Buffer.alloc(0);
    this.message = undefined;
    this.closed = false;
  }

  /**
   * Takes bytes from the socket.
   *
   * @param {Buffer} chunk The bytes
   */
  push(chunk) {
    this.buffer =
      this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    while (this.readFrame());
  }

  /**
   * Notes how the stream ended.
   *
   * @param {String} how `'FIN'` or the code of the error
   */
  end(how) {
    if (this.buffer.length > 0) {
      this.violation(`${this.buffer.length} bytes of an unfinished frame`);
    }
    this.lines.push(how);
  }

  /**
   * Notes a broken rule.
   *
   * @param {String} rule What is wrong
   */
  violation(rule) {
    this.lines.push(`VIOLATION ${rule}`);
  }

  /**
   * Takes one frame out of the buffer.
   *
   * @return {Boolean} Whether there was a whole one
   */
  readFrame() {
    const { buffer } = this;
    if (buffer.length < 2) return false;

    const masked = (buffer[1] & 0x80) !== 0;
    let length = buffer[1] & 0x7f;
    let offset = 2;

    if (length === 126) {
      if (buffer.length < 4) return false;
      length = buffer.readUInt16BE(2);
      offset = 4;
    } else if (length === 127) {
      if (buffer.length < 10) return false;
      length = Number(buffer.readBigUInt64BE(2));
      offset = 10;
    }

    const start = offset + (masked ? 4 : 0);
    if (buffer.length < start + length) return false;

    const key = buffer.subarray(offset, start);
    const data = buffer.subarray(start, start + length);
    this.buffer = buffer.subarray(start + length);
    if (masked) this.keys.add(key.toString('hex'));
    if (length < { 2: 0, 4: 126, 10: 65536 }[offset]) {
      this.violation('5.2: the length is not minimal');
    }
    if (masked !== this.masked) {
      this.violation(
        this.masked
          ? '5.1: a client frame is not masked'
          : '5.1: a server frame is masked'
      );
    }

    this.take({
      opcode: buffer[0] & 0x0f,
      fin: (buffer[0] & 0x80) !== 0,
      rsv: (buffer[0] >> 4) & 7,
      payload: masked ? applyMask(data, key) : data
    });
    return true;
  }

  /**
   * Checks a frame and writes it down.
   *
   * @param {Object} frame The frame
   */
  take(frame) {
    if (this.closed) this.violation('5.5.1: a frame after the close frame');

    if (frame.opcode < 8) {
      this.takeData(frame);
      return;
    }

    if (!frame.fin) this.violation('5.5: a fragmented control frame');
    if (frame.payload.length > 125) this.violation('5.5: a long control frame');
    if (frame.opcode > 10) this.violation('5.2: a reserved opcode');

    this.lines.push(describe(frame));

    if (frame.opcode === 8) {
      this.closed = true;
      if (this.onClose) this.onClose(frame.payload);
    }
  }

  /**
   * Checks a data frame and writes it down; a compressed message is written
   * down when it is complete.
   *
   * @param {Object} frame The frame
   */
  takeData(frame) {
    if (frame.opcode > 2) this.violation('5.2: a reserved opcode');
    if ((frame.opcode === 0) === (this.message === undefined)) {
      this.violation('5.4: a continuation without a start or the reverse');
    }

    if (frame.opcode !== 0 || this.message === undefined) {
      this.message = {
        opcode: frame.opcode,
        inflated:
          this.inflater !== undefined && (frame.rsv & RSV1) !== 0
            ? 0
            : undefined,
        parts: []
      };
    } else if (frame.rsv !== 0) {
      this.violation('7692 6.1: a reserved bit on a continuation frame');
    }

    const { message } = this;
    message.parts.push(frame.payload);
    if (message.inflated === undefined) this.lines.push(describe(frame));
    else message.inflated++;

    if (!frame.fin) return;
    this.message = undefined;
    if (message.inflated !== undefined) this.inflate(message);
  }

  /**
   * Writes a compressed message down.
   *
   * @param {Object} message Its opcode, frames and number of frames
   */
  inflate({ opcode, inflated, parts }) {
    try {
      const payload = this.inflater.message(Buffer.concat(parts));
      this.lines.push(describe({ opcode, payload, fin: true, inflated }));
    } catch (err) {
      this.violation(`7692 7.2.1: ${err.message}`);
    }
  }
}

module.exports = { WireReader };
