'use strict';

const { CLIENT_KINDS, ClientSiege } = require('./client-siege');
const { defineFrameAttacks, OPTIONS } = require('./frame-attacks');
const { besiege } = require('./siege');

describe('Attacks with frames, on clients', function () {
  this.timeout(120000);

  for (const kind of CLIENT_KINDS) {
    describe(kind.name, () => {
      besiege(() => new ClientSiege(kind, OPTIONS), defineFrameAttacks);
    });
  }
});
