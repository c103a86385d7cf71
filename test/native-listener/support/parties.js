'use strict';

const { theirs, WebSocket } = require('../../integration/kinds');
const { Party } = require('../../integration/support/party');

/** The package under test with the listener of its own. */
const native = new Party('native', WebSocket, { native: true });

/** The same with Node's HTTP server. */
const http = new Party('http', WebSocket, { native: false });

module.exports = { http, native, theirs };
