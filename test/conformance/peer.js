'use strict';

/**
 * The raw TCP peer that plays against the module under test. It knows nothing
 * of the module and sends whatever bytes a case asks for.
 */

const net = require('net');
const { once } = require('events');
const { setImmediate: turn } = require('timers/promises');

const { parseHead } = require('./handshake');
const { encode } = require('./frames');

const KEY_STEP = 0x9e3779b1;

/**
 * Cuts bytes into the pieces that are written one by one.
 *
 * @param {Buffer[]} frames The bytes of each frame
 * @param {(String|Object)} delivery `'whole'`, `'frames'`, `'bytes'`,
 *     `{ at: [offset, ...] }` (negative ones count from the end) or
 *     `{ random: seed }`
 * @return {Buffer[]} The pieces
 */
function cut(frames, delivery) {
  if (delivery === 'frames') return frames;

  const bytes = Buffer.concat(frames);
  const offsets = [];

  if (delivery === 'bytes') {
    for (let i = 1; i < bytes.length; i++) offsets.push(i);
  } else if (delivery.random !== undefined) {
    let state = delivery.random;
    let i = 0;

    for (;;) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      i += 1 + ((state >>> 16) % (state & 0x1000 ? 7 : 90));
      if (i >= bytes.length) break;
      offsets.push(i);
    }
  } else if (delivery !== 'whole') {
    offsets.push(
      ...delivery.at
        .map((i) => (i < 0 ? bytes.length + i : i))
        .filter((i) => i > 0 && i < bytes.length)
    );
  }

  offsets.push(bytes.length);
  return offsets.map((end, i) => bytes.subarray(offsets[i - 1] || 0, end));
}

/** One raw TCP connection. */
class Peer {
  /**
   * @param {net.Socket} socket A socket with `allowHalfOpen`
   * @param {Boolean} masks Whether this peer masks, i.e. plays the client
   */
  constructor(socket, masks) {
    this.socket = socket;
    this.masks = masks;
    this.count = 0;
    this.reader = undefined;
    this.bytes = Buffer.alloc(0);
    this.head = new Promise((resolve) => {
      this.onHead = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.onEnd = resolve;
    });

    socket.setNoDelay();
    socket.on('data', (chunk) => this.onData(chunk));
    socket.on('end', () => this.finish('FIN'));
    socket.on('error', (err) => this.finish(err.code));
    socket.on('close', () => this.finish('closed'));
  }

  /**
   * Connects to a server under test.
   *
   * @param {Number} port The port on 127.0.0.1
   * @return {Promise<Peer>} The peer
   */
  static async connect(port) {
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      allowHalfOpen: true
    });
    const peer = new Peer(socket, true);
    await once(socket, 'connect');
    return peer;
  }

  /**
   * Takes bytes from the socket.
   *
   * @param {Buffer} chunk The bytes
   */
  onData(chunk) {
    if (this.reader !== undefined) {
      this.reader.push(chunk);
      return;
    }

    this.bytes = Buffer.concat([this.bytes, chunk]);
    const head = parseHead(this.bytes);
    if (head !== undefined) this.onHead(head);
  }

  /**
   * Starts reading frames behind the head of the handshake.
   *
   * @param {WireReader} reader What reads them
   */
  readFrames(reader) {
    this.reader = reader;
    const { rest } = parseHead(this.bytes);
    if (rest.length > 0) reader.push(rest);
    if (this.how !== undefined) reader.end(this.how);
  }

  /**
   * Notes the end of the stream; only the first call counts.
   *
   * @param {String} how `'FIN'`, or the code of an error
   */
  finish(how) {
    if (this.how !== undefined) return;
    this.how = how;
    if (this.reader !== undefined) this.reader.end(how);
    this.onHead({ first: how, headers: {}, rest: Buffer.alloc(0) });
    this.onEnd(how);
  }

  /**
   * Encodes frames in this peer's direction, each with a key of its own.
   *
   * @param {Object[]} frames The frames
   * @return {Buffer[]} The bytes of each
   */
  encode(frames) {
    return frames.map((frame) => {
      const key = Buffer.alloc(4);
      key.writeUInt32BE(Math.imul(++this.count, KEY_STEP) >>> 0);
      return encode(frame, this.masks, key);
    });
  }

  /**
   * Writes bytes in pieces, and lets the other side run after each of them.
   *
   * @param {Buffer[]} frames The bytes of each frame
   * @param {(String|Object)} delivery As for `cut()`
   * @return {Promise} Settled when everything was written
   */
  async write(frames, delivery) {
    if (frames.length === 0) return;
    const pieces = cut(frames, delivery);

    for (const piece of pieces) {
      if (this.socket.destroyed || !this.socket.writable) return;
      await new Promise((resolve) => this.socket.write(piece, resolve));
      if (pieces.length > 1) await turn();
    }
  }

  /** Sends FIN. */
  end() {
    if (!this.socket.destroyed) this.socket.end();
  }

  /** Sends RST. */
  reset() {
    this.socket.resetAndDestroy();
  }

  /** Drops the connection. */
  destroy() {
    this.socket.destroy();
  }
}

/** A raw TCP server for one client under test. */
class PeerServer {
  /**
   * Starts listening.
   *
   * @return {Promise<PeerServer>} The server
   */
  static async listen() {
    const listener = new PeerServer();
    listener.peers = [];
    listener.accepted = new Promise((resolve) => {
      listener.server = net.createServer({ allowHalfOpen: true }, (socket) => {
        const peer = new Peer(socket, false);
        listener.peers.push(peer);
        resolve(peer);
      });
    });
    listener.server.listen(0, '127.0.0.1');
    await once(listener.server, 'listening');
    listener.port = listener.server.address().port;
    return listener;
  }

  /** Stops listening and drops what is left. */
  async stop() {
    for (const peer of this.peers) peer.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}

module.exports = { Peer, PeerServer, cut };
