/**
 * Files travel as binary frames: two bytes with the length of a JSON header
 * (big endian), the header, then the file.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * @param {Object} header What to say about the file
 * @param {Blob} file The file
 * @return {Blob} What to send
 */
export function encodeFile(header, file) {
  const json = encoder.encode(JSON.stringify(header));
  const length = new DataView(new ArrayBuffer(2));

  length.setUint16(0, json.length);

  return new Blob([length, json, file]);
}

/**
 * @param {ArrayBuffer} data A received frame
 * @return {Object} The members of the header, and the file as `bytes`
 */
export function decodeFile(data) {
  const length = new DataView(data).getUint16(0);
  const header = JSON.parse(decoder.decode(new Uint8Array(data, 2, length)));

  return { ...header, bytes: new Uint8Array(data, 2 + length) };
}
