'use strict';

const zlib = require('zlib');

const {
  BINARY,
  CLOSE,
  closeFrame,
  CONTINUATION,
  frame,
  PING,
  PONG,
  TEXT
} = require('../support/frames');

const DEFLATE = {
  options: { perMessageDeflate: true },
  extensions: 'permessage-deflate'
};

/** What is not UTF-8, and why. */
const notUtf8 = {
  'a broken sequence': [0xc3, 0x28],
  'a lone continuation byte': [0x61, 0x80],
  'an overlong form': [0xc0, 0xaf],
  'an overlong form of three bytes': [0xe0, 0x80, 0xaf],
  'a surrogate': [0xed, 0xa0, 0x80],
  'a code point above U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  'the byte 0xff': [0xff],
  'a sequence cut at the end': [0x61, 0xe2, 0x82]
};

/**
 * Compress a payload the way RFC 7692 wants it.
 *
 * @param {(Buffer|string)} data The payload
 * @param {Object} [options] Options of zlib
 * @returns {Buffer} The payload of a frame with RSV1
 */
function deflate(data, options) {
  return zlib
    .deflateRawSync(data, {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
      ...options
    })
    .subarray(0, -4);
}

/**
 * A list of cases. `bytes(mask)` makes what the peer sends between a good
 * message and another one; `mask` is true when the peer is a client.
 * `cut` means that the peer sends FIN right behind it.
 */
const cases = [];

/**
 * Add a case.
 *
 * @param {string} title What is wrong
 * @param {Function} bytes Makes the bytes, or a list of them
 * @param {Object} [more] `{ options, extensions, cut }`
 */
function add(title, bytes, more) {
  cases.push({
    title,
    bytes: (mask) => Buffer.concat([].concat(bytes({ mask }))),
    ...more
  });
}

for (const [name, rsv] of Object.entries({ RSV1: 4, RSV2: 2, RSV3: 1 })) {
  add(`${name} on a text frame`, (o) => frame(TEXT, 'x', { ...o, rsv }));
  add(`${name} on a ping`, (o) => frame(PING, 'x', { ...o, rsv }));
  if (rsv === 4) continue;
  add(
    `${name} with permessage-deflate`,
    (o) => frame(TEXT, 'x', { ...o, rsv }),
    DEFLATE
  );
}
add('all RSV bits', (o) => frame(TEXT, 'x', { ...o, rsv: 7 }));
for (const [name, opcode] of Object.entries({ PING, PONG, CLOSE })) {
  add(
    `RSV1 on a ${name.toLowerCase()} with permessage-deflate`,
    (o) => frame(opcode, '', { ...o, rsv: 4 }),
    DEFLATE
  );
}
add(
  'RSV1 on a continuation with permessage-deflate',
  (o) => [
    frame(TEXT, deflate('x'), { ...o, rsv: 4, fin: false }),
    frame(CONTINUATION, 'x', { ...o, rsv: 4 })
  ],
  DEFLATE
);

for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  add(`opcode ${opcode}`, (o) => frame(opcode, 'x', o));
}
add('opcode 3 without FIN', (o) => frame(3, 'x', { ...o, fin: false }));
add('opcode 11 of 200 bytes', (o) => frame(11, Buffer.alloc(200), o));

add('a continuation of nothing', (o) => frame(CONTINUATION, 'x', o));
add('an empty continuation of nothing', (o) => frame(CONTINUATION, '', o));
add('a first fragment that is a continuation', (o) =>
  frame(CONTINUATION, 'x', { ...o, fin: false })
);
for (const [name, opcode] of Object.entries({ TEXT, BINARY })) {
  for (const fin of [true, false]) {
    add(`a ${name} frame (fin ${fin}) in a fragmented message`, (o) => [
      frame(TEXT, 'a', { ...o, fin: false }),
      frame(PING, 'between', o),
      frame(opcode, 'b', { ...o, fin })
    ]);
  }
}

for (const [name, opcode] of Object.entries({ PING, PONG, CLOSE })) {
  add(`a fragmented ${name}`, (o) => frame(opcode, '', { ...o, fin: false }));
  add(`a ${name} of 126 bytes`, (o) => frame(opcode, Buffer.alloc(126), o));
  add(`a ${name} of 70000 bytes`, (o) => frame(opcode, Buffer.alloc(70000), o));
  add(`a ${name} of 5 bytes in the 16-bit form`, (o) =>
    frame(opcode, '\x03\xe8abc', { ...o, form: 16 })
  );
}

