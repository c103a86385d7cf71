/**
 * On a narrow screen the panels at the sides slide in over the conversation.
 */
export class Panels {
  #open = null;
  #scrim = document.getElementById('scrim');

  constructor() {
    for (const name of ['people', 'figures']) {
      const button = document.getElementById(`${name}-toggle`);

      button.addEventListener('click', () => {
        if (this.#open === name) this.close();
        else this.#show(name);
      });
    }

    this.#scrim.addEventListener('click', () => this.close());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#open !== null) {
        document.getElementById(`${this.#open}-toggle`).focus();
        this.close();
      }
    });
  }

  /**
   * Close the open panel, if any.
   */
  close() {
    if (this.#open === null) return;

    document.getElementById(this.#open).classList.remove('open');
    document
      .getElementById(`${this.#open}-toggle`)
      .setAttribute('aria-expanded', 'false');
    this.#scrim.hidden = true;
    this.#open = null;
  }

  /**
   * @param {String} name The panel to open
   */
  #show(name) {
    this.close();
    document.getElementById(name).classList.add('open');
    document
      .getElementById(`${name}-toggle`)
      .setAttribute('aria-expanded', 'true');
    this.#scrim.hidden = false;
    this.#open = name;
  }
}
