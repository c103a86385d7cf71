'use strict';

const { CLIENT_OPTIONS } = require('./client-options');
const UsageError = require('./usage-error');

const OPTIONS = {
  connections: {
    type: 'string',
    short: 'c',
    value: 'COUNT',
    default: '10',
    number: { min: 1, max: 20000, integer: true },
    help: 'how many connections'
  },
  duration: {
    type: 'string',
    short: 'd',
    value: 'SECONDS',
    default: '10',
    number: { min: 0.1, max: 3600 },
    help: 'for how long'
  },
  size: {
    type: 'string',
    value: 'BYTES',
    default: '64',
    number: { min: 0, max: 64 * 1024 * 1024, integer: true },
    help: 'how large each message is'
  },
  'in-flight': {
    type: 'string',
    short: 'p',
    value: 'COUNT',
    default: '1',
    number: { min: 1, max: 10000, integer: true },
    help: 'how many messages of a connection are under way at once'
  },
  binary: { type: 'boolean', short: 'b', help: 'send binary messages' },
  text: { type: 'boolean', help: 'send text (if --binary is not given)' },
  ...CLIENT_OPTIONS,
  json: { type: 'boolean', help: 'print the figures as JSON' }
};

/** How many bytes may be under way, with all connections. */
const MAX_BYTES = 1024 * 1024 * 1024;

// -s is the size here, as in other load generators.
OPTIONS.size = { ...OPTIONS.size, short: 's' };
OPTIONS.subprotocol = { ...CLIENT_OPTIONS.subprotocol, short: undefined };

module.exports = {
  name: 'bench',
  usage: '[OPTIONS] URL',
  brief: 'measure a server that sends back what it gets',
  summary:
    'Puts load on an echo server: each connection sends messages, compares ' +
    'what comes back byte by byte, and sends the next one.',
  options: OPTIONS,
  positionals: ['URL'],
  notes: [
    'Measure your own servers only. The figures are those of the server and ' +
      'of this client, which is one process: compare servers by them, on one ' +
      'machine.',
    'Exit codes: 0 if all that came back was right, 1 if something was wrong ' +
      'or nothing came, 2 if the command line is wrong.'
  ],
  run(options, [url]) {
    const bytes =
      options.connections * options['in-flight'] * Math.max(options.size, 1);

    if (options.binary && options.text) {
      throw new UsageError('--binary and --text exclude each other');
    }
    if (bytes > MAX_BYTES) {
      throw new UsageError(
        'connections, messages in flight and size make more than 1 GiB'
      );
    }

    const LoadTest = require('./load-test');

    return new LoadTest(url, options).run();
  }
};
