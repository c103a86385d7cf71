'use strict';

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
  // Without this the report looks up the names of all peers first.
  host.report.excludeNetwork = true;

  const report = host.report.getReport();
  const { header } = typeof report === 'string' ? JSON.parse(report) : report;
  return !header.glibcVersionRuntime;
}

module.exports = prebuildName;
