'use strict';

const assert = require('node:assert');

const { parse } = require('../lib/subprotocol');

/**
 * Asserts that a field value is refused.
 *
 * @param {String} header The field value
 * @param {String} message The message of the error
 */
function assertRefused(header, message) {
  assert.throws(
    () => parse(header),
    { name: 'SyntaxError', message },
    JSON.stringify(header)
  );
}

describe('subprotocol', () => {
  describe('parse', () => {
    it('returns a set of one name', () => {
      const names = parse('chat');

      assert.ok(names instanceof Set);
      assert.deepStrictEqual([...names], ['chat']);
    });

    it('keeps the order of the names', () => {
      assert.deepStrictEqual(
        [...parse('v2.chat,v1.chat,chat')],
        ['v2.chat', 'v1.chat', 'chat']
      );
    });

    it('takes every token character in a name', () => {
      const name = "!#$%&'*+-.09AZ^_`az|~";

      assert.deepStrictEqual([...parse(`${name},x`)], [name, 'x']);
    });

    it('takes names that objects have as properties', () => {
      assert.deepStrictEqual(
        [...parse('__proto__, constructor')],
        ['__proto__', 'constructor']
      );
    });

    it('tells upper and lower case apart', () => {
      assert.deepStrictEqual([...parse('Chat, chat')], ['Chat', 'chat']);
    });

    it('skips white space around the commas', () => {
      assert.deepStrictEqual(
        [...parse('a ,b\t,\tc \t , \t d')],
        ['a', 'b', 'c', 'd']
      );
    });

    it('refuses white space anywhere else', () => {
      assertRefused(' a', 'Unexpected character at index 0');
      assertRefused('\ta', 'Unexpected character at index 0');
      assertRefused(' ', 'Unexpected character at index 0');
      assertRefused('a b', 'Unexpected character at index 2');
      assertRefused('a, b c', 'Unexpected character at index 5');
      assertRefused('a ', 'Unexpected end of input');
      assertRefused('a,b\t', 'Unexpected end of input');
    });

    it('refuses a missing name', () => {
      assertRefused('', 'Unexpected end of input');
      assertRefused(',', 'Unexpected character at index 0');
      assertRefused(',a', 'Unexpected character at index 0');
      assertRefused('a,,b', 'Unexpected character at index 2');
      assertRefused('a, \t,b', 'Unexpected character at index 4');
      assertRefused('a,', 'Unexpected end of input');
      assertRefused('a, ', 'Unexpected end of input');
    });

    it('refuses characters that no token has', () => {
      for (const char of '"(/:;<=?@[\\]{}\r\n\0\x7fé€') {
        assertRefused(char, 'Unexpected character at index 0');
        assertRefused(`ab${char}`, 'Unexpected character at index 2');
        assertRefused(`ab, c${char}d`, 'Unexpected character at index 5');
        assertRefused(`ab ${char}`, 'Unexpected character at index 3');
      }
    });

    it('refuses a name that is there twice', () => {
      for (const header of ['a,a', 'a , a', 'b,a,c,a', 'a,a,b']) {
        assertRefused(header, 'The "a" subprotocol is duplicated');
      }
    });

    it('reports the first of two mistakes', () => {
      assertRefused('a,a,@', 'The "a" subprotocol is duplicated');
      assertRefused('a,a@', 'Unexpected character at index 3');
      assertRefused('a,a ', 'Unexpected end of input');
    });

    it('takes a long list', () => {
      const names = Array.from({ length: 5000 }, (_, i) => `p${i}`);

      assert.deepStrictEqual([...parse(names.join(', '))], names);
    });
  });
});
