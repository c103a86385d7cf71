'use strict';

const { forEachKind } = require('../integration/kinds');
const { defineFrameAttacks, OPTIONS } = require('./frame-attacks');
const ServerSiege = require('./server-siege');
const { besiege } = require('./siege');

describe('Attacks with frames, on servers', function () {
  this.timeout(120000);

  forEachKind((kind) => {
    besiege(() => new ServerSiege(kind, OPTIONS), defineFrameAttacks);
  });
});
