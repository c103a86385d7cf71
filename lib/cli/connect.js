'use strict';

const { CLIENT_OPTIONS } = require('./client-options');

const OPTIONS = {
  ...CLIENT_OPTIONS,
  execute: {
    type: 'string',
    short: 'x',
    multiple: true,
    value: 'MESSAGE',
    help: 'send this message, wait and end; may be repeated'
  },
  wait: {
    type: 'string',
    short: 'w',
    value: 'SECONDS',
    default: '2',
    number: { min: -1, max: 86400 },
    help:
      'how long to wait for answers behind the last message of -x or of a ' +
      'piped input; -1 waits until the server closes'
  },
  messages: {
    type: 'string',
    short: 'm',
    value: 'COUNT',
    number: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
    help: 'end when so many messages have come'
  },
  binary: {
    type: 'boolean',
    short: 'b',
    help:
      'take what is typed as bytes in hexadecimal, and show binary messages ' +
      'in columns'
  },
  slash: {
    type: 'boolean',
    help: 'obey slash commands in a piped input, too'
  },
  ping: {
    type: 'string',
    value: 'SECONDS',
    implied: '30',
    number: { min: 0.1, max: 86400 },
    help: 'send a ping so often (30), and give up if nothing comes behind it'
  },
  history: {
    type: 'boolean',
    help: 'keep what is typed in a file for the next time'
  },
  verbose: {
    type: 'boolean',
    short: 'v',
    help: 'tell of the handshake, of pings and pongs'
  },
  'no-color': { type: 'boolean', help: 'use no colours' }
};

module.exports = {
  name: 'connect',
  usage: '[OPTIONS] URL',
  brief: 'talk to a server, from the terminal or a pipe',
  summary:
    'Connects to a websocket server, prints what it says and sends what is ' +
    'typed, or what comes from a pipe: each line is a message.',
  options: OPTIONS,
  positionals: ['URL'],
  notes: [
    'A line that begins with a slash is a command, see /help. ' +
      'Ctrl-C drops the line, or closes if it is empty; ctrl-D closes.',
    'Exit codes: 0 after a normal close, 1 if the connection fails or is ' +
      'closed with another code than 1000 by the server, 2 if the command ' +
      'line is wrong.'
  ],
  run(options, [url]) {
    const ClientSession = require('./client-session');

    return new ClientSession(url, options).run();
  }
};
