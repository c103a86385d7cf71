'use strict';

/**
 * Sends pings to the clients of a server, and ends the connections of those that
 * do not answer before the next one.
 */
class Heartbeat {
  /**
   * @param {WebSocketServer} wss The server
   * @param {Number} seconds How often; 0 stands for never
   */
  constructor(wss, seconds) {
    this._wss = wss;
    this._unanswered = new WeakSet();

    wss.on('connection', (ws) => {
      ws.on('pong', () => this._unanswered.delete(ws));
    });
    if (seconds > 0) {
      this._timer = setInterval(() => this._beat(), seconds * 1000);
    }
  }

  /** Sends a ping to everybody. */
  _beat() {
    for (const ws of this._wss.clients) {
      if (ws.readyState !== ws.OPEN) continue;

      if (ws.isPaused) {
        // Who is not read cannot be heard to answer. If he is gone, the pong
        // cannot be written, and that is noticed.
        this._unanswered.delete(ws);
        ws.pong();
      } else if (this._unanswered.has(ws)) {
        ws.terminate();
      } else {
        this._unanswered.add(ws);
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
