'use strict';

const fs = require('fs');

/**
 * Names the directory under prebuilds/ that fits this process.
 *
 * @param {Object} [host] What to read the facts from; `process` by default
 * @returns {string} For example 'linux-x64', 'linux-arm64-musl', 'darwin-arm64'
 */
function prebuildName(host = process) {
  const name = `${host.platform}-${host.arch}`;
  return host.platform === 'linux' && isMusl(host) ? `${name}-musl` : name;
}

/**
 * Says whether this process runs on musl, whose binaries and glibc's do not
 * fit each other.
 *
 * @param {Object} host See `prebuildName()`
 * @returns {boolean} The answer
 */
function isMusl(host) {
  // The head of the executable names its dynamic linker. That takes a tenth of
  // a millisecond; the report takes several, and `require()` waits for it.
  const head = readHead(host.execPath);
  if (head.includes('/ld-musl-')) return true;
  if (head.includes('/ld-linux')) return false;

  return glibcVersion(host) === undefined;
}

/**
 * Asks for the version of glibc that this process runs on.
 *
 * @param {Object} [host] See `prebuildName()`
 * @returns {(string|undefined)} For example '2.36'; undefined without glibc
 */
function glibcVersion(host = process) {
  // Without this the report looks up the names of all peers first.
  host.report.excludeNetwork = true;

  const report = host.report.getReport();
  const { header } = typeof report === 'string' ? JSON.parse(report) : report;
  return header.glibcVersionRuntime;
}

/**
 * Reads the beginning of a file.
 *
 * @param {string} file Its path
 * @returns {string} Up to 4,096 characters; none if it cannot be read, which
 *     Node's permissions may forbid
 */
function readHead(file) {
  const bytes = Buffer.alloc(4096);
  let fd;

  try {
    fd = fs.openSync(file, 'r');
    return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, 4096, 0));
  } catch {
    return '';
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

module.exports = prebuildName;
module.exports.glibcVersion = glibcVersion;
