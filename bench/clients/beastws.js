'use strict';

const openWith = require('./ws-api');
const start = require('./common');

start(openWith(require('../..')));
