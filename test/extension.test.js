'use strict';

const assert = require('node:assert');

const extension = require('../lib/extension');

const { format, parse } = extension;

/**
 * Asserts what a field value is parsed into.
 *
 * @param {String} header The field value
 * @param {Object} expected For each extension the list of its offers
 */
function assertParsed(header, expected) {
  const parsed = parse(header);

  assert.deepStrictEqual(
    JSON.parse(JSON.stringify(parsed)),
    expected,
    JSON.stringify(header)
  );
}

/**
 * Asserts that a field value is refused.
 *
 * @param {String} header The field value
 * @param {Number} [index] The index of the character that is wrong; without it
 *     the value must be refused because it ends too early
 */
function assertRefused(header, index) {
  assert.throws(
    () => parse(header),
    {
      name: 'SyntaxError',
      message:
        index === undefined
          ? 'Unexpected end of input'
          : `Unexpected character at index ${index}`
    },
    JSON.stringify(header)
  );
}

describe('extension', () => {
  it('exports nothing but its two functions', () => {
    assert.deepStrictEqual(Object.keys(extension), ['format', 'parse']);
  });

  describe('parse', () => {
    it('parses an extension without parameters', () => {
      assertParsed('a', { a: [{}] });
      assertParsed("!#$%&'*+-.^_`|~", { "!#$%&'*+-.^_`|~": [{}] });
    });

    it('parses parameters with and without value', () => {
      assertParsed('a;b', { a: [{ b: [true] }] });
      assertParsed('a;b=c', { a: [{ b: ['c'] }] });
      assertParsed('a;b=10;c;d=e', {
        a: [{ b: ['10'], c: [true], d: ['e'] }]
      });
    });

    it('collects all values of a parameter', () => {
      assertParsed('a;b=1;b;b="2"', { a: [{ b: ['1', true, '2'] }] });
    });

    it('collects all offers of an extension', () => {
      assertParsed('a;b, c, a, a;b=1', {
        a: [{ b: [true] }, {}, { b: ['1'] }],
        c: [{}]
      });
    });

    it('keeps the order of the extensions', () => {
      assert.deepStrictEqual(Object.keys(parse('z, a;q, m')), ['z', 'a', 'm']);
    });

    it('returns objects without prototype', () => {
      const parsed = parse('toString, __proto__; constructor; __proto__=1');

      assert.strictEqual(Object.getPrototypeOf(parsed), null);
      assert.deepStrictEqual(Object.keys(parsed), ['toString', '__proto__']);

      const [params] = parsed['__proto__'];

      assert.strictEqual(Object.getPrototypeOf(params), null);
      assert.deepStrictEqual(Object.entries(params), [
        ['constructor', [true]],
        ['__proto__', ['1']]
      ]);
    });

    it('parses quoted values', () => {
      assertParsed('a;b="c"', { a: [{ b: ['c'] }] });
      assertParsed('a;b="c";d', { a: [{ b: ['c'], d: [true] }] });
      assertParsed('a;b="c",d;e="f"', {
        a: [{ b: ['c'] }],
        d: [{ e: ['f'] }]
      });
      assertParsed('a;b="c" \t;d', { a: [{ b: ['c'], d: [true] }] });
    });

    it('removes the backslashes of quoted values', () => {
      assertParsed('a;b="\\c"', { a: [{ b: ['c'] }] });
      assertParsed('a;b="\\c\\d\\e"', { a: [{ b: ['cde'] }] });
      assertParsed('a;b="cd\\ef"', { a: [{ b: ['cdef'] }] });
      assertParsed('a;b="c\\d";e="f";g=h', {
        a: [{ b: ['cd'], e: ['f'], g: ['h'] }]
      });
      assertParsed('a;b="c\\d",a;b="e\\f"', {
        a: [{ b: ['cd'] }, { b: ['ef'] }]
      });
    });

    it('skips white space around delimiters', () => {
      assertParsed('a ;\tb\t; c=1 \t,\t d  ;e', {
        a: [{ b: [true], c: ['1'] }],
        d: [{ e: [true] }]
      });
    });

    it('refuses white space at the start', () => {
      assertRefused(' ', 0);
      assertRefused(' a', 0);
      assertRefused('\ta', 0);
    });

    it('refuses white space at the end', () => {
      for (const header of ['a', 'a;b', 'a;b=c', 'a;b="c"', 'a, b']) {
        assertRefused(`${header} `);
        assertRefused(`${header}\t`);
      }
    });

    it('refuses white space within an item', () => {
      assertRefused('a b', 2);
      assertRefused('a;b c', 4);
      assertRefused('a;b =c', 4);
      assertRefused('a;b= c', 4);
      assertRefused('a;b=\t"c"', 4);
      assertRefused('a;b=c d', 6);
      assertRefused('a;b="c d"', 6);
      assertRefused('a;b=" c"', 5);
    });

    it('refuses a missing name or value', () => {
      assertRefused('');
      assertRefused(',', 0);
      assertRefused(';', 0);
      assertRefused('=', 0);
      assertRefused('a,,', 2);
      assertRefused('a,;', 2);
      assertRefused('a;;', 2);
      assertRefused('a;,', 2);
      assertRefused('a;=b', 2);
      assertRefused('a;b=;', 4);
      assertRefused('a;b=,', 4);
      assertRefused('a;b==c', 4);
      assertRefused('a;b=""', 5);
      assertRefused('a,');
      assertRefused('a, ');
      assertRefused('a;');
      assertRefused('a; ');
      assertRefused('a;b,');
      assertRefused('a;b=');
    });

    it('refuses a value that follows an extension name', () => {
      assertRefused('a=b', 1);
      assertRefused('a =b', 2);
    });

    it('refuses a second value', () => {
      assertRefused('a;b=c=d', 5);
      assertRefused('a;b="c"=d', 7);
      assertRefused('a;b="c"d', 7);
      assertRefused('a;b="c""d"', 7);
      assertRefused('a;b="c" "d"', 8);
    });

    it('refuses quotes where no value starts', () => {
      assertRefused('"a"', 0);
      assertRefused('a"b"', 1);
      assertRefused('a;"b"', 2);
      assertRefused('a;b"c"', 3);
      assertRefused('a;b=c"d"', 5);
    });

    it('refuses backslashes outside of quotes', () => {
      assertRefused('\\a', 0);
      assertRefused('a;\\b', 2);
      assertRefused('a;b=\\c', 4);
    });

    it('refuses quoted characters that no token has', () => {
      for (const char of ' \t,;=@\u00e9\u20ac\0') {
        assertRefused(`a;b="c${char}"`, 6);
        assertRefused(`a;b="\\${char}"`, 6);
        assertRefused(`a;b="c\\${char}"`, 7);
      }

      assertRefused('a;b="\\""', 6);
      assertRefused('a;b="c\\\\"', 7);
    });

    it('refuses quotes that are not closed', () => {
      assertRefused('a;b="');
      assertRefused('a;b="c');
      assertRefused('a;b="\\');
      assertRefused('a;b="c\\');
      assertRefused('a;b="c\\d');
    });

    it('refuses characters that no token has', () => {
      for (const char of '(/:<?@[]{}\r\n\0\x7f\u00e9\u0100\ud83d') {
        assertRefused(`a${char}`, 1);
        assertRefused(`a;b${char}`, 3);
        assertRefused(`a;b=c${char}`, 5);
        assertRefused(`a,${char}`, 2);
      }
    });

    it('parses a long value in reasonable time', () => {
      const value = '\\a'.repeat(50000);

      assert.strictEqual(parse(`a;b="${value}"`).a[0].b[0], 'a'.repeat(50000));
    });
  });

  describe('format', () => {
    it('returns an empty string for no extension', () => {
      assert.strictEqual(format({}), '');
    });

    it('formats one offer or a list of them', () => {
      assert.strictEqual(format({ a: {} }), 'a');
      assert.strictEqual(format({ a: [{}] }), 'a');
      assert.strictEqual(format({ a: [{ b: true }, {}] }), 'a; b, a');
    });

    it('formats one value or a list of them', () => {
      assert.strictEqual(format({ a: { b: true } }), 'a; b');
      assert.strictEqual(format({ a: { b: 10 } }), 'a; b=10');
      assert.strictEqual(format({ a: { b: 'c' } }), 'a; b=c');
      assert.strictEqual(
        format({ a: { b: [1, true, 'c'], d: [true] } }),
        'a; b=1; b; b=c; d'
      );
    });

    it('leaves no parameter out because of its value', () => {
      assert.strictEqual(format({ a: { b: 0, c: false } }), 'a; b=0; c=false');
    });

    it('separates extensions by commas', () => {
      assert.strictEqual(
        format({ a: [{ b: 1 }, { b: 2 }], c: { d: true }, e: {} }),
        'a; b=1, a; b=2, c; d, e'
      );
    });

    it('is the reverse of parse', () => {
      for (const header of [
        'a',
        'a; b; c=1, a, d; b=2; b',
        'permessage-deflate; client_max_window_bits, permessage-deflate'
      ]) {
        assert.strictEqual(format(parse(header)), header);
      }

      assert.strictEqual(format(parse('a;b="c\\d"\t,e')), 'a; b=cd, e');
    });
  });
});
