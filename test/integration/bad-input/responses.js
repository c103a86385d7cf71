'use strict';

const { upgradeResponse } = require('../support/raw-peer');

/**
 * An answer with a status line and headers.
 *
 * @param {string} status The status line without 'HTTP/1.1 '
 * @param {string[]} [lines] Header lines
 * @param {string} [body] What follows
 * @returns {Function} Makes the answer
 */
function answer(status, lines = [], body = '') {
  return () => [`HTTP/1.1 ${status}`, ...lines, `\r\n${body}`].join('\r\n');
}

/**
 * The good answer, changed.
 *
 * @param {Function} change Gets and returns the text
 * @returns {Function} Makes the answer
 */
function changed(change) {
  return (head) => change(upgradeResponse(head));
}

/**
 * The good answer with more header lines.
 *
 * @param {...string} lines The lines
 * @returns {Function} Makes the answer
 */
function withLines(...lines) {
  return (head) => upgradeResponse(head, lines);
}

const EXTENSIONS = 'Sec-WebSocket-Extensions:';
const PROTOCOL = 'Sec-WebSocket-Protocol:';

/**
 * Each case has a function that makes the answer to a request, the client's
 * options and, for some, what to do with the client.
 */
const cases = [
  { title: 'not HTTP', respond: () => 'hello\r\n\r\n' },
  { title: 'nothing but FIN', respond: () => '', end: true },
  {
    title: 'half an answer and FIN',
    respond: () => 'HTTP/1.1 101 Switch',
    end: true
  },
  ...['200 OK', '400 Bad Request', '401 Unauthorized', '500 Oops'].map(
    (status) => ({
      title: `status ${status}`,
      respond: answer(status, ['Content-Length: 2'], 'no')
    })
  ),
  {
    title: 'status 404 and FIN',
    respond: answer('404 Not Found', ['Connection: close'], 'no'),
    end: true
  },
  {
    title: 'status 101 without Upgrade',
    respond: changed((text) => text.replace(/Upgrade: websocket\r\n/, ''))
  },
  {
    title: 'Upgrade: foo',
    respond: changed((text) => text.replace('websocket', 'foo'))
  },
  {
    title: 'Upgrade: WebSocket',
    respond: changed((text) => text.replace('websocket', 'WebSocket'))
  },
  {
    title: 'status 101 without Connection',
    respond: changed((text) => text.replace(/Connection: Upgrade\r\n/, ''))
  },
  {
    title: 'no Sec-WebSocket-Accept',
    respond: changed((text) => text.replace(/Sec-WebSocket-Accept.*\r\n/, ''))
  },
  {
    title: 'a wrong Sec-WebSocket-Accept',
    respond: changed((text) => text.replace(/(Accept: ).*/, '$1abc='))
  },
  {
    title: 'a wrong HTTP version',
    respond: changed((text) => text.replace('HTTP/1.1', 'HTTP/9.9'))
  },
  {
    title: 'a bad header line',
    respond: withLines('Bad Header: x')
  },
  {
    title: 'a subprotocol that nobody wanted',
    respond: withLines(`${PROTOCOL} a`)
  },
  {
    title: 'an empty subprotocol that nobody wanted',
    respond: withLines(`${PROTOCOL}`)
  },
  {
    title: 'a subprotocol that was not offered',
    respond: withLines(`${PROTOCOL} c`),
    options: { protocols: ['a', 'b'] }
  },
  {
    title: 'two subprotocols',
    respond: withLines(`${PROTOCOL} a`, `${PROTOCOL} b`),
    options: { protocols: ['a', 'b'] }
  },
  {
    title: 'no subprotocol',
    respond: withLines(),
    options: { protocols: ['a', 'b'] }
  },
  {
    title: 'a good subprotocol',
    respond: withLines(`${PROTOCOL} b`),
    options: { protocols: ['a', 'b'] }
  },
  {
    title: 'extensions that nobody wanted',
    respond: withLines(`${EXTENSIONS} permessage-deflate`),
    options: { perMessageDeflate: false }
  },
  ...[
    '',
    ';',
    'foo',
    'permessage-deflate',
    'permessage-deflate, permessage-deflate',
    'permessage-deflate, foo',
    'permessage-deflate; foo',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=9',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_max_window_bits',
    'permessage-deflate; client_max_window_bits=8',
    'permessage-deflate; client_max_window_bits=16'
  ].map((value) => ({
    title: `extensions '${value}'`,
    respond: withLines(`${EXTENSIONS} ${value}`)
  })),
  ...[
    ['server_no_context_takeover', { serverNoContextTakeover: false }],
    ['client_no_context_takeover', { clientNoContextTakeover: false }],
    ['client_max_window_bits=12', { clientMaxWindowBits: 10 }],
    ['client_max_window_bits=9', { clientMaxWindowBits: 10 }],
    ['client_max_window_bits=9', { clientMaxWindowBits: false }],
    ['server_max_window_bits=12', { serverMaxWindowBits: 10 }],
    ['server_max_window_bits=9', { serverMaxWindowBits: 10 }]
  ].map(([parameter, perMessageDeflate]) => ({
    title: `${parameter} for ${JSON.stringify(perMessageDeflate)}`,
    respond: withLines(`${EXTENSIONS} permessage-deflate; ${parameter}`),
    options: { perMessageDeflate }
  })),
  {
    title: 'a redirect that is not followed',
    respond: answer('302 Found', ['Location: /x'])
  },
  ...[
    '',
    'ws://',
    'http://[',
    'ftp://127.0.0.1',
    '/x#fragment',
    'ws+unix:',
    '/again'
  ].map((location) => ({
    title: `a redirect to '${location}'`,
    respond: answer('302 Found', [`Location: ${location}`]),
    options: { followRedirects: true, maxRedirects: 2 }
  })),
  {
    title: 'a redirect without Location',
    respond: answer('302 Found', ['Content-Length: 0']),
    options: { followRedirects: true }
  },
  {
    title: 'no answer in time',
    respond: () => '',
    options: { handshakeTimeout: 30 }
  },
  {
    title: 'an aborted signal',
    respond: () => '',
    options: () => ({ signal: AbortSignal.abort() })
  },
  {
    title: 'a signal that is aborted meanwhile',
    respond: () => '',
    options: () => ({ signal: AbortSignal.timeout(20) })
  }
];

module.exports = cases;
