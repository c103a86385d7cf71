'use strict';

/**
 * What travels between the page and the server, and what the server accepts.
 *
 * Text frames are JSON objects with a `type`. A file is one binary frame:
 * two bytes with the length of a JSON header (big endian), the header, then
 * the bytes of the file. The server reads the header, writes one of its own
 * and sends the file on.
 */

const LIMITS = Object.freeze({
  nameLength: 24,
  roomLength: 24,
  textLength: 2000,
  fileNameLength: 100,
  fileBytes: 1024 * 1024,
  headerBytes: 1024
});

const MAX_PAYLOAD = 2 + LIMITS.headerBytes + LIMITS.fileBytes;

const CONTROL_CHARACTERS = /[\p{Cc}\p{Zl}\p{Zp}]/u;
// Zero-width joiners stay: they are part of emoji and of some scripts.
const INVISIBLE =
  /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;
const ROOM = /^[\p{Ll}\p{Lo}\p{N}][\p{Ll}\p{Lo}\p{M}\p{N}_-]*$/u;
const SESSION = /^[0-9a-f]{32}$/;
const REF = /^[0-9a-z]{1,16}$/;
const MIME = /^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/;

/**
 * An input that the server refuses. `code` is for programs, the message is
 * shown to the user.
 */
class InputError extends Error {
  /**
   * @param {String} code A short, stable name
   * @param {String} message One sentence for the user
   * @param {String} [ref] The sender's reference of the refused message
   */
  constructor(code, message, ref) {
    super(message);
    this.code = code;
    this.ref = ref;
  }
}

/**
 * Clean up a nickname: no invisible characters, single spaces.
 *
 * @param {*} value What the client sent
 * @return {String} The name to use
 * @throws {InputError} If nothing is left or if it is too long
 */
function parseName(value) {
  const name =
    typeof value === 'string'
      ? value
          .normalize('NFC')
          .replace(INVISIBLE, '')
          .replace(/\s+/g, ' ')
          .trim()
      : '';

  if (!VISIBLE.test(name)) {
    throw new InputError('bad-name', 'Please choose a nickname.');
  }

  if ([...name].length > LIMITS.nameLength) {
    throw new InputError(
      'bad-name',
      `A nickname has at most ${LIMITS.nameLength} characters.`
    );
  }

  return name;
}

/**
 * @param {*} value What the client sent
 * @return {String} The name of the room, in lower case
 * @throws {InputError} If it is not a valid name
 */
function parseRoom(value) {
  const room =
    typeof value === 'string'
      ? value.normalize('NFC').trim().toLowerCase().replace(/\s+/g, '-')
      : '';

  if ([...room].length > LIMITS.roomLength || !ROOM.test(room)) {
    throw new InputError(
      'bad-room',
      `The name of a room has 1 to ${LIMITS.roomLength} letters, digits, ` +
        'hyphens or underscores.'
    );
  }

  return room;
}

/**
 * Read a text frame.
 *
 * @param {Buffer} data The payload
 * @return {Object} A message of a known type with checked members
 * @throws {InputError} If it is anything else
 */
function parseText(data) {
  let message;

  try {
    message = JSON.parse(data.toString());
  } catch {
    throw new InputError('bad-message', 'That was not JSON.');
  }

  switch (message?.type) {
    case 'join':
      return parseJoin(message);
    case 'chat':
      return parseChat(message);
    default:
      throw new InputError('bad-message', 'Unknown type of message.');
  }
}

/**
 * @param {Object} message A parsed message of type `join`
 * @return {{type: String, name: String, room: String, session: String,
 *     epoch: (String|undefined), since: Number}} The checked request
 * @throws {InputError} If a member is missing or invalid
 */
function parseJoin(message) {
  if (typeof message.session !== 'string' || !SESSION.test(message.session)) {
    throw new InputError('bad-message', 'The session is missing or invalid.');
  }

  return {
    type: 'join',
    name: parseName(message.name),
    room: parseRoom(message.room),
    session: message.session,
    epoch: typeof message.epoch === 'string' ? message.epoch : undefined,
    since: Number.isSafeInteger(message.since) ? message.since : 0
  };
}

/**
 * @param {Object} message A parsed message of type `chat`
 * @return {{type: String, text: String, ref: String}} The checked message
 * @throws {InputError} If a member is missing or invalid
 */
function parseChat(message) {
  const ref = parseRef(message.ref);
  const text = typeof message.text === 'string' ? message.text.trim() : '';

  if (text === '') {
    throw new InputError('bad-text', 'The message is empty.', ref);
  }

  if (text.length > LIMITS.textLength) {
    throw new InputError(
      'bad-text',
      `A message has at most ${LIMITS.textLength} characters.`,
      ref
    );
  }

  return { type: 'chat', text, ref };
}

/**
 * @param {*} value The reference by which the sender knows its own message
 * @return {String} The reference
 * @throws {InputError} If it is invalid
 */
function parseRef(value) {
  if (typeof value !== 'string' || !REF.test(value)) {
    throw new InputError('bad-message', 'The reference is invalid.');
  }

  return value;
}

/**
 * Read a binary frame.
 *
 * @param {Buffer} data The payload
 * @return {{name: String, mime: String, ref: String, bytes: Buffer}} The file
 * @throws {InputError} If the header or the size is invalid
 */
function parseFile(data) {
  const headerLength = data.length < 2 ? Infinity : data.readUInt16BE(0);

  if (headerLength > LIMITS.headerBytes || data.length < 2 + headerLength) {
    throw new InputError('bad-message', 'The header of the file is invalid.');
  }

  let header;

  try {
    header = JSON.parse(data.toString('utf8', 2, 2 + headerLength));
  } catch {
    throw new InputError('bad-message', 'The header of the file is not JSON.');
  }

  const ref = parseRef(header?.ref);
  const bytes = data.subarray(2 + headerLength);
  const { name, mime } = header;

  if (
    typeof name !== 'string' ||
    name === '' ||
    name.length > LIMITS.fileNameLength ||
    CONTROL_CHARACTERS.test(name)
  ) {
    throw new InputError('bad-file', 'The name of the file is invalid.', ref);
  }

  if (bytes.length === 0 || bytes.length > LIMITS.fileBytes) {
    throw new InputError(
      'bad-file',
      `A file has 1 byte to ${LIMITS.fileBytes / 1024} KiB.`,
      ref
    );
  }

  return {
    name: name.replace(/[\\/]/g, '_'),
    mime:
      typeof mime === 'string' && MIME.test(mime)
        ? mime
        : 'application/octet-stream',
    ref,
    bytes
  };
}

/**
 * @param {Object} header What to say about the file
 * @param {Buffer} bytes The file
 * @return {Buffer} The payload of a binary frame
 */
function encodeFile(header, bytes) {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(2);

  length.writeUInt16BE(json.length);

  return Buffer.concat([length, json, bytes]);
}

module.exports = {
  InputError,
  LIMITS,
  MAX_PAYLOAD,
  encodeFile,
  parseFile,
  parseText
};
