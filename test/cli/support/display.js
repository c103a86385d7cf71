'use strict';

const ESCAPE = '\x1b';

/**
 * As much of a terminal's screen as the program uses. Anything else that would
 * have an effect is an error, so nothing can slip through unseen.
 */
class Display {
  /**
   * @param {number} columns Its width
   */
  constructor(columns) {
    this._columns = columns;
    this._rows = [[]];
    this._row = 0;
    this._column = 0;
    this._rest = '';
  }

  /**
   * Show a text.
   *
   * @param {string} text What a program writes
   * @throws {Error} If it has escape sequences or control characters that the
   *     program has no use for
   */
  write(text) {
    let rest = this._rest + text;

    while (rest !== '') {
      const [first] = rest;

      if (first === ESCAPE) {
        // eslint-disable-next-line no-control-regex
        const match = /^\x1b\[([\d;?]*)([A-Za-z])/.exec(rest);

        // The end of the sequence is still to come.
        if (match === null && rest.length < 12) break;
        if (match === null) this._refuse(rest);
        this._obey(match[2], match[1]);
        rest = rest.slice(match[0].length);
      } else {
        const character = String.fromCodePoint(rest.codePointAt(0));

        this._show(character);
        rest = rest.slice(character.length);
      }
    }
    this._rest = rest;
  }

  /**
   * @returns {string[]} What is on it, without blanks at the ends of lines and
   *     without empty lines at the end
   */
  lines() {
    const lines = this._rows.map((row) =>
      Array.from(row, (character) => character ?? ' ')
        .join('')
        .trimEnd()
    );

    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /**
   * Show a character.
   *
   * @param {string} character The character
   */
  _show(character) {
    if (character === '\r') {
      this._column = 0;
    } else if (character === '\n') {
      this._moveTo(this._row + 1, this._column);
    } else if (character === '\b') {
      this._column = Math.max(this._column - 1, 0);
    } else if (/[\p{Cc}\p{Cf}]/u.test(character)) {
      this._refuse(character);
    } else {
      // The cursor stays in the last column until there is one more.
      if (this._column === this._columns) this._moveTo(this._row + 1, 0);
      this._rows[this._row][this._column++] = character;
    }
  }

  /**
   * Obey an escape sequence.
   *
   * @param {string} name Its last character
   * @param {string} parameter Its number
   */
  _obey(name, parameter) {
    const count = Number(parameter || 1);
    const row = this._rows[this._row];

    switch (name) {
      case 'A':
        this._moveTo(Math.max(this._row - count, 0), this._column);
        break;
      case 'B':
        this._moveTo(this._row + count, this._column);
        break;
      case 'C':
        this._column = Math.min(this._column + count, this._columns - 1);
        break;
      case 'D':
        this._column = Math.max(this._column - count, 0);
        break;
      case 'G':
        this._column = count - 1;
        break;
      case 'J':
        if (!/^0?$/.test(parameter)) this._refuse(`J ${parameter}`);
        row.length = Math.min(row.length, this._column);
        this._rows.length = this._row + 1;
        break;
      case 'K':
        if (!/^0?$/.test(parameter)) this._refuse(`K ${parameter}`);
        row.length = Math.min(row.length, this._column);
        break;
      case 'm':
        break;
      default:
        this._refuse(`${parameter}${name}`);
    }
  }

  /**
   * Move the cursor.
   *
   * @param {number} row To which row
   * @param {number} column To which column
   */
  _moveTo(row, column) {
    while (this._rows.length <= row) this._rows.push([]);
    this._row = row;
    this._column = Math.min(column, this._columns - 1);
  }

  /**
   * @param {string} what What is not understood
   * @throws {Error} Always
   */
  _refuse(what) {
    throw new Error(`a terminal would obey ${JSON.stringify(what)}`);
  }
}

module.exports = Display;
