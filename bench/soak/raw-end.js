'use strict';

const { randomBytes } = require('crypto');
const net = require('net');

const { HIGH_WATER, LONGEST, PINGS } = require('./end');
const { FrameReader, writeFrame } = require('./raw-frames');
const { mix, Random } = require('./random');
const { pathOf } = require('./plan');

/**
 * A client that speaks the protocol over plain TCP by itself, in all the ways
 * that a library would not: in crumbs, and with endings of its own.
 */
class RawEnd {
  /**
   * @param {Object} plan Its plan
   * @param {String} address The server's, a `ws:` URL
   * @param {World} world What the process shares
   */
  constructor(plan, address, world) {
    this.plan = plan;
    this.world = world;
    this.random = new Random(mix(plan.seed, 10));
    this.begun = Date.now();
    this.sent = 0;
    this.received = 0;
    this.unanswered = 0;
    this.over = false;
    this.code = 1006;
    this.reason = '';
    this.errors = [];
    this.parts = [];
    this.reader = new FrameReader((frame) => this.takeFrame(frame));
    this.head = Buffer.alloc(0);

    const { port } = new URL(address);
    this.socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.setNoDelay(true);
    this.socket.on('connect', () => this.greet());
    this.socket.on('data', (chunk) => this.takeBytes(chunk));
    this.socket.on('error', (err) => this.errors.push(err.code));
    this.socket.on('end', () => this.socket.end());
    this.ended = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.over = true;
        this.report();
        resolve();
      });
    });
  }

  /** Whether something may be sent. */
  get open() {
    return !this.over && this.socket.writable;
  }

  /** Asks for an upgrade. */
  greet() {
    const key = randomBytes(16).toString('base64');
    this.socket.write(
      `GET ${pathOf(this.plan)} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
        'Connection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`
    );
  }

  /**
   * Takes bytes.
   *
   * @param {Buffer} chunk The bytes
   */
  takeBytes(chunk) {
    if (this.head === null) {
      this.reader.push(chunk);
      return;
    }
    this.head = Buffer.concat([this.head, chunk]);
    const end = this.head.indexOf('\r\n\r\n');
    if (end === -1) return;
    const rest = this.head.subarray(end + 4);
    if (!this.head.toString('latin1').startsWith('HTTP/1.1 101 ')) {
      this.blame(`the answer is ${this.head.toString('latin1', 0, 40)}`);
    }
    this.head = null;
    this.run();
    this.reader.push(rest);
  }

  /** Sends everything, and ends the connection if that is this end's part. */
  async run() {
    const { closer, code, counts, reason, way } = this.plan;

    if (['reset', 'vanish', 'deaf'].includes(way)) {
      this.world.after(this.random.below(1500), () => this.leave());
    }
    while (this.open && this.sent < counts[0]) {
      if (this.world.finishing || Date.now() - this.begun > LONGEST) break;
      for (let left = 1 + this.random.below(4); left > 0; left--) {
        if (this.open && this.sent < counts[0]) this.send();
      }
      await this.world.sleep(this.random.below(60));
      while (this.open && this.socket.writableLength > HIGH_WATER) {
        await this.world.sleep(20);
      }
    }
    if (!this.open) return;
    if (way === 'close' && closer === 0) this.close(code, reason);
    else if (way === 'fin') this.socket.end();
  }

  /** Ends the connection without ceremony. */
  leave() {
    const { socket } = this;
    if (this.over) return;
    if (this.plan.way === 'reset') {
      socket.resetAndDestroy();
    } else if (this.plan.way === 'vanish') {
      // What is written behind this counts as unsent.
      this.over = true;
      socket.write(
        writeFrame(2, Buffer.alloc(9000), this.random).subarray(0, 99)
      );
      socket.destroySoon();
    } else {
      socket.pause();
      this.world.after(1000 + this.random.below(1000), () => socket.destroy());
    }
  }

  /** Sends the next message, in crumbs. */
  send() {
    const { random } = this;
    const message = this.world.payloads.message(this.plan, 0, this.sent++);
    const { bytes } = message;
    const frames = [];
    let at = 0;

    for (let left = random.below(6); left > 0; left--) {
      const end = at + random.below(bytes.length - at + 1);
      const opcode = frames.length ? 0 : message.binary ? 2 : 1;
      frames.push(
        writeFrame(opcode, bytes.subarray(at, end), random, { fin: false })
      );
      // A control frame may come between fragments.
      if (random.chance(0.1) && this.unanswered < PINGS) {
        this.unanswered++;
        frames.push(writeFrame(9, 'ping', random));
      }
      if (random.chance(0.1)) frames.push(writeFrame(10, '', random));
      at = end;
    }
    const opcode = frames.length ? 0 : message.binary ? 2 : 1;
    frames.push(writeFrame(opcode, bytes.subarray(at), random));
    this.write(Buffer.concat(frames));
    this.world.count(bytes.length);
  }

  /**
   * Writes bytes, in one piece or in many.
   *
   * @param {Buffer} bytes The bytes
   */
  write(bytes) {
    const { random, socket } = this;
    let pieces = random.chance(0.1) ? 30 : random.below(3);
    let at = 0;

    for (; pieces > 0 && at < bytes.length; pieces--) {
      const end = at + 1 + random.below(Math.min(bytes.length - at, 2000));
      socket.write(bytes.subarray(at, end));
      at = end;
    }
    if (at < bytes.length) socket.write(bytes.subarray(at));
  }

  /**
   * Sends a close frame; all that was sent before must arrive.
   *
   * @param {Number} code The code
   * @param {String} reason The reason
   */
  close(code, reason) {
    const payload = Buffer.concat([
      Buffer.from([code >> 8, code & 0xff]),
      Buffer.from(reason)
    ]);
    this.over = true;
    this.socket.write(writeFrame(8, payload, this.random));
  }

  /**
   * Takes a frame.
   *
   * @param {Object} frame `{ fin, rsv, opcode, masked, payload }`
   */
  takeFrame({ fin, rsv, opcode, masked, payload }) {
    if (rsv || masked) this.blame('a frame with reserved bits or a mask');
    if (opcode === 8) {
      this.code = payload.length ? payload.readUInt16BE(0) : 1005;
      this.reason = payload.toString('utf8', 2);
      if (this.plan.way === 'mute') return;
      if (this.open) this.close(this.code, this.reason);
      return;
    }
    if (opcode === 9) {
      if (this.open) this.socket.write(writeFrame(10, payload, this.random));
      return;
    }
    if (opcode === 10) {
      if (`${payload}` === 'ping') this.unanswered--;
      return;
    }
    if ((opcode === 0) !== this.parts.length > 0) {
      this.blame(`opcode ${opcode} behind ${this.parts.length} fragments`);
    }
    if (opcode !== 0) this.binary = opcode === 2;
    this.parts.push(payload);
    if (!fin) return;

    const index = this.received++;
    const bytes = Buffer.concat(this.parts);
    const expected = this.world.payloads.message(this.plan, 1, index);
    this.parts = [];
    if (this.binary !== expected.binary || !bytes.equals(expected.bytes)) {
      this.blame(
        `message ${index} has ${bytes.length} bytes, ` +
          `expected ${expected.bytes.length}`
      );
    }
  }

  /**
   * Says that something is wrong.
   *
   * @param {String} what What
   */
  blame(what) {
    this.world.blame({ id: this.plan.id, side: 0, what });
  }

  /** Reports what was sent and received. */
  report() {
    const { sent, received, code, reason, errors } = this;
    this.world.report({
      id: this.plan.id,
      side: 0,
      sent,
      received,
      code,
      reason,
      pings: 0,
      pongs: 0,
      failed: 0,
      errors
    });
  }
}

module.exports = { RawEnd };
