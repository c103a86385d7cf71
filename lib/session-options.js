'use strict';

const PerMessageDeflate = require('./permessage-deflate');

/**
 * The compression level unless `zlibDeflateOptions` names one. zlib's own
 * default searches several times as long to save a sixth of the bytes of a
 * typical message, which is the wrong way round for messages.
 */
const DEFAULT_LEVEL = 3;

/** Lets the native compressor choose by the size of the messages. */
const MEMORY_LEVEL_OF_CHOICE = 0;

/** What was last packed without compression: most connections have the same. */
let last = new Float64Array(13);

/**
 * Packs what the native session needs to know, for src/addon/session_options.h.
 *
 * @param {Object} options Options
 * @param {Boolean} options.isServer Whether this end is the server
 * @param {Number} options.maxPayload Limit of a message in bytes, 0 for none
 * @param {Number} options.maxFragments Limit of frames in a message, 0 for none
 * @param {Number} options.maxBufferedChunks Limit of reads for one frame
 * @param {Boolean} options.skipUTF8Validation Whether text may be anything
 * @param {Object} extensions The negotiated extensions, by name
 * @return {Float64Array} The packed options, not to be changed
 */
function packSessionOptions(options, extensions) {
  const deflate = extensions[PerMessageDeflate.extensionName];
  const role = options.isServer ? 0 : 1;
  const maxPayload = limit(options.maxPayload);
  const maxFragments = limit(options.maxFragments);
  const maxBufferedChunks = limit(options.maxBufferedChunks);
  const anyText = options.skipUTF8Validation ? 1 : 0;

  if (
    !deflate &&
    last[0] === role &&
    last[1] === maxPayload &&
    last[2] === maxFragments &&
    last[3] === maxBufferedChunks &&
    last[4] === anyText
  ) {
    return last;
  }

  const packed = new Float64Array(13);

  packed[0] = role;
  packed[1] = maxPayload;
  packed[2] = maxFragments;
  packed[3] = maxBufferedChunks;
  packed[4] = anyText;

  if (!deflate) {
    last = packed;
  } else {
    const params = deflate.nativeParams();

    warnOfIgnored(deflate._options);

    packed[5] = 1;
    packed[6] = params.serverNoContextTakeover ? 1 : 0;
    packed[7] = params.clientNoContextTakeover ? 1 : 0;
    packed[8] = params.serverMaxWindowBits;
    packed[9] = params.clientMaxWindowBits;
    packed[10] = setting(params.level, 0, 9, DEFAULT_LEVEL);
    packed[11] = setting(params.memLevel, 1, 9, MEMORY_LEVEL_OF_CHOICE);
    packed[12] = Math.min(Math.max(+deflate._threshold, 0) || 0, 2 ** 52);
  }

  return packed;
}

/** Options of zlib that only say how its streams work. */
const HARMLESS = new Set(['chunkSize', 'flush', 'finishFlush', 'windowBits']);

/** Options of zlib that the native compressor has. */
const HONOURED = new Set(['level', 'memLevel', 'windowBits']);
let warned = false;

/**
 * Says once that some options of zlib have no effect.
 *
 * @param {Object} options The options of permessage-deflate
 */
function warnOfIgnored({ zlibDeflateOptions, zlibInflateOptions }) {
  if (warned) return;

  const ignored = [
    ...Object.keys(zlibDeflateOptions ?? {}).filter(
      (name) => !HONOURED.has(name)
    ),
    ...Object.keys(zlibInflateOptions ?? {})
  ].filter((name) => !HARMLESS.has(name));

  if (ignored.length === 0) return;

  warned = true;
  process.emitWarning(
    `beastws compresses natively and ignores these options of zlib: ${[
      ...new Set(ignored)
    ].join(', ')}`,
    { code: 'BEASTWS_ZLIB_OPTIONS' }
  );
}

/**
 * Checks a setting of the compressor, where zlib takes -1 for its default.
 *
 * @param {*} value The option's value
 * @param {Number} min The least value allowed
 * @param {Number} max The greatest value allowed
 * @param {Number} fallback zlib's default
 * @return {Number} The setting
 */
function setting(value, min, max, fallback) {
  return Number.isInteger(value) && value >= min && value <= max
    ? value
    : fallback;
}

/**
 * Reads a limit as ws does: as a 32-bit integer, where 0 and less mean none.
 *
 * @param {*} value The option's value
 * @return {Number} The limit
 */
function limit(value) {
  return Math.max(value | 0, 0);
}

/** What connections were last given: most have the same. */
let lastLimits = {};

/**
 * Reads the limits on what is received.
 *
 * @param {Object} options Options
 * @param {Number} options.maxPayload Limit of a message in bytes
 * @param {Number} options.maxFragments Limit of frames in a message
 * @param {Number} options.maxBufferedChunks Limit of reads for one frame
 * @param {Boolean} options.skipUTF8Validation Whether text may be anything
 * @return {Object} The same, as numbers and a boolean; not to be changed, since
 *     others may have it, too
 */
function limitsOf(options) {
  const maxPayload = limit(options.maxPayload);
  const maxFragments = limit(options.maxFragments);
  const maxBufferedChunks = limit(options.maxBufferedChunks);
  const skipUTF8Validation = !!options.skipUTF8Validation;

  if (
    lastLimits.maxPayload !== maxPayload ||
    lastLimits.maxFragments !== maxFragments ||
    lastLimits.maxBufferedChunks !== maxBufferedChunks ||
    lastLimits.skipUTF8Validation !== skipUTF8Validation
  ) {
    lastLimits = {
      maxPayload,
      maxFragments,
      maxBufferedChunks,
      skipUTF8Validation
    };
  }
  return lastLimits;
}

module.exports = { limit, limitsOf, packSessionOptions };
