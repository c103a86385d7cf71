import { formatBytes } from './figures.js';

/**
 * The list of messages.
 */

const MAX_ENTRIES = 400;
const GROUP_MS = 5 * 60 * 1000;
const IMAGE = /^image\/(png|jpeg|gif|webp|avif)$/;
const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]']/g;

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit'
});

/**
 * Give an element the colour and the initials of a person.
 *
 * @param {HTMLElement} node The element
 * @param {String} name The nickname
 */
export function paintAvatar(node, name) {
  let hash = 0;

  for (const character of name) {
    hash = (hash * 31 + character.codePointAt(0)) | 0;
  }

  const words = name.split(' ').filter(Boolean);
  const initials = words.slice(0, 2).map((word) => [...word][0]);

  node.style.setProperty('--hue', String(((hash % 360) + 360) % 360));
  node.textContent = initials.join('').toUpperCase();
}

export class Log {
  #root;
  #jump;
  #urls = new WeakMap();
  #last = null;

  /**
   * @param {HTMLElement} root The element that scrolls
   * @param {HTMLButtonElement} jump The button that scrolls to the end
   */
  constructor(root, jump) {
    this.#root = root;
    this.#jump = jump;

    jump.addEventListener('click', () => this.scrollToEnd());
    root.addEventListener('scroll', () => {
      if (this.#isAtEnd()) jump.hidden = true;
    });
    new ResizeObserver(() => {
      if (jump.hidden) this.scrollToEnd();
    }).observe(root);
  }

  /**
   * Remove everything.
   */
  clear() {
    for (const node of [...this.#root.children]) this.#remove(node);
    this.#last = null;
    this.#jump.hidden = true;
  }

  /**
   * Show a line between the messages.
   *
   * @param {String} text What happened
   */
  note(text) {
    const node = document.createElement('p');

    node.className = 'note';
    node.textContent = text;
    this.#last = null;
    this.#append(node, false);
  }

  /**
   * Show a message.
   *
   * @param {Object} message `from`, `time` and either `text` or `name`, `mime`
   *     and `bytes`
   * @param {Boolean} isMine Whether this page has sent it
   * @return {HTMLElement} The new entry
   */
  message(message, isMine) {
    const node = document.createElement('article');
    const last = this.#last;
    const follows =
      last?.from.id === message.from.id &&
      last.from.name === message.from.name &&
      message.time - last.time < GROUP_MS;

    node.className = `message${isMine ? ' mine' : ''}${follows ? ' follows' : ''}`;
    node.append(
      this.#avatar(message.from.name),
      this.#head(message, isMine),
      message.bytes === undefined
        ? textBody(message.text)
        : this.#fileBody(node, message)
    );
    this.#last = message;
    this.#append(node, isMine);

    return node;
  }

  /**
   * Mark an entry as waiting for the server, as arrived, or as refused.
   *
   * @param {HTMLElement} node The entry
   * @param {String} state `pending`, `sent` or `failed`
   * @param {String} [text] Why it failed
   * @param {Function} [again] Sends it again
   */
  mark(node, state, text = '', again) {
    node.dataset.state = state;
    node.querySelector('.delivery')?.remove();
    if (state === 'sent') return;

    const line = document.createElement('p');

    line.className = 'delivery';
    line.textContent = state === 'pending' ? 'Sending…' : `Not sent. ${text} `;

    if (again !== undefined) {
      const button = document.createElement('button');

      button.type = 'button';
      button.className = 'link-button';
      button.textContent = 'Send again';
      button.addEventListener('click', again);
      line.append(button);
    }

    node.append(line);
    if (this.#jump.hidden) this.scrollToEnd();
  }

  /**
   * Scroll to the newest message.
   */
  scrollToEnd() {
    this.#root.scrollTop = this.#root.scrollHeight;
    this.#jump.hidden = true;
  }

  /**
   * @param {HTMLElement} node The new entry
   * @param {Boolean} follow Whether to scroll to it in any case
   */
  #append(node, follow) {
    const stay = !follow && !this.#isAtEnd();

    this.#root.append(node);
    while (this.#root.childElementCount > MAX_ENTRIES) {
      this.#remove(this.#root.firstElementChild);
    }

    if (!stay) {
      this.scrollToEnd();
    } else if (node.matches('.message')) {
      this.#jump.hidden = false;
    }
  }

  /**
   * @param {HTMLElement} node The entry to forget with what it holds
   */
  #remove(node) {
    URL.revokeObjectURL(this.#urls.get(node));
    node.remove();
  }

  /**
   * @return {Boolean} Whether the newest message is in sight
   */
  #isAtEnd() {
    const { scrollTop, scrollHeight, clientHeight } = this.#root;

    return scrollHeight - scrollTop - clientHeight < 60;
  }

  /**
   * @param {String} name The nickname
   * @return {HTMLElement} The avatar
   */
  #avatar(name) {
    const node = document.createElement('span');

    node.className = 'avatar';
    node.setAttribute('aria-hidden', 'true');
    paintAvatar(node, name);

    return node;
  }

  /**
   * @param {Object} message The message
   * @param {Boolean} isMine Whether this page has sent it
   * @return {HTMLElement} Who and when
   */
  #head(message, isMine) {
    const node = document.createElement('header');
    const who = document.createElement('span');
    const when = document.createElement('time');
    const date = new Date(message.time);

    who.className = 'who';
    who.textContent = isMine ? 'You' : message.from.name;
    when.dateTime = date.toISOString();
    when.textContent = clock.format(date);
    node.append(who, ' ', when);

    return node;
  }

  /**
   * @param {HTMLElement} node The entry
   * @param {Object} message The file
   * @return {HTMLElement} An image, or a link to save the file
   */
  #fileBody(node, { name, mime, bytes }) {
    const isImage = IMAGE.test(mime);
    const link = document.createElement('a');

    // Anything but an image is saved, never shown: it could be a page.
    const type = isImage ? mime : 'application/octet-stream';
    const url = URL.createObjectURL(new Blob([bytes], { type }));

    this.#urls.set(node, url);
    link.href = url;
    link.download = name;
    link.title = `Save ${name}`;

    if (isImage) {
      const image = document.createElement('img');

      image.src = url;
      image.alt = name;
      image.addEventListener('load', () => {
        if (this.#jump.hidden) this.scrollToEnd();
      });
      link.className = 'body image';
      link.append(image);
    } else {
      const size = document.createElement('span');

      size.className = 'size';
      size.textContent = formatBytes(bytes.length);
      link.className = 'body file';
      link.append(name, size);
    }

    return link;
  }
}

/**
 * @param {String} text The text of a message
 * @return {HTMLElement} The text with its links
 */
function textBody(text) {
  const node = document.createElement('p');
  let end = 0;

  node.className = 'body text';

  for (const match of text.matchAll(LINK)) {
    const link = document.createElement('a');

    link.href = link.textContent = match[0];
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    node.append(text.slice(end, match.index), link);
    end = match.index + match[0].length;
  }

  node.append(text.slice(end));

  return node;
}
