'use strict';

const { mix, Random } = require('./random');

/** How much may wait to be written before an end stops sending, in bytes. */
const HIGH_WATER = 4 * 1048576;

/** How long an end sends at most, in milliseconds. */
const LONGEST = 120000;

/** How many pings may be unanswered. */
const PINGS = 20;

/** From when on a closing handshake is worth a look, in milliseconds. */
const SLOW = 15000;

/** How long callbacks of `send()` may come behind 'close', in milliseconds. */
const LATE = 10000;

/**
 * One end of a connection that follows a plan: it sends its messages, and
 * compares all that comes with what must come.
 */
class End {
  /**
   * @param {WebSocket} ws The connection, open or about to be
   * @param {Object} plan Its plan
   * @param {Number} side 0 for the client, 1 for the server
   * @param {World} world What the process shares
   */
  constructor(ws, plan, side, world) {
    this.ws = ws;
    this.plan = plan;
    this.side = side;
    this.world = world;
    this.random = new Random(mix(plan.seed, 10 + side));
    this.begun = Date.now();
    this.sent = 0;
    this.confirmed = 0;
    this.last = -1;
    // When close() was called, and what had to be written then.
    this.closing = -1;
    this.waiting = -1;
    this.failed = 0;
    this.received = 0;
    this.pings = 0;
    this.pongs = 0;
    this.errors = [];
    this.checks = Promise.resolve();
    this.ended = new Promise((resolve) => {
      ws.on('close', (code, reason) => {
        this.finish(code, `${reason}`).then(resolve);
      });
    });

    ws.binaryType = plan.binaryTypes[side];
    ws.on('message', (data, binary) => this.take(data, binary));
    ws.on('pong', (data) => this.takePong(data));
    ws.on('error', (err) => this.errors.push(err.code || err.message));
    if (ws.readyState === ws.OPEN) this.run();
    else ws.on('open', () => this.run());
  }

  /** Whether something may be sent. */
  get open() {
    return this.ws.readyState === this.ws.OPEN;
  }

  /** Whether to send no more. */
  get late() {
    return this.world.finishing || Date.now() - this.begun > LONGEST;
  }

  /**
   * Says that something is wrong.
   *
   * @param {String} what What
   */
  blame(what) {
    this.world.blame({ id: this.plan.id, side: this.side, what });
  }

  /** Sends everything, and ends the connection if that is this end's part. */
  async run() {
    const { closer, counts, way } = this.plan;
    const mine = closer === this.side;

    if (mine && ['terminate', 'destroy', 'abort'].includes(way)) {
      this.world.after(this.random.below(1500), () => this.leave());
    }
    while (this.open && this.sent < counts[this.side] && !this.late) {
      for (let left = 1 + this.random.below(8); left > 0; left--) {
        if (this.open && this.sent < counts[this.side]) this.send();
      }
      if (this.random.chance(0.15)) this.ping();
      await this.world.sleep(this.random.below(60));
      while (this.open && this.ws.bufferedAmount > HIGH_WATER) {
        await this.world.sleep(20);
      }
    }
    if (!this.open) return;
    if (way === 'both' || (mine && ['close', 'mute'].includes(way))) {
      this.closing = Date.now() - this.begun;
      this.waiting = this.ws.bufferedAmount;
      this.ws.close(this.plan.code, this.plan.reason);
      this.watch = setTimeout(() => this.explain(), SLOW);
    }
  }

  /** Keeps what is known of a closing handshake that takes too long. */
  explain() {
    const { _sender, _socket, bufferedAmount, readyState } = this.ws;
    this.slow = {
      bufferedAmount,
      readyState,
      state: _sender?._state,
      queue: _sender?._queue?.length,
      writable: _socket?.writableLength,
      corked: _socket?.writableCorked,
      handle: _socket?._handle?.writeQueueSize,
      read: _socket?.bytesRead,
      written: _socket?.bytesWritten
    };
  }

  /** Ends the connection without ceremony. */
  leave() {
    if (this.plan.way === 'destroy' && this.ws._socket) {
      this.ws._socket.destroy();
    } else {
      this.ws.terminate();
    }
  }

