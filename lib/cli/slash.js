'use strict';

const { parseHex } = require('./hex');

/**
 * Tells commands from messages among the lines that are typed.
 *
 * @param {String} line The line
 * @return {Object} `name` and `rest` of a command, or `text` of a message. A
 *     line that begins with two slashes is a message that begins with one
 */
function interpret(line) {
  if (line.startsWith('//')) return { text: line.slice(1) };
  if (!line.startsWith('/')) return { text: line };

  const [, name, rest] = /^\/(\S*)\s?([^]*)$/.exec(line);

  return { name, rest };
}

/**
 * Reads what follows `/close`.
 *
 * @param {String} rest The text
 * @return {Object} `code` and `reason`
 * @throws {Error} If the code is none
 */
function parseClose(rest) {
  const [, code, reason] = /^(\S*)\s*([^]*)$/.exec(rest.trim());

  if (code === '') return { code: 1000, reason: '' };
  if (!/^\d{4}$/.test(code)) {
    throw new Error('the code of /close is a number, as in "/close 1000 bye"');
  }
  return { code: Number(code), reason };
}

/**
 * The commands for connections. Each gets a list of open websockets and what
 * follows its name, and throws an error for the user if that is wrong.
 */
const COMMANDS = {
  binary(sockets, rest) {
    const bytes = parseHex(rest);

    for (const ws of sockets) ws.send(bytes);
  },
  close(sockets, rest) {
    const { code, reason } = parseClose(rest);

    for (const ws of sockets) ws.close(code, reason);
  },
  ping(sockets, rest) {
    for (const ws of sockets) ws.ping(rest);
  },
  pong(sockets, rest) {
    for (const ws of sockets) ws.pong(rest);
  }
};

/** What `/help` says of them. */
const HELP = [
  '/binary HEX            send bytes, as in "/binary de ad be ef"',
  '/close [CODE [REASON]] close (1000)',
  '/ping [TEXT]           send a ping',
  '/pong [TEXT]           send a pong that nobody asked for',
  '//TEXT                 send a message that begins with a slash',
  '/help                  print this'
];

/**
 * Does what a line says.
 *
 * @param {Object} line What `interpret()` returned
 * @param {WebSocket[]} sockets For which connections; those that are not open
 *     are left out
 * @param {Object} [more={}] More commands, called with `sockets` and `rest`
 * @throws {Error} If there is no such command, or the command throws
 */
function execute({ name, rest, text }, sockets, more = {}) {
  const open = sockets.filter((ws) => ws.readyState === ws.OPEN);

  if (name === undefined) {
    for (const ws of open) ws.send(text);
    return;
  }

  const commands = { ...COMMANDS, ...more };

  if (!Object.hasOwn(commands, name)) {
    throw new Error(
      `unknown command '/${name}', see /help; // sends a literal slash`
    );
  }
  commands[name](open, rest);
}

module.exports = { HELP, execute, interpret };