add('a close frame of one byte', (o) => frame(CLOSE, '\x03', o));
for (const code of [
  0, 1, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1013, 1014, 1015,
  1016, 1100, 2000, 2999, 3000, 4999, 5000, 65535
]) {
  add(`close code ${code}`, (o) => closeFrame(code, 'because', o));
}
add('a close frame without code', (o) => closeFrame(undefined, '', o));
for (const [name, bytes] of Object.entries(notUtf8)) {
  add(`a close reason with ${name}`, (o) =>
    frame(CLOSE, Buffer.from([0x03, 0xe8, ...bytes]), o)
  );
}

add('the wrong masking', (o) => frame(TEXT, 'x', { mask: !o.mask }));
add('the wrong masking of an empty frame', (o) =>
  frame(TEXT, '', { mask: !o.mask })
);
add('the wrong masking of a ping', (o) => frame(PING, 'x', { mask: !o.mask }));
add('the wrong masking of a close frame', (o) =>
  closeFrame(1000, '', { mask: !o.mask })
);
add('RSV1, a bad opcode and the wrong masking', (o) =>
  frame(5, 'x', { rsv: 4, mask: !o.mask })
);
add('a bad opcode and the wrong masking', (o) =>
  frame(5, 'x', { mask: !o.mask })
);
add('a long ping with the wrong masking', (o) =>
  frame(PING, Buffer.alloc(126), { mask: !o.mask })
);

for (const [name, length] of Object.entries({
  '2^53': 2n ** 53n,
  '2^63': 2n ** 63n,
  '2^64 - 1': 2n ** 64n - 1n,
  '2^53 - 1': 2n ** 53n - 1n,
  '2^32': 2n ** 32n
})) {
  add(`a declared length of ${name}`, (o) =>
    frame(BINARY, 'x', { ...o, length })
  );
}
add(
  'a declared length of 2^53 with maxPayload 0',
  (o) => frame(BINARY, 'x', { ...o, length: 2n ** 53n }),
  { options: { maxPayload: 0 } }
);
add(
  'a declared length of 2^32 with maxPayload 0, cut',
  (o) => frame(BINARY, 'x', { ...o, length: 2n ** 32n }),
  { options: { maxPayload: 0 }, cut: true }
);
for (const form of [16, 64]) {
  add(`5 bytes in the ${form}-bit form`, (o) =>
    frame(TEXT, 'abcde', { ...o, form })
  );
  add(`0 bytes in the ${form}-bit form`, (o) =>
    frame(TEXT, '', { ...o, form })
  );
}
add('200 bytes in the 64-bit form', (o) =>
  frame(BINARY, Buffer.alloc(200, 'x'), { ...o, form: 64 })
);

const small = { options: { maxPayload: 10 } };

add('maxPayload: exactly', (o) => frame(TEXT, '0123456789', o), small);
add('maxPayload: one more', (o) => frame(TEXT, '0123456789a', o), small);
add(
  'maxPayload: one more, before any payload',
  (o) => frame(TEXT, '0123456789a', o).subarray(0, 2),
  small
);
add(
  'maxPayload: the sum of fragments',
  (o) => [
    frame(TEXT, '012345', { ...o, fin: false }),
    frame(PING, '0123456789abcdef', o),
    frame(CONTINUATION, '', { ...o, fin: false }),
    frame(CONTINUATION, '678', { ...o, fin: false }),
    frame(CONTINUATION, '9a', o)
  ],
  small
);
add(
  'maxPayload: every message for itself',
  (o) => [frame(TEXT, '0123456789', o), frame(BINARY, '0123456789', o)],
  small
);

for (const [name, bytes] of Object.entries(notUtf8)) {
  add(`text with ${name}`, (o) => frame(TEXT, Buffer.from(bytes), o));
  add(
    `text with ${name}, not validated`,
    (o) => frame(TEXT, Buffer.from(bytes), o),
    {
      options: { skipUTF8Validation: true }
    }
  );
}
add('text with a character cut by fragments', (o) => [
  frame(TEXT, Buffer.from([0xf0, 0x9f]), { ...o, fin: false }),
  frame(CONTINUATION, Buffer.from([0xa6]), { ...o, fin: false }),
  frame(CONTINUATION, Buffer.from([0x8a]), o)
]);
add('text that is wrong from the first fragment on', (o) => [
  frame(TEXT, Buffer.from([0xff]), { ...o, fin: false }),
  frame(PING, 'between', o),
  frame(CONTINUATION, 'x', o)
]);
add('text that is wrong at the end of its fragments', (o) => [
  frame(TEXT, 'good', { ...o, fin: false }),
  frame(CONTINUATION, Buffer.from([0xe2, 0x82]), o)
]);
add(
  'a wrong close reason, not validated',
  (o) => frame(CLOSE, Buffer.from([0x03, 0xe8, 0xff]), o),
  { options: { skipUTF8Validation: true } }
);

const few = { options: { maxFragments: 3 } };