  /** Sends the next message, in one of the forms that make it. */
  send() {
    const { random, ws } = this;
    const index = this.sent++;
    const message = this.world.payloads.message(this.plan, this.side, index);
    const { binary, bytes } = message;
    const options = { binary, compress: random.chance(0.7) };
    const confirm = (err) => {
      this.confirmed++;
      // Failures may come in any order, from where messages wait.
      if (err) this.failed++;
      else if (index < this.last) this.blame(`callback ${index} is late`);
      else this.last = index;
    };

    switch (random.below(8)) {
      case 0:
        ws.send(new Blob([bytes]), options, confirm);
        break;
      case 1:
        ws.send(new Uint8Array(bytes).buffer, options, confirm);
        break;
      case 2:
        ws.send(
          new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
          {
            ...options
          },
          confirm
        );
        break;
      case 3:
      case 4:
        this.sendFragments(bytes, options, confirm);
        break;
      default:
        ws.send(binary ? bytes : message.text, options, confirm);
    }
    this.world.count(bytes.length);
  }

  /**
   * Sends a message in fragments.
   *
   * @param {Buffer} bytes The message
   * @param {Object} options Of `send()`
   * @param {Function} confirm Called back for the last one
   */
  sendFragments(bytes, options, confirm) {
    const { random, ws } = this;
    let at = 0;
    for (let left = random.below(5); left > 0; left--) {
      const end = at + random.below(bytes.length - at + 1);
      ws.send(bytes.subarray(at, end), { ...options, fin: false });
      if (random.chance(0.1)) this.ping();
      at = end;
    }
    ws.send(bytes.subarray(at), options, confirm);
  }

  /** Sends a ping that its answer can be told by. */
  ping() {
    if (this.open && this.pings - this.pongs < PINGS) {
      this.ws.ping(`${this.side}:${this.pings++}`);
    }
  }

  /**
   * Compares an answer to a ping.
   *
   * @param {Buffer} data Its payload
   */
  takePong(data) {
    // Peers of plain TCP send some that nobody asked for.
    if (data.length === 0) return;
    const expected = `${this.side}:${this.pongs++}`;
    if (`${data}` !== expected) {
      this.blame(`pong ${data} in place of ${expected}`);
    }
  }

  /**
   * Compares a message.
   *
   * @param {Buffer|ArrayBuffer|Buffer[]|Blob} data What came
   * @param {Boolean} binary Whether it came as a binary message
   */
  take(data, binary) {
    const index = this.received++;
    const from = 1 - this.side;

    if (data instanceof Blob) {
      const bytes = data.arrayBuffer();
      this.checks = this.checks.then(async () =>
        this.compare(index, from, Buffer.from(await bytes), binary)
      );
    } else if (Array.isArray(data)) {
      this.compare(index, from, Buffer.concat(data), binary);
    } else if (Buffer.isBuffer(data)) {
      this.compare(index, from, data, binary);
    } else {
      this.compare(index, from, Buffer.from(data), binary);
    }

    if (this.plan.stalls && this.random.chance(0.05)) {
      this.world.stall(20 + this.random.below(200));
    }
    if (this.plan.pauses && this.random.chance(0.03)) {
      this.ws.pause();
      this.world.after(this.random.below(300), () => this.ws.resume());
    }
  }

  /**
   * Compares a message with the one that was sent.
   *
   * @param {Number} index Its number
   * @param {Number} from The side it comes from
   * @param {Buffer} bytes What came
   * @param {Boolean} binary Whether it came as a binary message
   */
  compare(index, from, bytes, binary) {
    const expected = this.world.payloads.message(this.plan, from, index);

    if (binary !== expected.binary || !bytes.equals(expected.bytes)) {
      this.blame(
        `message ${index} has ${bytes.length} bytes, ${binary ? 'binary' : 'text'}, ` +
          `expected ${expected.bytes.length} bytes, ` +
          `${expected.binary ? 'binary' : 'text'}` +
          `${bytes.length === expected.bytes.length ? ', other ones' : ''}`
      );
    }
  }

  /**
   * Waits for what may come behind 'close', and reports.
   *
   * @param {Number} code The code of 'close'
   * @param {String} reason Its reason
   * @returns {Promise} Fulfilled when this end is over
   */
  async finish(code, reason) {
    clearTimeout(this.watch);
    const lasted = Date.now() - this.begun;
    await this.checks;
    for (const limit = Date.now() + LATE; Date.now() < limit;) {
      if (this.confirmed === this.sent) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (this.confirmed !== this.sent) {
      this.blame(`${this.sent - this.confirmed} callbacks never came`);
    }

    const { sent, received, pings, pongs, failed, errors } = this;
    const { closing, slow, waiting } = this;
    this.world.report({
      lasted,
      closing,
      waiting,
      slow,
      id: this.plan.id,
      side: this.side,
      sent,
      received,
      code,
      reason,
      pings,
      pongs,
      failed,
      errors
    });
  }
}

module.exports = { End, HIGH_WATER, LONGEST, PINGS };
