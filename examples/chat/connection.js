'use strict';

const { createHash } = require('crypto');
const { WebSocket } = require('../..');

const {
  InputError,
  LIMITS,
  encodeFile,
  parseFile,
  parseText
} = require('./protocol');

const JOIN_TIMEOUT_MS = 10000;
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

// A bucket of tokens: a message takes one, and one more per 256 KiB.
const BUCKET_SIZE = 30;
const TOKENS_PER_SECOND = 5;
const BYTES_PER_TOKEN = 256 * 1024;
const MAX_STRIKES = 20;

const REPLACED = 4002;

/**
 * One WebSocket and the person behind it.
 */
class Connection {
  /**
   * @param {WebSocket} ws The open WebSocket
   * @param {Object} chat What all connections share: `epoch`, `rooms`,
   *     `sessions`, `metrics` and `nextId()`
   */
  constructor(ws, chat) {
    this.id = undefined;
    this.name = undefined;
    this.isAlive = true;
    this._ws = ws;
    this._chat = chat;
    this._room = undefined;
    this._session = undefined;
    this._tokens = BUCKET_SIZE;
    this._tokensAt = Date.now();
    this._strikes = 0;
    this._joinTimer = setTimeout(() => {
      ws.close(1008, 'No one joined');
    }, JOIN_TIMEOUT_MS);

    ws.on('message', (data, isBinary) => this._onMessage(data, isBinary));
    ws.on('pong', () => (this.isAlive = true));
    ws.on('close', () => this._onClose());
    // What the peer did wrong is of no interest here, 'close' follows.
    ws.on('error', () => {});
  }

  /**
   * @type {Boolean} `true` while the person is in a room
   */
  get isJoined() {
    return this._room !== undefined;
  }

  /**
   * Ask the peer for a sign of life, or drop it if the last one is missing.
   */
  checkAlive() {
    if (!this.isAlive) {
      this._ws.terminate();
      return;
    }

    this.isAlive = false;
    this._ws.ping();
  }

  /**
   * Start the closing handshake.
   *
   * @param {Number} code The status code
   * @param {String} reason The reason, at most 123 bytes
   */
  close(code, reason) {
    this._ws.close(code, reason);
  }

  /**
   * Drop the connection without a handshake.
   */
  terminate() {
    this._ws.terminate();
  }

  /**
   * Send a frame. A peer that does not read is dropped before what waits for
   * it fills the memory.
   *
   * @param {Buffer} data The payload
   * @param {Boolean} [binary=false] Whether it is a binary frame
   */
  send(data, binary = false) {
    if (this._ws.readyState !== WebSocket.OPEN) return;

    if (this._ws.bufferedAmount > MAX_BUFFERED_BYTES) {
      this._ws.terminate();
      return;
    }

    this._chat.metrics.countOut(data.length);
    this._ws.send(data, { binary });
  }

  /**
   * @param {Object} message What to send as JSON
   * @private
   */
  _sendJson(message) {
    this.send(encodeJson(message));
  }

  /**
   * Handle a frame from the peer.
   *
   * @param {Buffer} data The payload
   * @param {Boolean} isBinary Whether it is a binary frame
   * @private
   */
  _onMessage(data, isBinary) {
    this._chat.metrics.countIn(data.length);

    try {
      const message = isBinary ? parseFile(data) : parseText(data);

      this._takeTokens(1 + data.length / BYTES_PER_TOKEN, message.ref);

      if (message.type === 'join') {
        this._join(message);
      } else if (this._room === undefined) {
        throw new InputError('not-joined', 'Join a room first.', message.ref);
      } else if (isBinary) {
        this._shareFile(message);
      } else {
        this._say(message);
      }
    } catch (err) {
      if (!(err instanceof InputError)) throw err;
      this._refuse(err);
    }
  }

  /**
   * @param {Number} count How much the message costs
   * @param {String} [ref] The reference of the message
   * @throws {InputError} If the peer sends too fast
   * @private
   */
  _takeTokens(count, ref) {
    const now = Date.now();
    const earned = ((now - this._tokensAt) / 1000) * TOKENS_PER_SECOND;

    this._tokens = Math.min(BUCKET_SIZE, this._tokens + Math.max(0, earned));
    this._tokensAt = now;

    if (this._tokens < count) {
      throw new InputError(
        'too-fast',
        'That was too fast, wait a moment.',
        ref
      );
    }

    this._tokens -= count;
  }

