'use strict';

/**
 * Sends pings to the clients of a server, and ends the connections of those from
 * whom nothing comes before the next one. (The answer itself may take longer: it
 * waits behind all that a client has sent before.)
 */
class Heartbeat {
  /**
   * @param {WebSocketServer} wss The server
   * @param {Number} seconds How often; 0 stands for never
   */
  constructor(wss, seconds) {
    this._wss = wss;

    /** How many bytes had come from whom when he got the last ping. */
    this._bytes = new WeakMap();

    /** The sockets of the websockets. */
    this._sockets = new WeakMap();

    wss.on('connection', (ws, { socket }) => this._sockets.set(ws, socket));
    if (seconds > 0) {
      this._timer = setInterval(() => this._beat(), seconds * 1000);
    }
  }

  /** Sends a ping to everybody. */
  _beat() {
    for (const ws of this._wss.clients) {
      if (ws.readyState !== ws.OPEN) continue;

      const { bytesRead } = this._sockets.get(ws);

      if (ws.isPaused) {
        // Who is not read cannot be heard to answer. If he is gone, the pong
        // cannot be written, and that is noticed.
        this._bytes.delete(ws);
        ws.pong();
      } else if (this._bytes.get(ws) === bytesRead) {
        ws.terminate();
      } else {
        this._bytes.set(ws, bytesRead);
        ws.ping();
      }
    }
  }

  /** Sends no more pings. */
  stop() {
    clearInterval(this._timer);
  }
}

module.exports = Heartbeat;
