'use strict';

const { MASK } = require('../errors');
const { NAMES, binary, close, cont, frame, ping, text } = require('../frames');
const { bytes, letters } = require('../payloads');

/** A client has to mask every frame, a server must not mask any. */
const wrong = [1, 2, 8, 9, 10].flatMap((code) => [
  {
    rfc: '6455 5.1',
    name: `a ${NAMES[code]} frame with the wrong mask bit is refused`,
    send: [
      code === 8
        ? close(1000, 'bye', { mask: 'wrong' })
        : frame(code, 'payload', { mask: 'wrong' })
    ],
    fails: MASK
  },
  {
    rfc: '6455 5.1',
    name: `an empty ${NAMES[code]} frame with the wrong mask bit is refused`,
    send: [text('before'), frame(code, '', { mask: 'wrong' })],
    events: [text('before')],
    fails: MASK
  },
  {
    rfc: '6455 5.1',
    name: `a ${NAMES[code]} frame with the wrong mask bit is refused at its first two bytes`,
    send: [frame(code, 'payload', { mask: 'wrong', only: 2 })],
    probe: false,
    fails: MASK
  }
]);

const continuations = [
  {
    rfc: '6455 5.1',
    name: 'a continuation frame with the wrong mask bit is refused',
    send: [text('a', { fin: false }), cont('b', { mask: 'wrong' })],
    fails: MASK
  },
  {
    rfc: '6455 5.1',
    name: 'a fragment in the middle with the wrong mask bit is refused',
    send: [
      text('a', { fin: false }),
      cont('b', { fin: false, mask: 'wrong' }),
      cont('c')
    ],
    fails: MASK
  },
  {
    rfc: '6455 5.1',
    name: 'a ping between fragments with the wrong mask bit is refused',
    send: [text('a', { fin: false }), ping('p', { mask: 'wrong' }), cont('b')],
    fails: MASK
  },
  ...[126, 65536].map((size) => ({
    rfc: '6455 5.1',
    name: `a frame of ${size} bytes with the wrong mask bit is refused`,
    send: [binary(bytes(size), { mask: 'wrong' })],
    fails: MASK
  })),
  ...[126, 65536].map((size) => ({
    rfc: '6455 5.1',
    name: `a frame of ${size} bytes with the wrong mask bit is refused before its length is read`,
    send: [binary(bytes(size), { mask: 'wrong', only: 2 })],
    probe: false,
    fails: MASK
  }))
];

const KEYS = [
  '00000000',
  'ffffffff',
  '01020304',
  '37fa213d',
  '00ff00ff',
  '80000001',
  '81868182',
  '0d0a0d0a'
];

/** Every key is undone at every offset and length, the zero key as well. */
const keys = KEYS.flatMap((hex) => {
  const key = Buffer.from(hex, 'hex');

  return [
    {
      rfc: '6455 5.3',
      name: `masking key ${hex}, payloads of 0 to 40 bytes`,
      roles: ['server'],
      send: Array.from({ length: 41 }, (_, i) => binary(bytes(i), { key })),
      events: Array.from({ length: 41 }, (_, i) => binary(bytes(i)))
    },
    {
      rfc: '6455 5.3',
      name: `masking key ${hex}, text`,
      roles: ['server'],
      send: [text(letters(3001), { key }), text('\u00e9', { key })],
      events: [text(letters(3001)), text('\u00e9')]
    },
    {
      rfc: '6455 5.3',
      name: `masking key ${hex}, cut inside the key and the payload`,
      roles: ['server'],
      delivery: 'bytes',
      send: [text('Hello', { key }), binary(bytes(9), { key })],
      events: [text('Hello'), binary(bytes(9))]
    },
    {
      rfc: '6455 5.3',
      name: `masking key ${hex} on control frames`,
      roles: ['server'],
      send: [ping('are you there', { key })],
      events: [ping('are you there')],
      wire: [frame(10, 'are you there')]
    }
  ];
});

/** The key belongs to the frame, and its phase starts anew with each. */
const phases = [1, 2, 3, 4, 5, 6, 7].map((size) => ({
  rfc: '6455 5.3',
  name: `each fragment of ${size} bytes is unmasked with its own key from the start`,
  roles: ['server'],
  send: [
    binary(bytes(size), { fin: false, key: Buffer.from('01020304', 'hex') }),
    cont(bytes(size), { fin: false, key: Buffer.from('a0b0c0d0', 'hex') }),
    cont(bytes(size), { key: Buffer.from('ffeeddcc', 'hex') })
  ],
  events: [binary(Buffer.concat([bytes(size), bytes(size), bytes(size)]))]
}));

const large = [65535, 65536, 65537, 200003].map((size) => ({
  rfc: '6455 5.3',
  name: `a masked payload of ${size} bytes in random pieces`,
  roles: ['server'],
  delivery: {
    at: Array.from({ length: 20 }, (_, i) => Math.floor(i ** 3.9) + 3)
  },
  send: [binary(bytes(size))],
  events: [binary(bytes(size))]
}));

module.exports = {
  title: 'masking',
  cases: [...wrong, ...continuations, ...keys, ...phases, ...large]
};
