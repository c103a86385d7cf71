'use strict';

const { kStatusCode } = require('./constants');

const PREFIX = 'Invalid WebSocket frame: ';

/**
 * ws's errors by the number of src/protocol/protocol_error.h: class, message
 * (a function of the detail), code, and the close code for the peer.
 */
const ERRORS = [
  null,
  [
    RangeError,
    () => `${PREFIX}RSV2 and RSV3 must be clear`,
    'WS_ERR_UNEXPECTED_RSV_2_3',
    1002
  ],
  [
    RangeError,
    () => `${PREFIX}RSV1 must be clear`,
    'WS_ERR_UNEXPECTED_RSV_1',
    1002
  ],
  [
    RangeError,
    (opcode) => `${PREFIX}invalid opcode ${opcode}`,
    'WS_ERR_INVALID_OPCODE',
    1002
  ],
  [RangeError, () => `${PREFIX}FIN must be set`, 'WS_ERR_EXPECTED_FIN', 1002],
  [
    RangeError,
    (length) => `${PREFIX}invalid payload length ${length}`,
    'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
    1002
  ],
  [RangeError, () => `${PREFIX}MASK must be set`, 'WS_ERR_EXPECTED_MASK', 1002],
  [
    RangeError,
    () => `${PREFIX}MASK must be clear`,
    'WS_ERR_UNEXPECTED_MASK',
    1002
  ],
  [
    RangeError,
    (code) => `${PREFIX}invalid status code ${code}`,
    'WS_ERR_INVALID_CLOSE_CODE',
    1002
  ],
  [Error, () => `${PREFIX}invalid UTF-8 sequence`, 'WS_ERR_INVALID_UTF8', 1007],
  [
    RangeError,
    () => 'Unsupported WebSocket frame: payload length > 2^53 - 1',
    'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    1009
  ],
  [
    RangeError,
    () => 'Max payload size exceeded',
    'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    1009
  ],
  [
    RangeError,
    () => 'Too many message fragments',
    'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    1008
  ],
  [
    RangeError,
    () => 'Too many buffered chunks',
    'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    1008
  ],
  [Error, (fault) => INFLATE_FAULTS[fault], 'Z_DATA_ERROR', 1007],
  [
    Error,
    () => `${PREFIX}refused by the protocol engine`,
    'WS_ERR_INVALID_FRAME',
    1002
  ],
  [
    Error,
    () => 'Out of memory or descriptors',
    'BEASTWS_ERR_NO_RESOURCES',
    1011
  ]
];

/** The number of the error that is nobody's fault. */
const NO_RESOURCES = ERRORS.length - 1;

/** zlib's words for a bad deflate stream, by InflateFault. */
const INFLATE_FAULTS = [
  'invalid or incomplete deflate data',
  'invalid block type',
  'invalid stored block lengths',
  'too many length or distance symbols',
  'invalid code lengths set',
  'invalid bit length repeat',
  'invalid code -- missing end-of-block',
  'invalid literal/lengths set',
  'invalid distances set',
  'invalid literal/length code',
  'invalid distance code',
  'invalid distance too far back'
];

/** What zlib's own errors carry besides their code. */
const Z_DATA_ERRNO = -3;

/**
 * Makes the error that ws would emit.
 *
 * @param {Number} kind The kind of error
 * @param {Number} detail A number that goes into the message
 * @return {Error} The error, with `code` and the close code for the peer
 */
function createProtocolError(kind, detail) {
  const [Class, message, code, statusCode] = ERRORS[kind];
  const err = new Class(message(detail));

  Error.captureStackTrace(err, createProtocolError);
  if (code === 'Z_DATA_ERROR') err.errno = Z_DATA_ERRNO;
  err.code = code;
  err[kStatusCode] = statusCode;
  return err;
}

module.exports = Object.assign(createProtocolError, { NO_RESOURCES });
