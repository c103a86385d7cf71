'use strict';

const net = require('node:net');
const { constants } = require('node:os');
const { getSystemErrorName } = require('node:util');

const backlog = require('./backlog');
const { kLink } = require('./constants');

/**
 * Moving a socket's descriptor to the I/O thread while its `net.Socket` lives
 * on: the handle of the socket is closed and an object of ours, which turns
 * what the socket asks of it into commands, takes its place. Addresses,
 * `getConnections()`, `destroy()`, `end()`, 'close' and the rest keep working.
 */

/** The classes of handles whose descriptor can be moved. */
const MOVABLE = new Set(['TCP', 'Pipe']);

/**
 * Whether a socket's descriptor can be moved to the I/O thread.
 *
 * @param {Object} socket A stream
 * @return {Boolean} `true` for TCP and unix sockets that are all Node's own
 */
function canMove(socket) {
  if (socket[kLink] !== undefined) return socket[kLink].canBegin();

  return (
    socket instanceof net.Socket &&
    !socket.encrypted &&
    !socket.destroyed &&
    // What was written is out: the I/O thread must not overtake it.
    socket.writableLength === 0 &&
    !socket.writableEnded &&
    !socket._readableState.ended &&
    // Who listens to the data of the socket wants to see it.
    socket.listenerCount('data') === 0 &&
    socket.listenerCount('readable') === 0 &&
    socket._handle !== null &&
    typeof socket._handle === 'object' &&
    MOVABLE.has(socket._handle.constructor.name) &&
    socket._handle.fd >= 0
  );
}

/**
 * What the handle of a socket becomes when its descriptor moves. It remains an
 * object of Node's, a closed one: native code of Node's that gets it finds out,
 * where an object of JavaScript would crash the process.
 */
class ShellHandle {
  /**
   * Turns a handle into a shell.
   *
   * @param {Object} handle The handle, open
   * @param {NativeLink} link The connection
   * @param {Number} fd The descriptor that the I/O thread has
   */
  static replace(handle, link, fd) {
    const asyncId = handle.getAsyncId();

    handle.close();
    Object.setPrototypeOf(handle, ShellHandle.prototype);
    handle.link = link;
    handle.fd = fd;
    handle.asyncId = asyncId;
    handle.reading = true;
  }

  /** @type {Number} */
  get bytesRead() {
    return this.link.bytesRead;
  }

  /** @type {Number} */
  get bytesWritten() {
    return this.link.bytesWritten;
  }

  // Node calls these two only if they are there, and not before it has looked
  // up what it already knows.
  getpeername() {
    return 0;
  }

  getsockname() {
    return 0;
  }

  /**
   * Node sets this when a socket is destroyed, or taken from its owner to be
   * sent to another process, which cannot have it.
   */
  set onread(value) {
    if (!this.link.socket.destroyed) {
      throw new Error("A WebSocket's socket cannot be sent to another process");
    }
  }

  readStart() {
    return 0;
  }

  readStop() {
    return 0;
  }

  getAsyncId() {
    return this.asyncId;
  }

  ref() {
    this.link.setReferenced(true);
  }

  unref() {
    this.link.setReferenced(false);
  }

  hasRef() {
    return this.link.referenced;
  }

  setNoDelay(on) {
    this.link.setNoDelay(on);
    return 0;
  }

  setKeepAlive(on, seconds) {
    this.link.setKeepAlive(on, seconds);
    return 0;
  }

  setBlocking() {
    return 0;
  }

  close(callback) {
    this.link.destroy(false, callback);
  }

  reset(callback) {
    this.link.destroy(true, callback);
    return 0;
  }

  shutdown(req) {
    this.link.shutdown(() => req.oncomplete(0));
    return 0;
  }

  writeBuffer(req, data) {
    return this.write(req, data);
  }

  writeUtf8String(req, data) {
    return this.write(req, Buffer.from(data, 'utf8'));
  }

  writeLatin1String(req, data) {
    return this.write(req, Buffer.from(data, 'latin1'));
  }

  writeAsciiString(req, data) {
    return this.write(req, Buffer.from(data, 'latin1'));
  }

  writeUcs2String(req, data) {
    return this.write(req, Buffer.from(data, 'utf16le'));
  }

  writev(req, chunks, allBuffers) {
    const buffers = [];

    if (allBuffers) {
      buffers.push(...chunks);
    } else {
      for (let i = 0; i < chunks.length; i += 2) {
        buffers.push(Buffer.from(chunks[i], chunks[i + 1]));
      }
    }

    return this.write(req, Buffer.concat(buffers));
  }

  /**
   * Writes raw bytes.
   *
   * @param {(Object|null)} req Node's request, told when the bytes are out
   * @param {Buffer} data The bytes
   * @return {Number} 0: there is no error yet
   */
  write(req, data) {
    // Node 26 has no request unless the handle asks for one: 0 then says that
    // the write is done.
    if (req === null) {
      this.link.sendRaw(data);
      return 0;
    }

    this.link.sendRaw(data, () => {
      // Node sets `async` after this method has returned, from what the last
      // write of any handle said: where it is false, the request is done.
      if (req.async) req.oncomplete(0);
    });
    return 0;
  }
}

