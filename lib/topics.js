'use strict';

const { lengthOf, toBuffer } = require('./buffer-util');
const { Command, Flag, MAX_INLINE } = require('./command-writer');
const io = require('./io-thread');
const monitor = require('./monitor');
const { isBlob } = require('./validation');

/** Payloads of this size and more stay outside of the command. */
const REFERENCE_MIN = 64 * 1024;

/** In place of a sender. */
const NOBODY = -1;

/** Topics of all servers have different numbers: the I/O thread knows no names. */
let lastNumber = 0;

/** Those who want what is published under a name. */
class Topic {
  /**
   * @param {String} name Its name
   */
  constructor(name) {
    this.name = name;
    this.number = lastNumber = (lastNumber + 1) | 0;
    // How many the I/O threads know, by the ways to these, and those that are
    // served here.
    this.native = 0;
    this.writers = new Map();
    this.inline = new Set();
  }

  /** @type {Number} */
  get size() {
    return this.native + this.inline.size;
  }
}

/**
 * The topics of a server. Connections on the I/O thread are known there as
 * subscribers, so that a publish is one command whatever their number; all
 * others, and those that are in the middle of sending something else, are served
 * one by one.
 */
class Topics {
  constructor() {
    this._topics = new Map();
  }

  /**
   * Has a connection get what is published.
   *
   * @param {WebSocket} websocket An open connection of the server
   * @param {String} name The topic
   */
  subscribe(websocket, name) {
    let topic = this._topics.get(name);

    if (topic === undefined) {
      topic = new Topic(name);
      this._topics.set(name, topic);
    }
    websocket._subscriptions ??= { native: isDirect(websocket), topics: [] };

    const { native, topics } = websocket._subscriptions;

    if (topics.includes(topic)) return;
    topics.push(topic);
    join(websocket, topic, native);
  }

  /**
   * Ends that.
   *
   * @param {WebSocket} websocket A connection of the server
   * @param {String} name The topic
   * @return {Boolean} Whether it was subscribed
   */
  unsubscribe(websocket, name) {
    const subscriptions = websocket._subscriptions;
    const topic = this._topics.get(name);

    if (subscriptions === null || topic === undefined) return false;

    const index = subscriptions.topics.indexOf(topic);

    if (index === -1) return false;
    subscriptions.topics.splice(index, 1);
    if (subscriptions.topics.length === 0) websocket._subscriptions = null;
    this._leave(websocket, topic, subscriptions.native);
    return true;
  }

  /**
   * Ends all subscriptions of a connection.
   *
   * @param {WebSocket} websocket A connection of the server
   */
  unsubscribeAll(websocket) {
    const { native, topics } = websocket._subscriptions;

    websocket._subscriptions = null;
    for (const topic of topics) this._leave(websocket, topic, native);
  }

  /**
   * @param {WebSocket} websocket The connection
   * @param {Topic} topic One of its topics
   * @param {Boolean} native Whether the I/O thread knows
   */
  _leave(websocket, topic, native) {
    part(websocket, topic, native);
    if (topic.size === 0) this._topics.delete(topic.name);
  }

  /**
   * How many connections get what is published.
   *
   * @param {String} name The topic
   * @return {Number} Their number
   */
  count(name) {
    return this._topics.get(name)?.size ?? 0;
  }

  /**
   * Sends a message to all subscribers.
   *
   * @param {String} name The topic
   * @param {*} data The message
   * @param {Object} options `binary`, `compress` and `maxBackpressure`
   * @param {(WebSocket|null)} sender A subscriber that does not get it
   * @return {Boolean} Whether there is anybody to get it
   * @throws {TypeError} If the data cannot be published
   */
  publish(name, data, options, sender) {
    const topic = this._topics.get(name);

    if (topic === undefined) return false;

    const own = sender?._subscriptions?.topics.includes(topic) ?? false;
    const isNative = own && sender._subscriptions.native;

    if (topic.size === (own ? 1 : 0)) return false;

    const isText = typeof data === 'string' || typeof data === 'number';
    const message = {
      binary: options.binary ?? !isText,
      compress: options.compress ?? true,
      fin: true,
      mask: false
    };

    if (isBlob(data)) throw new TypeError('A Blob cannot be published');
    data = isText ? String(data) : toBuffer(data);
    if (topic.native > (isNative ? 1 : 0)) {
      publishNatively(
        topic,
        data,
        message,
        options.maxBackpressure,
        isNative ? sender._link.slot : NOBODY
      );
    }
    for (const websocket of topic.inline) {
      if (websocket === sender) continue;
      if (isBehind(websocket, options.maxBackpressure)) {
        monitor.everything.skipped++;
      } else {
        websocket._sender.publish(data, message);
      }
    }
    return true;
  }
}

