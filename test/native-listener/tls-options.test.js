'use strict';

const assert = require('assert');
const { constants } = require('crypto');
const { once } = require('events');
const fs = require('fs');
const path = require('path');
const tls = require('tls');

const { useTls } = require('../support/tls-scope');
const { native } = require('./support/parties');

const API = path.join(__dirname, '../../doc/api.md');

/**
 * Reads the table of the properties of `tls`.
 *
 * @returns {Object} `supported` and `refused`, arrays of names
 */
function readTable() {
  const text = fs.readFileSync(API, 'utf8');
  const [, section] = text.split('### Properties of `tls`\n');
  const names = { supported: [], refused: [] };

  for (const line of section.split('\n### ')[0].split('\n').slice(2)) {
    const [, left, right] = line.split('|');

    if (right === undefined || !left.includes('`')) continue;

    const [kind] = /supported|refused/.exec(right);

    names[kind].push(...[...left.matchAll(/`(\w+)`/g)].map(([, name]) => name));
  }
  return names;
}

const table = readTable();

describe('The table of the properties of "tls"', () => {
  const scope = useTls();

  // What each may be, and what neither we nor Node take.
  const values = () => {
    const { ca, crl, server } = scope.pki;

    return {
      allowPartialTrustChain: [true],
      ALPNProtocols: [['http/1.1']],
      ca: [ca, 1],
      cert: [server.cert, 'x'],
      ciphers: ['TLS_AES_128_CCM_SHA256', 'x'],
      crl: [crl, 'x'],
      dhparam: ['auto'],
      ecdhCurve: ['P-384', 'x'],
      handshakeTimeout: [5000, 'x'],
      honorCipherOrder: [false],
      key: [server.key, 'x'],
      maxVersion: ['TLSv1.2', 'x'],
      minVersion: ['TLSv1.3', 'x'],
      passphrase: ['x', 1],
      pfx: [undefined, 'x'],
      rejectUnauthorized: [false],
      requestCert: [true],
      secureOptions: [constants.SSL_OP_NO_TLSv1_3],
      secureProtocol: ['TLSv1_2_method', 'x'],
      sessionIdContext: ['x', 1],
      sessionTimeout: [60, 'x'],
      sigalgs: ['RSA-PSS+SHA512', ''],
      ticketKeys: [Buffer.alloc(48, 1), Buffer.alloc(47)]
    };
  };

  // What a client sees of it.
  const effects = {
    ciphers: ({ client }) =>
      client._socket.getCipher().name === 'TLS_AES_128_CCM_SHA256',
    ecdhCurve: ({ client }) =>
      client._socket.getEphemeralKeyInfo().name === 'secp384r1',
    maxVersion: ({ client }) => client._socket.getProtocol() === 'TLSv1.2',
    minVersion: ({ client }) => client._socket.getProtocol() === 'TLSv1.3',
    secureOptions: ({ client }) => client._socket.getProtocol() === 'TLSv1.2',
    secureProtocol: ({ client }) => client._socket.getProtocol() === 'TLSv1.2',
    ALPNProtocols: ({ ws }) => ws._socket.alpnProtocol === 'http/1.1',
    requestCert: ({ ws }) =>
      ws._socket.getPeerCertificate().subject.CN === 'client'
  };

  it('names all that there is', () => {
    assert.deepStrictEqual(
      table.supported.toSorted?.() ?? [...table.supported].sort(),
      Object.keys(values()).sort()
    );
  });

  for (const name of table.supported) {
    it(`says that ${name} is supported`, async function () {
      this.timeout(20000);

      const [value, wrong] = values()[name];
      const { pki } = scope;
      const base = { ...pki.server, ca: pki.ca };
      const server = await scope.listenNatively({ ...base, [name]: value });
      const pair = await scope.pairTheirs(server, {
        ...pki.client,
        ciphers: `${tls.DEFAULT_CIPHERS}:TLS_AES_128_CCM_SHA256`,
        ALPNProtocols: ['http/1.1']
      });

      pair.client.send('hello');
      await once(pair.client, 'message');
      if (effects[name] !== undefined) assert.ok(effects[name](pair), name);

      if (wrong === undefined) return;

      let nodes = null;

      // Node gives up some of them later than when the server is made.
      try {
        tls.createServer({ ...base, [name]: wrong });
      } catch (err) {
        nodes = err;
      }
      assert.throws(
        () => native.server({ port: 0, tls: { ...base, [name]: wrong } }),
        (err) => {
          if (nodes !== null && nodes.code !== 'ERR_INVALID_ARG_TYPE') {
            assert.strictEqual(err.code, nodes.code);
          }
          return true;
        }
      );
    });
  }

  for (const name of table.refused) {
    it(`says that ${name} is refused`, () => {
      assert.throws(
        () =>
          native.server({ port: 0, tls: { ...scope.pki.server, [name]: 1 } }),
        {
          name: 'TypeError',
          code: 'ERR_BEASTWS_TLS_OPTION',
          message: `The "tls.${name}" option is not supported`
        }
      );
    });
  }
});
