'use strict';

const { IncomingMessage } = require('node:http');
const { Readable } = require('node:stream');

/** What a Readable consists of. Whoever looks at one of these makes it one. */
const PARTS = {
  _events: undefined,
  _eventsCount: 0,
  _readableState: undefined
};

/**
 * The request of a handshake, which is read to its end: an `IncomingMessage`
 * that becomes a stream when somebody wants one.
 *
 * @param {NativeSocket} socket The connection
 * @param {String} method Its method
 * @param {String} url Its target
 * @param {String} minor The minor version of HTTP
 * @param {String[]} headers Names and values of its fields
 */
function LazyRequest(socket, method, url, minor, headers) {
  this.socket = socket;
  this.httpVersionMajor = 1;
  this.httpVersionMinor = +minor;
  this.httpVersion = minor === '1' ? '1.1' : `1.${minor}`;
  this.complete = false;
  this.rawHeaders = headers;
  this.rawTrailers = [];
  this.joinDuplicateHeaders = false;
  this.aborted = false;
  this.upgrade = true;
  this.url = url;
  this.method = method;
  this.statusCode = null;
  this.statusMessage = null;
  this.client = socket;
  this._consuming = false;
  this._dumped = false;
  // As Node's own parser hands them over: `headers` and `headersDistinct` are
  // made of them when somebody asks.
  this._addHeaderLines(headers, headers.length);
  this.complete = true;
}

Object.setPrototypeOf(LazyRequest, IncomingMessage);
Object.setPrototypeOf(LazyRequest.prototype, IncomingMessage.prototype);
// What programs see is one of Node's.
LazyRequest.prototype.constructor = IncomingMessage;

/** Whether `headers` were looked at, and may have been changed. */
LazyRequest.prototype._isShown = false;

const headers = Object.getOwnPropertyDescriptor(
  IncomingMessage.prototype,
  'headers'
);

Object.defineProperty(LazyRequest.prototype, 'headers', {
  ...headers,
  get() {
    this._isShown = true;
    return headers.get.call(this);
  },
  set(value) {
    this._isShown = true;
    headers.set.call(this, value);
  }
});

for (const name of Object.keys(PARTS)) {
  Object.defineProperty(LazyRequest.prototype, name, {
    configurable: true,
    get() {
      // A prototype is no stream.
      if (!Object.hasOwn(this, 'socket')) return PARTS[name];
      wake(this);
      return this[name];
    },
    set(value) {
      if (Object.hasOwn(this, 'socket')) wake(this);
      this[name] = value;
    }
  });
}

/**
 * Makes it a whole stream, which has ended.
 *
 * @param {LazyRequest} request The request
 */
function wake(request) {
  for (const name of Object.keys(PARTS)) {
    Object.defineProperty(request, name, {
      configurable: true,
      enumerable: true,
      value: PARTS[name],
      writable: true
    });
  }
  Readable.call(request, {
    highWaterMark: request.socket.readableHighWaterMark
  });
  request._readableState.readingMore = true;
  request.push(null);
}

module.exports = LazyRequest;