  /**
   * Tell the peer what was wrong, and close if it goes on like that.
   *
   * @param {InputError} err What was wrong
   * @private
   */
  _refuse(err) {
    if (++this._strikes > MAX_STRIKES) {
      this._ws.close(1008, 'Too many invalid or too frequent messages');
      return;
    }

    this._sendJson({
      type: 'error',
      code: err.code,
      message: err.message,
      ref: err.ref
    });
  }

  /**
   * Enter a room, or another room.
   *
   * @param {Object} request The checked request
   * @throws {InputError} If that is not possible; nothing has changed then
   * @private
   */
  _join(request) {
    const { rooms, sessions, epoch, metrics } = this._chat;

    if (this._session !== undefined && this._session !== request.session) {
      throw new InputError('bad-message', 'The session cannot change.');
    }

    const id = memberId(request.session);
    const room = rooms.open(request.room);

    if (room.isNameTaken(request.name, id)) {
      throw new InputError(
        'name-taken',
        `Somebody in “${room.name}” is called ${request.name} already.`
      );
    }

    clearTimeout(this._joinTimer);

    // The same person is back before the old connection was found dead.
    const previous = sessions.get(request.session);
    if (previous !== undefined && previous !== this) previous._replace();

    this._leave();
    this.id = id;
    this.name = request.name;
    this._session = request.session;
    this._room = room;
    sessions.set(request.session, this);
    room.add(this);

    const resumed = request.epoch === epoch;
    const { entries, gap } = room.after(resumed ? request.since : 0);

    this._sendJson({
      type: 'welcome',
      epoch,
      you: { id, name: this.name },
      room: room.name,
      members: room.list(),
      limits: LIMITS,
      resumed,
      gap
    });
    for (const entry of entries) this.send(entry.data, entry.binary);
    this._sendJson({
      type: 'ready',
      samples: metrics.samples,
      rooms: rooms.list()
    });

    this._announce('joined');
  }

  /**
   * Leave the room, if in any.
   *
   * @private
   */
  _leave() {
    if (this._room === undefined) return;

    this._room.delete(this);
    this._announce('left');
    this._room = undefined;
  }

  /**
   * Make place for a newer connection of the same person.
   *
   * @private
   */
  _replace() {
    this._leave();
    this._chat.sessions.delete(this._session);
    this._ws.close(REPLACED, 'Replaced by a newer connection');
  }

  /**
   * Tell the others in the room that this person came or went.
   *
   * @param {String} type `joined` or `left`
   * @private
   */
  _announce(type) {
    const note = encodeJson({
      type,
      member: { id: this.id, name: this.name },
      time: Date.now()
    });

    this._room.broadcast(note, false, this);
  }

  /**
   * Send a text to the room.
   *
   * @param {Object} message The checked message
   * @private
   */
  _say({ text, ref }) {
    const id = this._chat.nextId();
    const data = encodeJson({ ...this._envelope('chat', id, ref), text });

    this._publish(id, data, false);
  }

  /**
   * Send a file to the room.
   *
   * @param {Object} message The checked file
   * @private
   */
  _shareFile({ name, mime, ref, bytes }) {
    const id = this._chat.nextId();
    const header = { ...this._envelope('file', id, ref), name, mime };

    this._publish(id, encodeFile(header, bytes), true);
  }

  /**
   * @param {String} type The type of the message
   * @param {Number} id The number of the message
   * @param {String} ref The sender's reference
   * @return {Object} What every message in a room starts with
   * @private
   */
  _envelope(type, id, ref) {
    return {
      type,
      id,
      time: Date.now(),
      from: { id: this.id, name: this.name },
      ref
    };
  }

  /**
   * Send a frame to everybody in the room, the sender included, who sees by it
   * that the message has arrived.
   *
   * @param {Number} id The number of the message
   * @param {Buffer} data The payload
   * @param {Boolean} binary Whether it is a binary frame
   * @private
   */
  _publish(id, data, binary) {
    this._room.remember(id, data, binary);
    this._room.broadcast(data, binary);
    this._strikes = Math.max(0, this._strikes - 1);
  }

  /**
   * @private
   */
  _onClose() {
    clearTimeout(this._joinTimer);
    this._leave();

    if (this._chat.sessions.get(this._session) === this) {
      this._chat.sessions.delete(this._session);
    }
  }
}

/**
 * @param {Object} message What to send
 * @return {Buffer} The payload of a text frame
 */
function encodeJson(message) {
  return Buffer.from(JSON.stringify(message));
}

/**
 * The session is a secret of its owner, others see this instead.
 *
 * @param {String} session The session
 * @return {String} A short identifier
 */
function memberId(session) {
  return createHash('sha256').update(session).digest('base64url').slice(0, 12);
}

module.exports = { Connection, encodeJson };
