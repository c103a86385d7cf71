'use strict';

const defineHalfHandshakes = require('./half-handshakes');

describe('Attacks with half a handshake', function () {
  this.timeout(180000);

  defineHalfHandshakes(2000, 5000);
});