add(
  'maxFragments: exactly',
  (o) => [
    frame(TEXT, 'a', { ...o, fin: false }),
    frame(CONTINUATION, '', { ...o, fin: false }),
    frame(CONTINUATION, 'c', o)
  ],
  few
);
add(
  'maxFragments: one more',
  (o) => [
    frame(TEXT, 'a', { ...o, fin: false }),
    frame(CONTINUATION, '', { ...o, fin: false }),
    frame(PING, 'does not count', o),
    frame(CONTINUATION, 'c', { ...o, fin: false }),
    frame(CONTINUATION, 'd', o)
  ],
  few
);
add(
  'maxFragments: empty ones count',
  (o) => [
    frame(BINARY, '', { ...o, fin: false }),
    frame(CONTINUATION, '', { ...o, fin: false }),
    frame(CONTINUATION, '', { ...o, fin: false }),
    frame(CONTINUATION, '', o)
  ],
  few
);

add(
  'compressed garbage',
  (o) => frame(TEXT, Buffer.alloc(20, 0xff), { ...o, rsv: 4 }),
  DEFLATE
);
add(
  'compressed data with an unknown block type',
  (o) => frame(BINARY, Buffer.from([0x07]), { ...o, rsv: 4 }),
  DEFLATE
);
add(
  'a distance beyond the window',
  (o) => {
    const data = Buffer.from('repeat me, repeat me, repeat me');

    return frame(BINARY, deflate(data, { dictionary: data }), {
      ...o,
      rsv: 4
    });
  },
  DEFLATE
);
add(
  'a compressed message without payload',
  (o) => frame(TEXT, '', { ...o, rsv: 4 }),
  DEFLATE
);
add(
  'compressed data with a final block',
  (o) => [
    frame(TEXT, zlib.deflateRawSync('final'), { ...o, rsv: 4 }),
    frame(TEXT, deflate('another'), { ...o, rsv: 4 })
  ],
  DEFLATE
);
add(
  'a good compressed message and garbage',
  (o) => [
    frame(TEXT, deflate('good'), { ...o, rsv: 4 }),
    frame(PING, 'between', o),
    frame(TEXT, Buffer.alloc(20, 0xff), { ...o, rsv: 4 })
  ],
  DEFLATE
);
add(
  'compressed text that is not UTF-8',
  (o) => frame(TEXT, deflate(Buffer.from([0xff])), { ...o, rsv: 4 }),
  DEFLATE
);
add(
  'compressed fragments with a ping between',
  (o) => {
    const data = deflate('in several pieces');

    return [
      frame(TEXT, data.subarray(0, 5), { ...o, rsv: 4, fin: false }),
      frame(PING, 'between', o),
      frame(CONTINUATION, data.subarray(5, 6), { ...o, fin: false }),
      frame(CONTINUATION, data.subarray(6), o)
    ];
  },
  DEFLATE
);

const smallDeflate = {
  options: { perMessageDeflate: true, maxPayload: 100 },
  extensions: 'permessage-deflate'
};

add(
  'maxPayload: inflated exactly',
  (o) => frame(TEXT, deflate('x'.repeat(100)), { ...o, rsv: 4 }),
  smallDeflate
);
add(
  'maxPayload: inflated to one more',
  (o) => frame(TEXT, deflate('x'.repeat(101)), { ...o, rsv: 4 }),
  smallDeflate
);
add(
  'maxPayload: inflated to a million',
  (o) => frame(BINARY, deflate(Buffer.alloc(1000000)), { ...o, rsv: 4 }),
  smallDeflate
);
add(
  'maxPayload: compressed already too long',
  (o) => frame(TEXT, Buffer.alloc(101), { ...o, rsv: 4 }),
  smallDeflate
);

for (const [name, length] of Object.entries({
  'half a header': 1,
  'half a length': 3,
  'half a frame': 40
})) {
  add(
    `${name} and FIN`,
    (o) => frame(BINARY, Buffer.alloc(200), o).subarray(0, length),
    { cut: true }
  );
}
add('half a message and FIN', (o) => frame(TEXT, 'a', { ...o, fin: false }), {
  cut: true
});
add('half a ping and FIN', (o) => frame(PING, 'abcdef', o).subarray(0, -1), {
  cut: true
});
add(
  'half a close frame and FIN',
  (o) => closeFrame(1000, 'abcdef', o).subarray(0, -1),
  { cut: true }
);
add(
  'half a compressed message and FIN',
  (o) => frame(TEXT, deflate('abc'), { ...o, rsv: 4, fin: false }),
  { ...DEFLATE, cut: true }
);
add('an error and FIN', (o) => frame(5, 'x', o), { cut: true });

module.exports = cases;
