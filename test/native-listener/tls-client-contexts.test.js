'use strict';

const assert = require('assert');
const { createPrivateKey } = require('crypto');
const tls = require('tls');

const clientContext = require('../../lib/client-tls-context');
const { certificates } = require('../support/certificates');

describe('The TLS contexts of clients', () => {
  let pki;

  before(function () {
    this.timeout(60000);
    pki = certificates();
  });

  it('are shared by connections with the same options', () => {
    const options = () => ({
      ca: [Buffer.from(pki.ca), `${pki.ca}`],
      cert: `${pki.client.cert}`,
      key: [{ pem: Buffer.from(pki.client.key), passphrase: 'x' }],
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      // Of each connection.
      servername: `${Math.random()}`
    });

    assert.strictEqual(clientContext(options()), clientContext(options()));
    assert.strictEqual(clientContext({}), clientContext({ host: 'x' }));
  });

  it('are not shared when anything differs', () => {
    const ca = Buffer.from(pki.ca);
    const all = new Set(
      [
        {},
        { ca },
        { ca: `${ca}` },
        { ca: [ca] },
        { ca: [ca, ca] },
        { ca, ALPNProtocols: ['http/1.1'] },
        { ca, ALPNProtocols: ['http/1.1', 'x'] },
        { ca, minVersion: 'TLSv1.3' },
        { ca, maxVersion: 'TLSv1.3' },
        { ca, crl: pki.crl },
        { ca, ...pki.client },
        { ca, ...pki.expired }
      ].map(clientContext)
    );

    assert.strictEqual(all.size, 12);

    // A Buffer that is another one by now.
    pki.server.cert.copy(ca.fill('\n'));
    assert.ok(!all.has(clientContext({ ca })));
  });

  it('are not shared when nobody can tell', () => {
    const key = createPrivateKey(pki.client.key).export({
      format: 'pem',
      type: 'pkcs8'
    });
    class Key {
      constructor() {
        this.pem = key;
      }
    }
    const options = { cert: pki.client.cert, key: [new Key()] };

    assert.notStrictEqual(clientContext(options), clientContext(options));
  });

  it('follow the defaults of Node', () => {
    const before = tls.DEFAULT_MIN_VERSION;
    const first = clientContext({});

    tls.DEFAULT_MIN_VERSION = 'TLSv1.3';
    try {
      assert.notStrictEqual(clientContext({}), first);
    } finally {
      tls.DEFAULT_MIN_VERSION = before;
    }
    assert.strictEqual(clientContext({}), first);

    if (tls.setDefaultCACertificates === undefined) return;

    const authorities = tls.getCACertificates('default');

    tls.setDefaultCACertificates([`${pki.ca}`]);
    try {
      assert.notStrictEqual(clientContext({}), first);
    } finally {
      tls.setDefaultCACertificates(authorities);
    }
  });

  it('are forgotten when there are many', () => {
    const make = (i) => clientContext({ sessionIdContext: `${i}` });
    const contexts = Array.from({ length: 40 }, (_, i) => make(i));

    assert.strictEqual(make(39), contexts[39]);
    assert.strictEqual(make(30), contexts[30]);
    assert.notStrictEqual(make(0), contexts[0]);
  });
});
