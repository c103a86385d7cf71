'use strict';

const net = require('node:net');
const { constants } = require('node:os');
const { getSystemErrorName } = require('node:util');

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
  return (
    socket instanceof net.Socket &&
    !socket.encrypted &&
    !socket.destroyed &&
    // The 101 response is not out yet: what we send must not overtake it.
    socket.writableLength === 0 &&
    socket._handle !== null &&
    typeof socket._handle === 'object' &&
    MOVABLE.has(socket._handle.constructor.name) &&
    socket._handle.fd >= 0
  );
}

/** Node's key for the owner of a handle. */
let owner;

/**
 * Looks up Node's key for the owner of a handle.
 *
 * @param {Object} handle Any handle
 * @return {Symbol} The key
 */
function ownerSymbol(handle) {
  for (let at = handle; owner === undefined && at !== null; ) {
    owner = Object.getOwnPropertySymbols(at).find(
      (symbol) => symbol.description === 'owner_symbol'
    );
    at = Object.getPrototypeOf(at);
  }

  return owner;
}

/** What stands in for the handle of a socket whose descriptor has moved. */
class ShellHandle {
  /**
   * @param {NativeLink} link The connection
   * @param {Number} fd The descriptor that the I/O thread has
   * @param {Object} handle The handle it replaces
   */
  constructor(link, fd, handle) {
    this.link = link;
    this.fd = fd;
    this.asyncId = handle.getAsyncId();
    this.reading = true;
    // By this property of a handle Node finds the socket.
    this[ownerSymbol(handle)] = link.socket;
  }

  /** @type {Number} */
  get bytesRead() {
    return this.link.bytesRead;
  }

  /** @type {Number} */
  get bytesWritten() {
    return this.link.bytesWritten;
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
   * @param {Object} req Node's request, told when the bytes are out
   * @param {Buffer} data The bytes
   * @return {Number} 0: there is no error yet
   */
  write(req, data) {
    this.link.sendRaw(data, () => {
      // Node sets `async` after this method has returned, from what the last
      // write of any handle said: where it is false, the request is done.
      if (req.async) req.oncomplete(0);
    });
    return 0;
  }
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
  socket.remoteAddress;
  socket.localAddress;

  socket._handle = new ShellHandle(link, fd, handle);
  socket.pause = pauseShell;
  socket.resume = resumeShell;
  handle.close();
}

/**
 * `socket.pause()` of a shell.
 *
 * @return {net.Socket} The socket
 * @this net.Socket
 */
function pauseShell() {
  if (this._handle) this._handle.link.pause();
  return net.Socket.prototype.pause.call(this);
}

/**
 * `socket.resume()` of a shell.
 *
 * @return {net.Socket} The socket
 * @this net.Socket
 */
function resumeShell() {
  if (this._handle) this._handle.link.resume();
  return net.Socket.prototype.resume.call(this);
}

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
