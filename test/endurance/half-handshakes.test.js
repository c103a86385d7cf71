'use strict';

const defineHalfHandshakes = require('../attacks/half-handshakes');

describe('Attacks with very many halves of handshakes', function () {
  this.timeout(180000);

  defineHalfHandshakes(10000, 15000);
});
