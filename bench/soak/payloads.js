'use strict';

const { mix, Random } = require('./random');

const MIB = 1048576;

/** Larger than the largest message. */
const POOL_SIZE = 5 * MIB;
const LARGEST = 4 * MIB;

/** One unit of text: 8 UTF-16 code units each, so that no pair is cut. */
const UNITS = [
  'the sea ',
  'and sand',
  '{"id":1,',
  'größere ',
  '速い茶色の狐が',
  '"n":"x"}',
  'a fox 🦊 ',
  '𝒳𝒴 is so',
  'ελληνικά',
  '        '
];

/** The sizes of messages by profile: `[share in percent, limit in bytes]`. */
const SIZES = {
  tiny: [
    [10, 1],
    [60, 140],
    [30, 1500]
  ],
  mixed: [
    [5, 1],
    [45, 200],
    [25, 5000],
    [15, 70000],
    [9, 140000],
    [1, MIB]
  ],
  large: [
    [30, 200],
    [30, 70000],
    [30, MIB],
    [10, LARGEST]
  ]
};

/**
 * Everything that messages are cut out of, the same for the same seed.
 */
class Payloads {
  /**
   * @param {Number} seed The seed of the run
   */
  constructor(seed) {
    const random = new Random(mix(seed, 1));
    const words = new Uint32Array(POOL_SIZE / 4);
    // Half of it can be compressed, in runs longer than a window.
    for (let i = 0; i < words.length; i++) {
      words[i] = (i >> 14) & 1 ? random.next() : random.below(5) * 0x01010101;
    }
    this.bytes = Buffer.from(words.buffer);

    const units = [];
    for (let i = 0; i < 65536; i++) {
      units.push(UNITS[Math.min(random.below(12), random.below(10))]);
    }
    this.text = units.join('');
  }

  /**
   * A message, as both ends know it.
   *
   * @param {Object} plan The plan of the connection
   * @param {Number} direction 0: from the client, 1: from the server
   * @param {Number} index Its number in that direction, from 0 on
   * @returns {Object} `{ binary, bytes, text }`; `text` is the string of a
   *     message that is not binary
   */
  message(plan, direction, index) {
    const random = new Random(mix(plan.seed, direction, index));
    const share = random.below(100);
    let sum = 0;
    const [, limit] = SIZES[plan.profile].find(
      ([percent]) => (sum += percent) > share
    );
    const size = random.below(limit);

    if (random.chance(0.6)) {
      const at = random.below(POOL_SIZE - size);
      return { binary: true, bytes: this.bytes.subarray(at, at + size) };
    }

    // About the wanted number of bytes: a unit has 8 to 24.
    const units = Math.min(size >> 4, 40000);
    const at = random.below(65536 - units) * 8;
    const text = this.text.slice(at, at + units * 8);
    return { binary: false, text, bytes: Buffer.from(text) };
  }
}

module.exports = { Payloads };
