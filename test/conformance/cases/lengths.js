'use strict';

const { LENGTH_2_53, TOO_LONG } = require('../errors');
const { binary, cont, text } = require('../frames');
const { bytes, letters } = require('../payloads');

const SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 123, 124, 125, 126, 127,
  128, 129, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097, 16383, 16384,
  16385, 32767, 32768, 65534, 65535, 65536, 65537, 131071, 131072, 131073,
  262145, 1048576
];

/**
 * A message of every size around every border comes out as it went in, and
 * nothing of it hurts the connection.
 */
const sizes = SIZES.flatMap((size) => [
  {
    rfc: '6455 5.2',
    name: `a text message of ${size} bytes is delivered`,
    send: [text(letters(size))],
    events: [text(letters(size))]
  },
  {
    rfc: '6455 5.2',
    name: `a binary message of ${size} bytes is delivered`,
    send: [binary(bytes(size))],
    events: [binary(bytes(size))]
  }
]);

/** The minimal form is a duty of the sender; longer ones are accepted. */
const longerForms = [
  [0, 16],
  [1, 16],
  [124, 16],
  [125, 16],
  [0, 64],
  [1, 64],
  [125, 64],
  [126, 64],
  [127, 64],
  [65535, 64]
].map(([size, lengthAs]) => ({
  rfc: '6455 5.2',
  name: `${size} bytes with a ${lengthAs}-bit length are delivered`,
  send: [binary(bytes(size), { lengthAs }), text('next')],
  events: [binary(bytes(size)), text('next')]
}));

/** Refused at the header: no payload follows. */
const impossible = [
  ['2^53 - 1', 2n ** 53n - 1n, TOO_LONG],
  ['2^53', 2n ** 53n, LENGTH_2_53],
  ['2^53 + 1', 2n ** 53n + 1n, LENGTH_2_53],
  ['2^62', 2n ** 62n, LENGTH_2_53],
  ['2^63, the most significant bit set', 2n ** 63n, LENGTH_2_53],
  ['2^63 + 5, the most significant bit set', 2n ** 63n + 5n, LENGTH_2_53],
  ['2^64 - 1', 2n ** 64n - 1n, LENGTH_2_53],
  ['2^32 (4 GiB)', 2n ** 32n, TOO_LONG],
  ['2^32 - 1', 2n ** 32n - 1n, TOO_LONG],
  ['2^31', 2n ** 31n, TOO_LONG],
  ['100 MiB + 1, one more than the default limit', 104857601, TOO_LONG]
].flatMap(([what, declared, fails]) =>
  [text, binary].map((word) => ({
    rfc: '6455 5.2',
    name: `a ${word === text ? 'text' : 'binary'} frame that declares ${what} is refused at its header`,
    send: [word('', { declared, lengthAs: 64, only: 'header' })],
    probe: false,
    fails
  }))
);

const BOUND =
  'beastws counts sizes in 32 bits, so that 2^31 - 1 bytes is its limit even ' +
  'with maxPayload 0';

/** With maxPayload 0 what is declared still costs nothing. */
const unlimited = [
  {
    name: 'a declared length of 2^31 - 1 without a limit takes no memory',
    send: [binary('start', { declared: 2n ** 31n - 1n, lengthAs: 64 })],
    ending: 'fin'
  },
  {
    name: 'a declared length of 2^53 - 1 without a limit takes no memory',
    except: ['beastws'],
    reason: BOUND,
    send: [binary('start', { declared: 2n ** 53n - 1n, lengthAs: 64 })],
    ending: 'fin'
  },
  ...[2n ** 31n, 2n ** 32n, 2n ** 32n + 5n, 2n ** 53n - 1n].map((declared) => ({
    name: `a declared length of ${declared} without a limit is refused at its header`,
    except: ['ws'],
    reason: BOUND,
    send: [binary('', { declared, lengthAs: 64, only: 'header' })],
    probe: false,
    fails: TOO_LONG
  })),
  {
    name: 'fragments of 2^31 bytes without a limit are refused at their header',
    except: ['ws'],
    reason: BOUND,
    send: [
      binary(bytes(100), { fin: false }),
      cont('', { declared: 2n ** 31n - 100n, lengthAs: 64, only: 'header' })
    ],
    probe: false,
    fails: TOO_LONG
  },
  {
    name: 'a declared length of 2^53 without a limit is refused at its header',
    send: [binary('', { declared: 2n ** 53n, lengthAs: 64, only: 'header' })],
    probe: false,
    fails: LENGTH_2_53
  }
].map((testCase) => ({
  rfc: '6455 5.2',
  options: { maxPayload: 0 },
  ...testCase
}));

module.exports = {
  title: 'payload length',
  cases: [
    ...sizes,
    ...longerForms,
    ...impossible,
    ...unlimited,
    {
      rfc: '6455 5.2',
      name: 'a declared length of exactly the default limit is not refused',
      send: [binary('start', { declared: 104857600, lengthAs: 64 })],
      ending: 'fin',
      events: []
    },
    {
      rfc: '6455 5.2',
      name: 'payload data may have every byte value',
      send: [binary(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))],
      events: [binary(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))]
    },
    {
      rfc: '6455 5.6',
      name: 'text may contain NUL and control characters',
      send: [text('\0\x01\x1f\x7f\r\n\t\0')],
      events: [text('\0\x01\x1f\x7f\r\n\t\0')]
    },
    {
      rfc: '6455 5.6',
      name: 'text and binary messages keep their kinds in turn',
      send: [text('a'), binary('b'), text('c'), binary('d'), text('')],
      events: [text('a'), binary('b'), text('c'), binary('d'), text('')]
    },
    {
      rfc: '6455 5.6',
      name: 'an empty binary message is binary',
      send: [binary(''), text(''), binary('')],
      events: [binary(''), text(''), binary('')]
    }
  ]
};
