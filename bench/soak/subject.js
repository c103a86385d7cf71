'use strict';

const path = require('path');

// The module under test; `ws`, to check the soak itself.
module.exports = require(
  path.resolve(process.env.BEASTWS_MODULE || path.join(__dirname, '../..'))
);
