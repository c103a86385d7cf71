'use strict';

const fs = require('fs');
const path = require('path');

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml'
};

const HEADERS = {
  'Cache-Control': 'no-cache',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self' blob:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff'
};

/**
 * Serve the files of one directory. They are read once, so that no request can
 * name a file that is not meant.
 *
 * @param {String} directory Where the files are
 * @return {Function} A listener of the 'request' event of an HTTP server
 * @throws {Error} If the directory cannot be read
 */
function serveFiles(directory) {
  const files = new Map();

  for (const name of fs.readdirSync(directory)) {
    const type = TYPES[path.extname(name)];

    if (type !== undefined) {
      const body = fs.readFileSync(path.join(directory, name));

      files.set(name === 'index.html' ? '/' : `/${name}`, { type, body });
    }
  }

  return (request, response) => {
    const file = files.get(request.url.split('?', 1)[0]);

    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else if (file === undefined) {
      response
        .writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('Not found\n');
    } else {
      response.writeHead(200, {
        ...HEADERS,
        'Content-Type': file.type,
        'Content-Length': file.body.length
      });
      response.end(request.method === 'HEAD' ? undefined : file.body);
    }
  };
}

module.exports = serveFiles;
