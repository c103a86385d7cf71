'use strict';

const ws = require('ws');
const { version } = require('ws/package.json');

const listenWith = require('./ws-api');
const { start } = require('./common');

start({ version, listen: listenWith(ws) });
