'use strict';

const assert = require('node:assert');

const {
  fieldError,
  isBlob,
  isValidStatusCode,
  isValidUTF8,
  skipSpace,
  skipToken,
  tokenChars
} = require('../lib/validation');

/**
 * Encodes a code point as UTF-8 would, without asking whether it is allowed.
 *
 * @param {Number} codePoint The code point
 * @param {Number} length How many bytes to use, 2 to 4
 * @return {Buffer} The bytes
 */
function encode(codePoint, length) {
  const bytes = [];

  for (let i = 1; i < length; i++) {
    bytes.unshift(0x80 | (codePoint & 0x3f));
    codePoint >>= 6;
  }

  bytes.unshift(((0xf00 >> length) & 0xff) | codePoint);
  return Buffer.from(bytes);
}

describe('validation', () => {
  describe('isValidStatusCode', () => {
    it('accepts the codes that may be sent', () => {
      for (const [first, last] of [
        [1000, 1003],
        [1007, 1014],
        [3000, 4999]
      ]) {
        for (let code = first; code <= last; code++) {
          assert.strictEqual(isValidStatusCode(code), true, `${code}`);
        }
      }
    });

    it('refuses the codes around them', () => {
      for (const code of [
        -1000, 0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1999, 2000, 2999, 5000,
        65535, 65536
      ]) {
        assert.strictEqual(isValidStatusCode(code), false, `${code}`);
      }
    });

    it('refuses what is no code at all', () => {
      for (const code of [NaN, Infinity, -Infinity, undefined, null, {}, '']) {
        assert.strictEqual(isValidStatusCode(code), false, `${code}`);
      }
    });
  });

  describe('isValidUTF8', () => {
    it('accepts no bytes', () => {
      assert.strictEqual(isValidUTF8(Buffer.alloc(0)), true);
    });

    it('accepts the first and the last character of every length', () => {
      for (const [codePoint, length] of [
        [0x80, 2],
        [0x7ff, 2],
        [0x800, 3],
        [0xd7ff, 3],
        [0xe000, 3],
        [0xffff, 3],
        [0x10000, 4],
        [0x10ffff, 4]
      ]) {
        const bytes = encode(codePoint, length);

        assert.strictEqual(
          bytes.toString(),
          String.fromCodePoint(codePoint),
          'the test encodes as it should'
        );
        assert.strictEqual(isValidUTF8(bytes), true, bytes.toString('hex'));
      }

      assert.strictEqual(isValidUTF8(Buffer.from([0x00, 0x7f])), true);
    });

    it('accepts a byte order mark and noncharacters', () => {
      for (const codePoint of [0xfeff, 0xfffe, 0xffff, 0xfdd0]) {
        assert.strictEqual(isValidUTF8(encode(codePoint, 3)), true);
      }
    });

    it('refuses surrogates', () => {
      for (let codePoint = 0xd800; codePoint <= 0xdfff; codePoint++) {
        assert.strictEqual(isValidUTF8(encode(codePoint, 3)), false);
      }
    });

    it('refuses a surrogate pair in place of one character', () => {
      const pair = Buffer.concat([encode(0xd83d, 3), encode(0xde00, 3)]);

      assert.strictEqual(isValidUTF8(pair), false);
    });

    it('refuses code points beyond the last one', () => {
      for (const codePoint of [0x110000, 0x13ffff, 0x140000, 0x1fffff]) {
        assert.strictEqual(isValidUTF8(encode(codePoint, 4)), false);
      }
    });

    it('refuses more bytes than a character needs', () => {
      for (const [codePoint, length] of [
        [0x00, 2],
        [0x2f, 2],
        [0x7f, 2],
        [0x00, 3],
        [0x7ff, 3],
        [0x00, 4],
        [0xffff, 4]
      ]) {
        assert.strictEqual(isValidUTF8(encode(codePoint, length)), false);
      }
    });

    it('refuses a continuation byte on its own', () => {
      for (let byte = 0x80; byte <= 0xbf; byte++) {
        assert.strictEqual(isValidUTF8(Buffer.from([0x61, byte])), false);
      }
    });

    it('refuses bytes that no character has', () => {
      const bytes = [0xc0, 0xc1];

      for (let byte = 0xf5; byte <= 0xff; byte++) bytes.push(byte);

      for (const byte of bytes) {
        const buffer = Buffer.from([byte, 0x80, 0x80, 0x80, 0x80, 0x80]);

        for (let end = 1; end <= buffer.length; end++) {
          assert.strictEqual(isValidUTF8(buffer.subarray(0, end)), false);
        }
      }
    });

    it('refuses a character that is cut off, wherever it stands', () => {
      for (const character of ['é', '€', '😀']) {
        const bytes = Buffer.from(character);

        for (let end = 1; end < bytes.length; end++) {
          const cut = bytes.subarray(0, end);

          for (const before of ['', 'a', 'a'.repeat(63), 'é'.repeat(500)]) {
            const parts = [Buffer.from(before), cut];

            assert.strictEqual(isValidUTF8(Buffer.concat(parts)), false);

            parts.push(Buffer.from('a'));
            assert.strictEqual(isValidUTF8(Buffer.concat(parts)), false);
          }
        }
      }
    });

    it('finds one bad byte in a long text', () => {
      const bytes = Buffer.from('Füße – 足 – 🦶 '.repeat(400));

      assert.strictEqual(isValidUTF8(bytes), true);

      for (const index of [0, 23, 24, 4095, bytes.length - 1]) {
        const copy = Buffer.from(bytes);

        copy[index] = 0xff;
        assert.strictEqual(isValidUTF8(copy), false, `index ${index}`);
      }
    });

    it('looks at the bytes of a view only', () => {
      const bytes = Buffer.from([0xff, 0xc3, 0xa9, 0xff]);

      assert.strictEqual(isValidUTF8(bytes.subarray(1, 3)), true);
      assert.strictEqual(isValidUTF8(new Uint8Array(bytes)), false);
    });
  });

  describe('isBlob', () => {
    it('knows blobs and files', () => {
      const { File } = require('node:buffer');

      assert.strictEqual(isBlob(new Blob(['a'])), true);
      assert.strictEqual(isBlob(new File(['a'], 'a.txt')), true);
    });

    it('knows a subclass of Blob', () => {
      class Picture extends Blob {}

      assert.strictEqual(isBlob(new Picture([])), true);
    });

    it('knows a blob of another implementation', () => {
      const blob = {
        arrayBuffer() {},
        stream() {},
        type: '',
        [Symbol.toStringTag]: 'Blob'
      };

      assert.strictEqual(isBlob(blob), true);

      for (const key of Reflect.ownKeys(blob)) {
        assert.strictEqual(isBlob({ ...blob, [key]: undefined }), false);
      }

      assert.strictEqual(isBlob({ ...blob, [Symbol.toStringTag]: 'X' }), false);
    });

    it('refuses everything else', () => {
      for (const value of [
        undefined,
        null,
        true,
        0,
        '',
        'Blob',
        Symbol('Blob'),
        {},
        [],
        Blob,
        Buffer.alloc(1),
        new ArrayBuffer(1),
        new Response('a')
      ]) {
        assert.strictEqual(isBlob(value), false);
      }
    });
  });

  describe('tokenChars', () => {
    it('has an entry for each ASCII code', () => {
      assert.strictEqual(tokenChars.length, 128);
    });

    it('allows letters, digits and fifteen more', () => {
      const allowed = [...tokenChars.keys()]
        .filter((code) => tokenChars[code] === 1)
        .map((code) => String.fromCharCode(code))
        .join('');

      assert.strictEqual(
        allowed,
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" +
          '^_`abcdefghijklmnopqrstuvwxyz|~'
      );
    });

    it('has 0 for all others', () => {
      for (const char of '\0\t\r\n "(),/:;<=>?@[\\]{}\x7f') {
        assert.strictEqual(tokenChars[char.charCodeAt(0)], 0, char);
      }
    });
  });

  describe('skipToken', () => {
    it('finds the end of a token', () => {
      assert.strictEqual(skipToken('foo, bar', 0), 3);
      assert.strictEqual(skipToken('foo, bar', 5), 8);
    });

    it('stays where there is none', () => {
      assert.strictEqual(skipToken('foo, bar', 3), 3);
      assert.strictEqual(skipToken('é', 0), 0);
      assert.strictEqual(skipToken('ā', 0), 0);
      assert.strictEqual(skipToken('foo', 3), 3);
      assert.strictEqual(skipToken('', 0), 0);
    });
  });

  describe('skipSpace', () => {
    it('finds the end of spaces and tabs', () => {
      assert.strictEqual(skipSpace('a \t b', 1), 4);
      assert.strictEqual(skipSpace('a  ', 1), 3);
    });

    it('stays where there are none', () => {
      for (const char of ['a', '\r', '\n', '\v', '\f', '\u00a0', '']) {
        assert.strictEqual(skipSpace(char, 0), 0);
      }
    });
  });

  describe('fieldError', () => {
    it('tells which character is wrong', () => {
      const err = fieldError('f@o', 1);

      assert.ok(err instanceof SyntaxError);
      assert.strictEqual(err.message, 'Unexpected character at index 1');
    });

    it('tells that something is missing', () => {
      const err = fieldError('foo;', 4);

      assert.ok(err instanceof SyntaxError);
      assert.strictEqual(err.message, 'Unexpected end of input');
    });
  });
});
