'use strict';

const { randomUUID } = require('crypto');
const EventEmitter = require('events');

const {
  CANCEL_INVOCATION,
  CLOSE,
  COMPLETION,
  INVOCATION,
  PING,
  SEPARATOR,
  STREAM_INVOCATION,
  STREAM_ITEM,
  protocols
} = require('./signalr-protocols');

/**
 * What a client streams to the hub.
 */
class Upload {
  constructor() {
    this.items = [];
    this.done = new Promise((resolve) => {
      this.finish = () => resolve(this.items);
    });
  }
}

/**
 * One client of a hub. Emits 'close'.
 */
class Connection extends EventEmitter {
  /**
   * @param {WebSocket} ws The websocket
   * @param {Object} methods The hub's methods: those that are generators
   *     stream, and get what clients stream as arrays behind their arguments
   */
  constructor(ws, methods) {
    super();

    this.ws = ws;
    this.methods = methods;
    this.protocol = null;
    this.streams = new Map();
    this.uploads = new Map();
    this.pings = 0;

    ws.on('message', (data) => this._onData(data));
    ws.on('close', (code) => this.emit('close', code));
  }

  /**
   * Call a method of the client.
   *
   * @param {string} target Its name
   * @param {...*} args Its arguments
   */
  call(target, ...args) {
    this._write({ type: INVOCATION, target, arguments: args });
  }

  /** Show that the hub is alive. */
  ping() {
    this._write({ type: PING });
  }

  /**
   * End the connection by a message.
   *
   * @param {string} error Why
   * @param {boolean} allowReconnect Whether the client may come again
   */
  close(error, allowReconnect) {
    this._write({ type: CLOSE, error, allowReconnect });
  }

  /**
   * @param {Object} message A message
   */
  _write(message) {
    const { binary, write } = this.protocol;
    this.ws.send(write(message), { binary });
  }

  /**
   * @param {Buffer} data A frame's payload
   */
  _onData(data) {
    if (this.protocol === null) {
      const end = data.indexOf(SEPARATOR) + 1;

      this.protocol = protocols[JSON.parse(data.subarray(0, end - 1)).protocol];
      this.ws.send(`{}${SEPARATOR}`, { binary: this.protocol.binary });
      data = data.subarray(end);
      if (data.length === 0) return;
    }

    for (const message of this.protocol.parse(data)) this._onMessage(message);
  }

  /**
   * @param {Object} message A message
   */
  _onMessage(message) {
    const { type, invocationId: id } = message;

    if (type === PING) this.pings++;
    else if (type === INVOCATION) this._invoke(message);
    else if (type === STREAM_INVOCATION) this._stream(message);
    else if (type === STREAM_ITEM)
      this.uploads.get(id).items.push(message.item);
    else if (type === COMPLETION) this.uploads.get(id).finish();
    else if (type === CANCEL_INVOCATION) this.streams.get(id).return();
    else if (type === CLOSE) this.ws.close(1000);
  }

  /**
   * @param {Object} message An invocation
   */
  async _invoke({ invocationId, target, arguments: args, streamIds = [] }) {
    const uploads = streamIds.map((id) => {
      const upload = new Upload();
      this.uploads.set(id, upload);
      return upload.done;
    });
    const answer = { type: COMPLETION, invocationId };

    try {
      const items = await Promise.all(uploads);
      answer.result = await this.methods[target].call(this, ...args, ...items);
    } catch (err) {
      answer.error = err.message;
    }
    if (invocationId) this._write(answer);
  }

  /**
   * @param {Object} message A stream invocation
   */
  async _stream({ invocationId, target, arguments: args }) {
    const items = this.methods[target].apply(this, args);

    this.streams.set(invocationId, items);
    for await (const item of items) {
      this._write({ type: STREAM_ITEM, invocationId, item });
    }
    this.streams.delete(invocationId);
    this._write({ type: COMPLETION, invocationId });
  }
}

/**
 * A SignalR hub at /hub. Emits 'connection' with each client.
 */
class Hub extends EventEmitter {
  /**
   * @param {http.Server} server Takes the negotiations
   * @param {WebSocketServer} wss Has `noServer`
   * @param {Object} methods The hub's methods
   * @param {string} [accessToken] Lets in only those who have it
   */
  constructor(server, wss, methods, accessToken) {
    super();

    const tokens = new Set();
    const isAllowed = (req) =>
      !accessToken || req.headers.authorization === `Bearer ${accessToken}`;

    server.on('request', (req, res) => {
      if (!req.url.startsWith('/hub/negotiate') || !isAllowed(req)) {
        res.writeHead(isAllowed(req) ? 404 : 401).end();
        return;
      }

      const connectionToken = randomUUID();
      tokens.add(connectionToken);
      req.resume();
      res.writeHead(200, { 'Content-Type': 'application/json' });
      res.end(
        JSON.stringify({
          negotiateVersion: 1,
          connectionId: randomUUID(),
          connectionToken,
          availableTransports: [
            { transport: 'WebSockets', transferFormats: ['Text', 'Binary'] }
          ]
        })
      );
    });
    server.on('upgrade', (req, socket, head) => {
      const { searchParams } = new URL(req.url, 'http://hub');

      if (!tokens.delete(searchParams.get('id')) || !isAllowed(req)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\n\r\n');
        return;
      }
      wss.handleUpgrade(req, socket, head, (ws) => {
        this.emit('connection', new Connection(ws, methods));
      });
    });
  }
}

module.exports = { Hub };
