const REFRESH_MS = 500;

/**
 * Shows how the connection is, and the time to the next attempt.
 */
export class Status {
  #socket;
  #isJoined;
  #root = document.getElementById('status');
  #text = document.getElementById('status-text');
  #detail = document.getElementById('status-detail');
  #retry = document.getElementById('retry');

  /**
   * @param {ReconnectingSocket} socket The connection
   * @param {Function} isJoined Returns whether the server has let us in
   */
  constructor(socket, isJoined) {
    this.#socket = socket;
    this.#isJoined = isJoined;
    this.#retry.addEventListener('click', () => socket.retry());
    setInterval(() => {
      if (socket.state === 'waiting') this.show();
    }, REFRESH_MS);
    this.show();
  }

  /**
   * Show the current state.
   */
  show() {
    const { state, retryAt, reason } = this.#socket;
    const isWaiting = state === 'waiting';
    const seconds = Math.max(0, Math.ceil((retryAt - Date.now()) / 1000));

    if (isWaiting) {
      this.#set('waiting', 'Offline');
    } else if (state === 'idle') {
      this.#set('idle', 'Not connected');
    } else if (this.#isJoined()) {
      this.#set('open', 'Connected');
    } else {
      this.#set('connecting', 'Connecting…');
    }

    this.#root.title = isWaiting ? reason : '';
    this.#detail.textContent = isWaiting ? `retry in ${seconds} s` : '';
    this.#retry.hidden = !isWaiting;
  }

  /**
   * @param {String} state What the style sheet knows
   * @param {String} text What the user reads
   */
  #set(state, text) {
    this.#root.dataset.state = state;

    // A live region is read aloud when it is set, even to the same text.
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}