/**
 * @param {*} topic A topic
 * @throws {TypeError} If it is no string
 */
function checkTopic(topic) {
  if (typeof topic !== 'string') {
    throw new TypeError('The topic must be a string');
  }
}

/**
 * Whether more waits to be sent than a limit allows.
 *
 * @param {WebSocket} websocket A connection
 * @param {Number} limit The limit in bytes, 0 for none
 * @return {Boolean} `true` if so
 */
function isBehind(websocket, limit) {
  return limit > 0 && websocket.bufferedAmount > limit;
}

/**
 * Has the I/O threads send a message to the subscribers that they know.
 *
 * @param {Topic} topic The topic
 * @param {(String|Buffer)} data The payload
 * @param {Object} message `binary` and `compress`
 * @param {Number} limit The most bytes that may wait already, 0 for any number
 * @param {Number} slot The slot of the sender, or NOBODY
 * @throws {RangeError} If there is no memory for it
 */
function publishNatively(topic, data, { binary, compress }, limit, slot) {
  const length =
    typeof data === 'string' ? Buffer.byteLength(data) : lengthOf(data);
  const isLarge = length >= REFERENCE_MIN || length > MAX_INLINE - 8;
  const payload =
    isLarge && typeof data === 'string' ? Buffer.from(data) : data;
  const kind =
    Command.PUBLISH |
    Flag.FIN |
    (binary ? 0 : Flag.TEXT) |
    (compress ? Flag.COMPRESS : 0) |
    (isLarge ? Flag.OWNED : 0);

  for (const writer of topic.writers.keys()) {
    const room = 8 + (isLarge ? 24 : length);
    const at = writer.begin(kind, slot, room, topic.number);

    writer.doubles[at >> 3] = limit > 0 ? limit : 0;
    if (isLarge) {
      if (!writer.native.reference(writer.bytes, at + 8, payload, 0)) {
        throw new RangeError('Out of memory');
      }
    } else if (typeof data === 'string') {
      writer.bytes.utf8Write(data, at + 8, length);
    } else {
      writer.bytes.set(data, at + 8);
    }
    writer.end(room);
  }
  io.scheduleFlush();
}

/**
 * Whether what the I/O thread sends to a connection comes in the right place:
 * nothing waits in JavaScript, and no message is half sent.
 *
 * @param {WebSocket} websocket A connection
 * @return {Boolean} `true` if so
 */
function isDirect(websocket) {
  return websocket._sender.isDirect && websocket._link.slot >= 0;
}

/**
 * Counts the subscribers that the I/O thread of a connection knows.
 *
 * @param {Topic} topic The topic
 * @param {WebSocket} websocket The connection
 * @param {Number} change 1 or -1
 */
function count({ writers }, websocket, change) {
  const writer = websocket._link._writer;
  const number = (writers.get(writer) ?? 0) + change;

  if (number === 0) writers.delete(writer);
  else writers.set(writer, number);
}

/**
 * Adds a subscriber.
 *
 * @param {WebSocket} websocket The subscriber
 * @param {Topic} topic The topic
 * @param {Boolean} native Whether the I/O thread serves it
 */
function join(websocket, topic, native) {
  if (native) {
    topic.native++;
    count(topic, websocket, 1);
    tell(Command.SUBSCRIBE, websocket, topic);
  } else {
    topic.inline.add(websocket);
  }
}

/**
 * Removes a subscriber.
 *
 * @param {WebSocket} websocket The subscriber
 * @param {Topic} topic The topic
 * @param {Boolean} native Whether the I/O thread serves it
 */
function part(websocket, topic, native) {
  if (native) {
    topic.native--;
    count(topic, websocket, -1);
    tell(Command.UNSUBSCRIBE, websocket, topic);
  } else {
    topic.inline.delete(websocket);
  }
}

/**
 * Tells the I/O thread of a subscription.
 *
 * @param {Number} command What happens
 * @param {WebSocket} websocket The subscriber
 * @param {Topic} topic The topic
 */
function tell(command, websocket, topic) {
  const { slot, _writer: writer } = websocket._link;

  // Gone: the I/O thread knows.
  if (slot < 0) return;

  writer.begin(command, slot, 0, topic.number);
  writer.end(0);
  io.scheduleFlush();
}

/**
 * Has the right side serve the subscriptions of a connection, after something
 * has changed that decides about it.
 *
 * @param {WebSocket} websocket The connection
 */
function settle(websocket) {
  const subscriptions = websocket._subscriptions;

  if (subscriptions === null) return;

  const native = isDirect(websocket);

  if (native === subscriptions.native) return;
  for (const topic of subscriptions.topics) {
    part(websocket, topic, !native);
    join(websocket, topic, native);
  }
  subscriptions.native = native;
}

module.exports = { checkTopic, settle, Topics };
