import { encodeFile } from './frames.js';

/**
 * Messages that the server has not confirmed yet. They are shown at once and
 * sent again after a reconnection, unless the history shows that they arrived.
 */

// The server takes a burst of thirty.
const MAX_WAITING = 20;

export class Outbox {
  #socket;
  #log;
  #waiting = new Map();
  #nextRef = 0;

  /**
   * @param {ReconnectingSocket} socket Where to send
   * @param {Log} log Where to show
   */
  constructor(socket, log) {
    this.#socket = socket;
    this.#log = log;
  }

  /**
   * Show a message and send it.
   *
   * @param {Object} message What `Log#message()` takes, for a file with `blob`
   * @param {Boolean} isConnected Whether to send it now, else by `flush()`
   * @return {Boolean} `false` if too many messages wait already
   */
  post(message, isConnected) {
    if (this.#waiting.size >= MAX_WAITING) return false;

    const ref = (this.#nextRef++).toString(36);
    const node = this.#log.message(message, true);

    this.#waiting.set(ref, { message, node });
    this.#log.mark(node, 'pending');
    if (isConnected) this.#send(ref);

    return true;
  }

  /**
   * The server has published a message of ours.
   *
   * @param {String} ref Its reference
   * @return {Boolean} Whether it is shown already
   */
  confirm(ref) {
    const entry = this.#waiting.get(ref);

    if (entry === undefined) return false;

    this.#waiting.delete(ref);
    this.#log.mark(entry.node, 'sent');

    return true;
  }

  /**
   * The server has refused a message of ours.
   *
   * @param {String} ref Its reference
   * @param {String} reason Why
   * @return {Boolean} Whether we know the message
   */
  fail(ref, reason) {
    const entry = this.#waiting.get(ref);

    if (entry === undefined) return false;

    this.#waiting.delete(ref);
    this.#log.mark(entry.node, 'failed', reason, () => {
      this.#waiting.set(ref, entry);
      this.#log.mark(entry.node, 'pending');
      this.#send(ref);
    });

    return true;
  }

  /**
   * Send what waits, after the server has told what it knows.
   */
  flush() {
    for (const ref of this.#waiting.keys()) this.#send(ref);
  }

  /**
   * Forget what waits.
   */
  clear() {
    this.#waiting.clear();
  }

  /**
   * @param {String} ref The reference of a waiting message
   */
  #send(ref) {
    const { text, name, mime, blob } = this.#waiting.get(ref).message;

    this.#socket.send(
      blob === undefined
        ? JSON.stringify({ type: 'chat', text, ref })
        : encodeFile({ type: 'file', name, mime, ref }, blob)
    );
  }
}
