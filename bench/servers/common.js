'use strict';

// What the servers have in common: their command line and their first line of
// output.
//
// usage: <server>.js [--mode echo|json|fanout|publish] [--deflate takeover|fresh]
//                    [--cert FILE --key FILE] [--variant NAME] [--probe]

const fs = require('fs');
const { parseArgs } = require('util');

const { listenToRunner, say } = require('../lib/control');

/**
 * Runs a server as the command line wants it.
 *
 * @param {Object} server
 * @param {String} server.version The measured package's version
 * @param {Function} server.listen Gets the options and a callback for the port
 * @param {Function} [server.probe] Gets the options, returns a promise that is
 *     rejected if the asked variant does not exist
 */
function start({ version, listen, probe }) {
  const options = readOptions();

  if (options.probe) {
    Promise.resolve(probe ? probe(options) : undefined).then(
      () => process.stdout.write(`${JSON.stringify({ version })}\n`, exit),
      (err) => {
        process.stderr.write(`${err.message}\n`);
        process.exitCode = 1;
        process.stdin.destroy();
      }
    );
    return;
  }

  listen(options, (port) => say({ port }));
  listenToRunner();
}

/** Ends the process although a probed server may still listen. */
function exit() {
  process.exit(0);
}

/**
 * Reads the command line.
 *
 * @returns {Object} `mode`, `deflate`, `variant`, `probe`, and `tls` with the
 *     contents and the names of the two files, or null
 */
function readOptions() {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'echo' },
      deflate: { type: 'string', default: 'off' },
      cert: { type: 'string' },
      key: { type: 'string' },
      variant: { type: 'string', default: '' },
      probe: { type: 'boolean', default: false }
    }
  });
  const { cert, key } = values;
  const tls = cert
    ? {
        cert: fs.readFileSync(cert),
        key: fs.readFileSync(key),
        certFile: cert,
        keyFile: key
      }
    : null;

  return { ...values, tls };
}

/**
 * The work of the row "text": parse the document and look into it.
 *
 * @param {String} text A JSON document
 * @throws {Error} If it is not one of the generator's
 */
function readDocument(text) {
  const { stamp, rows } = JSON.parse(text);

  if (stamp.length !== 16 || rows.length === 0) throw new Error('bad document');
}

module.exports = { readDocument, start };
