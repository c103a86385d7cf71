'use strict';

const { toPort } = require('./options');

const OPTIONS = {
  host: {
    type: 'string',
    value: 'ADDRESS',
    default: '127.0.0.1',
    help: 'listen on this address; 0.0.0.0 and :: stand for all'
  },
  path: {
    type: 'string',
    value: 'PATH',
    help: 'accept only this path, as in /chat'
  },
  subprotocol: {
    type: 'string',
    short: 's',
    multiple: true,
    value: 'NAME',
    help:
      'accept this subprotocol; may be repeated. The first one that the ' +
      'client offers is taken'
  },
  echo: { type: 'boolean', short: 'e', help: 'send back what comes' },
  binary: {
    type: 'boolean',
    short: 'b',
    help:
      'take what is typed as bytes in hexadecimal, and show binary messages ' +
      'in columns'
  },
  compress: { type: 'boolean', help: 'accept compression' },
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'serve wss:// with this certificate'
  },
  key: { type: 'string', value: 'FILE', help: 'its key' },
  native: {
    type: 'boolean',
    help: 'listen on the native thread; not with --cert'
  },
  'no-color': { type: 'boolean', help: 'use no colours' }
};

module.exports = {
  name: 'listen',
  usage: '[OPTIONS] PORT',
  brief: 'listen, print what comes and send what is typed to all',
  summary:
    'Listens for websockets, prints what comes from whom, and sends what is ' +
    'typed to all. The port 0 stands for any that is free.',
  options: OPTIONS,
  positionals: ['PORT'],
  notes: [
    'A line that begins with a slash is a command, see /help. Ctrl-C drops ' +
      'the line, or ends the program if it is empty; ctrl-D ends it.'
  ],
  run(options, [port]) {
    const ServerSession = require('./server-session');

    return new ServerSession(toPort(port), options).run();
  }
};
