'use strict';

const { randomBytes } = require('crypto');
const { WebSocket } = require('../..');

/**
 * Speaks the chat's protocol the way the page does, and keeps what it receives
 * until somebody asks for it.
 */
class ChatClient {
  /**
   * @param {number} port Where the chat listens
   * @param {Object} [options] Options of the WebSocket
   */
  constructor(port, options) {
    this.session = randomBytes(16).toString('hex');
    this.ws = new WebSocket(`ws://localhost:${port}/ws`, options);
    this.closed = new Promise((resolve) => {
      this.ws.on('close', (code, reason) => resolve([code, String(reason)]));
    });
    this.opened = new Promise((resolve, reject) => {
      this.ws.on('open', resolve);
      this.ws.on('error', reject);
    });
    this._received = [];
    this._waiting = [];

    this.ws.on('message', (data, isBinary) => {
      this._received.push(isBinary ? decodeFile(data) : JSON.parse(data));
      this._settle();
    });
    this.ws.on('close', () => {
      for (const { reject, type } of this._waiting) {
        reject(new Error(`Closed while waiting for ${type}`));
      }
    });
  }

  /**
   * Wait for a message. Messages of that type are taken in order, those of
   * other types stay.
   *
   * @param {string} type The type
   * @returns {Promise<Object>} The message
   * @throws {Error} If the connection is closed before
   */
  next(type) {
    return new Promise((resolve, reject) => {
      this._waiting.push({ type, resolve, reject });
      this._settle();
    });
  }

  /**
   * @param {Object} message What to send as JSON
   */
  send(message) {
    this.ws.send(JSON.stringify(message));
  }

  /**
   * Enter a room.
   *
   * @param {string} name The nickname
   * @param {string} room The room
   * @param {Object} [more] More members of the request
   * @returns {Promise<Object>} The server's welcome
   */
  async join(name, room, more) {
    await this.opened;
    this.send({ type: 'join', name, room, session: this.session, ...more });

    const welcome = await this.next('welcome');

    await this.next('ready');

    return welcome;
  }

  /**
   * Send a file.
   *
   * @param {Object} header What to say about it
   * @param {Buffer} bytes The file
   */
  sendFile(header, bytes) {
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.from([json.length >> 8, json.length & 255]);

    this.ws.send(Buffer.concat([length, json, bytes]));
  }

  /**
   * Give what has been received to those who wait for it.
   *
   * @private
   */
  _settle() {
    this._waiting = this._waiting.filter(({ type, resolve }) => {
      const index = this._received.findIndex((m) => m.type === type);

      if (index === -1) return true;

      resolve(this._received.splice(index, 1)[0]);
      return false;
    });
  }
}

/**
 * @param {Buffer} data A binary frame
 * @returns {Object} The members of its header and the file as `bytes`
 */
function decodeFile(data) {
  const end = 2 + data.readUInt16BE(0);

  return {
    ...JSON.parse(data.toString('utf8', 2, end)),
    bytes: data.subarray(end)
  };
}

module.exports = ChatClient;
