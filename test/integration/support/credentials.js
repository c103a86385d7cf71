'use strict';

const fs = require('fs');
const path = require('path');

/**
 * Reads a file for TLS.
 *
 * @param {string} name Its name
 * @returns {string} Its contents
 */
function read(name) {
  return fs.readFileSync(path.join(__dirname, '../fixtures', name), 'latin1');
}

/** What a server needs for TLS; nobody is asked to trust it. */
module.exports = Object.freeze({
  cert: read('server-certificate.pem'),
  key: read('server-key.pem')
});
