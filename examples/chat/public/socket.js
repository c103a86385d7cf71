/**
 * A WebSocket that comes back.
 *
 * Events: 'open'; 'message' with the payload as `detail`; 'state' whenever
 * `state` has changed.
 */

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 15000;

// The server sends its figures every second, silence means it is gone.
const SILENCE_MS = 15000;
const WATCH_MS = 2000;

export class ReconnectingSocket extends EventTarget {
  #url;
  #ws = null;
  #attempt = 0;
  #timer = 0;
  #lastHeard = 0;

  /** `idle`, `connecting`, `open` or `waiting` */
  state = 'idle';

  /** When the next attempt is due, in milliseconds since 1970 */
  retryAt = 0;

  /** Why the last connection ended, for the user */
  reason = '';

  /**
   * @param {URL} url Where to connect to
   */
  constructor(url) {
    super();
    this.#url = url;

    const retry = () => {
      if (this.state === 'waiting' && !document.hidden) this.retry();
    };

    window.addEventListener('online', retry);
    document.addEventListener('visibilitychange', retry);
    setInterval(() => this.#watch(), WATCH_MS);
  }

  /**
   * Connect, unless that is so already.
   */
  start() {
    if (this.state === 'idle') this.retry();
  }

  /**
   * Close, and do not come back before the next `start()`.
   */
  stop() {
    this.#drop(1000);
    this.#setState('idle');
  }

  /**
   * Try now instead of waiting any longer.
   */
  retry() {
    this.#drop(1000);

    const ws = new WebSocket(this.#url);

    ws.binaryType = 'arraybuffer';
    ws.onopen = () => {
      this.#lastHeard = Date.now();
      this.#setState('open');
      this.dispatchEvent(new Event('open'));
    };
    ws.onmessage = ({ data }) => {
      this.#lastHeard = Date.now();
      this.dispatchEvent(new CustomEvent('message', { detail: data }));
    };
    ws.onclose = ({ reason }) => this.#wait(reason);

    this.#ws = ws;
    this.#setState('connecting');
  }

  /**
   * The server has accepted us: the next failure is a new one.
   */
  settle() {
    this.#attempt = 0;
  }

  /**
   * @param {(String|Blob)} data What to send; dropped unless `state` is `open`
   */
  send(data) {
    if (this.state === 'open') this.#ws.send(data);
  }

  /**
   * Wait before the next attempt, longer each time. The random part keeps the
   * pages of a restarted server from coming back all at once.
   *
   * @param {String} reason Why the connection ended
   */
  #wait(reason) {
    this.#drop(1000);

    const longest = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    const delay = longest * (0.5 + Math.random() / 2);

    this.#attempt++;
    this.reason = reason;
    this.retryAt = Date.now() + delay;
    this.#timer = setTimeout(() => this.retry(), delay);
    this.#setState('waiting');
  }

  /**
   * Close a connection over which nothing comes any more.
   */
  #watch() {
    if (this.state === 'open' && Date.now() - this.#lastHeard > SILENCE_MS) {
      this.#wait('The server is silent');
    }
  }

  /**
   * Forget the current WebSocket and the timer.
   *
   * @param {Number} code The status code to close with
   */
  #drop(code) {
    clearTimeout(this.#timer);
    if (this.#ws === null) return;

    this.#ws.onopen = this.#ws.onmessage = this.#ws.onclose = null;
    this.#ws.close(code);
    this.#ws = null;
  }

  /**
   * @param {String} state The new state
   */
  #setState(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}
