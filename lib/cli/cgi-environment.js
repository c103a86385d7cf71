'use strict';

const { version } = require('../../package.json');

/** What a program gets of the environment of the server, without asking. */
const PASSED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ'];

/**
 * Headers that are not passed on: HTTP_PROXY would be taken for the address of
 * a proxy ("httpoxy"), and RFC 3875, 4.1.18, wants credentials left out.
 */
const WITHHELD = new Set(['proxy', 'authorization', 'proxy-authorization']);

/**
 * Splits the target of a request.
 *
 * @param {String} url The target
 * @param {String} [base=''] Where the program is; no slash at its end
 * @return {(Object|null)} `scriptName`, `pathInfo` (decoded) and `query`, or
 *     `null` if the target is not at that place, or is malformed
 */
function splitTarget(url, base = '') {
  const [path] = url.split('?', 1);
  const query = url.slice(path.length + 1);
  const rest = path.slice(base.length);

  if (!path.startsWith(base) || !(rest === '' || rest.startsWith('/'))) {
    return null;
  }

  try {
    const pathInfo = decodeURIComponent(rest);

    // No environment variable can hold it.
    if (pathInfo.includes('\0')) return null;
    return { scriptName: base, pathInfo, query };
  } catch {
    return null;
  }
}

/**
 * Finds the name of the server that a client used.
 *
 * @param {http.IncomingMessage} request The request
 * @return {String} The name, or the address if there is no valid one
 */
function serverName({ headers, socket }) {
  const match = /^([\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i.exec(headers.host ?? '');

  return match === null ? (socket.localAddress ?? '') : match[1];
}

/**
 * Makes variables of the headers of a request.
 *
 * @param {Object} headers The headers
 * @return {Object} The variables
 */
function headerVariables(headers) {
  const variables = {};

  for (const [name, value] of Object.entries(headers)) {
    // With an underscore it could pass for the header with a hyphen.
    if (WITHHELD.has(name) || !/^[a-z\d-]+$/.test(name)) continue;

    variables[`HTTP_${name.toUpperCase().replaceAll('-', '_')}`] =
      String(value);
  }
  return variables;
}

/**
 * Makes the environment of a program, with the variables of CGI (RFC 3875).
 *
 * @param {http.IncomingMessage} request The request
 * @param {Object} target What `splitTarget()` made of its target
 * @param {String[]} passed Names of more variables to pass on
 * @return {Object} The environment
 */
function cgiEnvironment(request, target, passed) {
  const { headers, httpVersion, method, socket, url } = request;
  const inherited = Object.fromEntries(
    [...PASSED, ...passed]
      .filter((name) => process.env[name] !== undefined)
      .map((name) => [name, process.env[name]])
  );

  return {
    ...inherited,
    ...headerVariables(headers),
    GATEWAY_INTERFACE: 'CGI/1.1',
    PATH_INFO: target.pathInfo,
    QUERY_STRING: target.query,
    REMOTE_ADDR: socket.remoteAddress ?? '',
    REMOTE_HOST: socket.remoteAddress ?? '',
    REMOTE_PORT: String(socket.remotePort ?? ''),
    REQUEST_METHOD: method,
    REQUEST_URI: url,
    SCRIPT_NAME: target.scriptName,
    SERVER_NAME: serverName(request),
    SERVER_PORT: String(socket.localPort ?? ''),
    SERVER_PROTOCOL: `HTTP/${httpVersion}`,
    SERVER_SOFTWARE: `beastws/${version}`
  };
}

module.exports = { cgiEnvironment, splitTarget };