/** Prototypes of shells by the prototype that the socket had. */
const shellPrototypes = new Map();

/**
 * Makes the prototype of a shell: the one that the socket had, but for what
 * never reaches the handle.
 *
 * @param {Object} prototype The prototype of the socket
 * @return {Object} An object that inherits from it
 */
function shellPrototype(prototype) {
  let shell = shellPrototypes.get(prototype);

  if (shell === undefined) {
    if (shellPrototypes.size > 100) shellPrototypes.clear();
    shell = Object.create(
      prototype,
      Object.getOwnPropertyDescriptors(shellMethods)
    );
    shell.addListener = shell.on;
    shell.write = function write(...args) {
      const more = prototype.write.apply(this, args);

      return this._handle
        ? backlog.afterWrite(this, this._handle.link, more)
        : more;
    };
    shellPrototypes.set(prototype, shell);
  }

  return shell;
}

/**
 * Replaces the handle of a socket; the descriptor must have been duplicated.
 *
 * @param {net.Socket} socket The socket
 * @param {NativeLink} link The connection
 * @param {Number} fd The descriptor that the I/O thread has
 */
function replaceHandle(socket, link, fd) {
  const handle = socket._handle;

  // Node looks these up once, and the handle is about to go.
  void socket.remoteAddress;
  void socket.localAddress;

  Object.setPrototypeOf(socket, shellPrototype(Object.getPrototypeOf(socket)));
  // Node's HTTP server gives its sockets such methods of their own.
  for (const name of ['on', 'addListener', 'prependListener']) {
    if (Object.hasOwn(socket, name)) {
      socket[name] = shellMethods[name] ?? shellMethods.on;
    }
  }
  ShellHandle.replace(handle, link, fd);
}

/**
 * Prepares for a listener that is about to be added.
 *
 * @param {NativeLink} link The connection
 * @param {(String|Symbol)} event The event
 */
function expectListener(link, event) {
  if (event === 'data') link.tap();
  else if (event === 'drain') backlog.expectDrain(link);
}

/** What a shell does in another way than a socket with a handle of Node's. */
const shellMethods = {
  /**
   * How many bytes wait to be written, frames included.
   *
   * @type {Number}
   */
  get writableLength() {
    return this._handle
      ? backlog.pendingBytes(this, this._handle.link)
      : this._writableState.length;
  },

  /**
   * Whether so much waits that 'drain' will come.
   *
   * @type {Boolean}
   */
  get writableNeedDrain() {
    return this._handle
      ? this._writableState.needDrain || backlog.isFull(this, this._handle.link)
      : false;
  },

  /**
   * Adds a listener. One of 'data' sees what is read from now on.
   *
   * @param {(String|Symbol)} event The event
   * @param {Function} listener The listener
   * @return {net.Socket} The socket
   */
  on(event, listener) {
    if (this._handle) expectListener(this._handle.link, event);
    return net.Socket.prototype.on.call(this, event, listener);
  },

  /**
   * Adds a listener in front of the others.
   *
   * @param {(String|Symbol)} event The event
   * @param {Function} listener The listener
   * @return {net.Socket} The socket
   */
  prependListener(event, listener) {
    if (this._handle) expectListener(this._handle.link, event);
    return net.Socket.prototype.prependListener.call(this, event, listener);
  },

  /**
   * Stops reading. (Node goes on until a buffer is full.)
   *
   * @return {net.Socket} The socket
   */
  pause() {
    if (this._handle) this._handle.link.pause();
    return net.Socket.prototype.pause.call(this);
  },

  /**
   * Goes on reading.
   *
   * @return {net.Socket} The socket
   */
  resume() {
    if (this._handle) this._handle.link.resume();
    return net.Socket.prototype.resume.call(this);
  },

  /**
   * Closes the connection with a RST. (Node looks at the class of the handle.)
   *
   * @return {net.Socket} The socket
   */
  resetAndDestroy() {
    if (!this._handle || this.destroyed) return this;
    this.resetAndClosing = true;
    return this.destroy();
  }
};

/** Error numbers of the system, which Node has as names. */
const names = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name])
);

/**
 * Makes the error that Node's sockets emit for a failed system call.
 *
 * @param {Number} errno The number, positive
 * @param {String} syscall The name of the call
 * @return {Error} The error, with `errno`, `code` and `syscall`
 */
function systemError(errno, syscall) {
  const code = names.get(errno) ?? getSystemErrorName(-errno);
  const err = new Error(`${syscall} ${code}`);

  err.errno = -errno;
  err.code = code;
  err.syscall = syscall;
  return err;
}

module.exports = { canMove, replaceHandle, systemError };
