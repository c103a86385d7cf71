'use strict';

const { randomUUID } = require('crypto');
const EventEmitter = require('events');

const WEBSOCKET = 'websocket';

/**
 * As much of a Bayeux server as Faye's client needs, over websockets alone
 * (Faye makes its first handshake by HTTP). Emits 'connect' with the websocket
 * whenever a client asks for messages.
 */
class BayeuxServer extends EventEmitter {
  /**
   * @param {http.Server} server Takes the first handshake
   * @param {WebSocketServer} wss Takes the connections of that server
   */
  constructor(server, wss) {
    super();

    this.clients = new Map();
    this.connections = 0;

    server.on('request', async (req, res) => {
      let body = '';

      for await (const chunk of req.setEncoding('utf8')) body += chunk;
      res.writeHead(200, { 'Content-Type': 'application/json' });
      res.end(JSON.stringify(this._answer(JSON.parse(body))));
    });
    wss.on('connection', (ws) => {
      this.connections++;
      ws.on('message', (data) => {
        const messages = [].concat(JSON.parse(data));
        // Faye asks with an empty list whether a connection is alive.
        ws.send(JSON.stringify(this._answer(messages, ws)));
      });
    });
  }

  /**
   * @param {Object[]} messages Requests
   * @param {WebSocket} [ws] Where they came from
   * @returns {Object[]} The answers
   */
  _answer(messages, ws) {
    return [].concat(messages).map((message) => {
      const { channel, clientId, id } = message;
      const answer = { channel, clientId, id, successful: true };

      if (channel === '/meta/handshake') {
        answer.clientId = randomUUID();
        answer.version = '1.0';
        answer.supportedConnectionTypes = [WEBSOCKET];
        answer.advice = { reconnect: 'retry', interval: 20, timeout: 45000 };
        this.clients.set(answer.clientId, { subscriptions: new Set() });
      } else if (channel === '/meta/connect') {
        this.clients.get(clientId).ws = ws;
        this.emit('connect', ws);
      } else if (channel === '/meta/subscribe') {
        answer.subscription = message.subscription;
        this.clients.get(clientId).subscriptions.add(message.subscription);
      } else if (channel === '/meta/disconnect') {
        this.clients.delete(clientId);
      } else {
        this.publish(channel, message.data);
      }
      return answer;
    });
  }

  /**
   * Send to all who subscribed.
   *
   * @param {string} channel The channel
   * @param {*} data What to send
   */
  publish(channel, data) {
    for (const { subscriptions, ws } of this.clients.values()) {
      if (subscriptions.has(channel) && ws) {
        ws.send(JSON.stringify([{ channel, data }]));
      }
    }
  }
}

/**
 * As much of a Bayeux client as a test of Faye's server needs.
 */
class BayeuxClient {
  /** @param {WebSocket} ws An open connection to Faye */
  constructor(ws) {
    this.ws = ws;
    this.id = 0;
    this.clientId = null;
    this.waiting = new Map();
    this.onMessage = () => {};

    ws.on('message', (data) => {
      for (const message of [].concat(JSON.parse(data))) {
        // Messages keep the id that their sender gave them.
        if (message.data !== undefined) this.onMessage(message);
        else if (this.waiting.has(message.id)) this._answered(message);
      }
    });
  }

  /**
   * Send a request.
   *
   * @param {string} channel Where to
   * @param {Object} [fields] Fields of the message
   * @returns {Promise<Object>} The answer
   */
  request(channel, fields) {
    return new Promise((resolve) => {
      const id = String(++this.id);
      const { clientId } = this;

      this.waiting.set(id, resolve);
      this.ws.send(JSON.stringify([{ channel, clientId, id, ...fields }]));
    });
  }

  /**
   * @param {Object} message The answer to a request
   */
  _answered(message) {
    this.waiting.get(message.id)(message);
    this.waiting.delete(message.id);
  }

  /** Make the handshake. */
  async handshake() {
    const answer = await this.request('/meta/handshake', {
      version: '1.0',
      supportedConnectionTypes: [WEBSOCKET]
    });

    this.clientId = answer.clientId;
  }

  /** Ask for messages; answered when the server would have it asked again. */
  connect() {
    return this.request('/meta/connect', { connectionType: WEBSOCKET });
  }
}

module.exports = { BayeuxClient, BayeuxServer };
