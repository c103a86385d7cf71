'use strict';

/**
 * How the module under test fails a connection: the line its 'error' event is
 * written down as, and the status code of the close frame it sends.
 */

const MAX_LENGTH = 'Unsupported WebSocket frame: payload length > 2^53 - 1';

/**
 * @param {String} name The class of the error
 * @param {String} code Its code
 * @param {String} message Its message
 * @param {Number} status The status code on the wire
 * @return {Object} `line` and `status`
 */
function failure(name, code, message, status) {
  return { line: `error ${name} ${code}: ${message}`, status };
}

/**
 * @param {String} code The error's code
 * @param {String} what What is wrong with the frame
 * @return {Object} A protocol error
 */
function invalidFrame(code, what) {
  return failure('RangeError', code, `Invalid WebSocket frame: ${what}`, 1002);
}

module.exports = {
  RSV_2_3: invalidFrame(
    'WS_ERR_UNEXPECTED_RSV_2_3',
    'RSV2 and RSV3 must be clear'
  ),
  RSV_1: invalidFrame('WS_ERR_UNEXPECTED_RSV_1', 'RSV1 must be clear'),
  FIN: invalidFrame('WS_ERR_EXPECTED_FIN', 'FIN must be set'),
  MASK: {
    server: invalidFrame('WS_ERR_EXPECTED_MASK', 'MASK must be set'),
    client: invalidFrame('WS_ERR_UNEXPECTED_MASK', 'MASK must be clear')
  },
  UTF8: failure(
    'Error',
    'WS_ERR_INVALID_UTF8',
    'Invalid WebSocket frame: invalid UTF-8 sequence',
    1007
  ),
  LENGTH_2_53: failure(
    'RangeError',
    'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
    MAX_LENGTH,
    1009
  ),
  TOO_LONG: failure(
    'RangeError',
    'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    'Max payload size exceeded',
    1009
  ),
  TOO_MANY_FRAGMENTS: failure(
    'RangeError',
    'WS_ERR_TOO_MANY_BUFFERED_PARTS',
    'Too many message fragments',
    1008
  ),
  INFLATE: { line: 'error Error Z_DATA_ERROR errno -3', status: 1007 },

  /**
   * @param {Number} opcode The opcode
   * @return {Object} The failure for an opcode that is not allowed there
   */
  opcode: (opcode) =>
    invalidFrame('WS_ERR_INVALID_OPCODE', `invalid opcode ${opcode}`),

  /**
   * @param {Number} length The value of the 7-bit length field
   * @return {Object} The failure for a control frame of that length
   */
  controlLength: (length) =>
    invalidFrame(
      'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH',
      `invalid payload length ${length}`
    ),

  /**
   * @param {Number} code The status code of the close frame
   * @return {Object} The failure for it
   */
  closeCode: (code) =>
    invalidFrame('WS_ERR_INVALID_CLOSE_CODE', `invalid status code ${code}`)
};
