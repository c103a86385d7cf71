'use strict';

const OPTIONS = {
  port: {
    type: 'string',
    short: 'p',
    value: 'PORT',
    default: '8080',
    number: { min: 0, max: 65535, integer: true },
    help: 'listen on this port; 0 stands for any that is free'
  },
  host: {
    type: 'string',
    value: 'ADDRESS',
    default: '127.0.0.1',
    help: 'listen on this address; 0.0.0.0 and :: stand for all'
  },
  path: {
    type: 'string',
    value: 'PATH',
    help: 'accept only this path and those below it, as in /log'
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
  origin: {
    type: 'string',
    short: 'o',
    multiple: true,
    value: 'ORIGIN',
    help:
      "accept only pages of this origin; may be repeated. '*' accepts all. " +
      'If it is not given: pages of the same host, and programs'
  },
  binary: {
    type: 'boolean',
    short: 'b',
    help: 'carry bytes as they come instead of lines'
  },
  'max-line': {
    type: 'string',
    value: 'BYTES',
    default: '1048576',
    number: { min: 1, max: 1073741824, integer: true },
    help: 'how long a line, or a message of a client, may be'
  },
  'max-processes': {
    type: 'string',
    value: 'COUNT',
    default: '100',
    number: { min: 1, max: 1000000, integer: true },
    help: 'how many processes may run; others get 503'
  },
  'pass-environment': {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'pass on this environment variable; may be repeated'
  },
  grace: {
    type: 'string',
    value: 'SECONDS',
    default: '5',
    number: { min: 0, max: 3600 },
    help: 'how long a process has between SIGTERM and SIGKILL'
  },
  ping: {
    type: 'string',
    value: 'SECONDS',
    default: '30',
    number: { min: 0, max: 86400 },
    help: 'send a ping so often to find clients that are gone; 0: never'
  },
  compress: { type: 'boolean', help: 'accept compression' },
  verbose: { type: 'boolean', short: 'v', help: 'tell of each connection' }
};

module.exports = {
  name: 'exec',
  usage: '[OPTIONS] -- COMMAND [ARGUMENT...]',
  brief: 'serve the input and output of a program',
  summary:
    'Serves a program as a websocket: a process for each connection. Each ' +
    'line that it prints is a text message, and each text message is a line ' +
    'of its input.',
  options: OPTIONS,
  positionals: ['the COMMAND'],
  rest: true,
  notes: [
    'The environment of the program has the variables of CGI (RFC 3875).',
    'When the client goes, the process and its group get SIGTERM, then ' +
      'SIGKILL. When the process ends, the close code is 1000 for the exit ' +
      'code 0, else 1011.'
  ],
  run(options, [command, ...args]) {
    const ProgramServer = require('./program-server');

    return new ProgramServer(command, args, options).run();
  }
};
