'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * Certificates for tests, made by the openssl command once for a process.
 */

let made = null;

/** A kind of key that is made quickly. */
const ELLIPTIC = ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];

/**
 * Runs openssl.
 *
 * @param {string} dir Where
 * @param {string[]} args Its arguments
 */
function openssl(dir, args) {
  execFileSync('openssl', args, {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'pipe']
  });
}

/**
 * Makes a key and a certificate that the authority has signed.
 *
 * @param {string} dir Where
 * @param {string} name The name of the files
 * @param {string[]} hosts Host names and addresses it is for
 * @param {Object} [options]
 * @param {string[]} [options.key] Kind of key, as `openssl req` has it
 * @param {string} [options.startDate] From when on, as `openssl ca` has it
 * @param {string} [options.endDate] Until when, likewise
 * @returns {Object} `key` and `cert`
 */
function issue(dir, name, hosts, options = {}) {
  const { key = ELLIPTIC, startDate, endDate } = options;
  const names = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`
  );

  fs.writeFileSync(
    path.join(dir, `${name}.ext`),
    `subjectAltName=${names.join(',')}\n`
  );
  openssl(dir, [
    'req',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`
  ]);
  openssl(dir, [
    'ca',
    '-batch',
    '-config',
    'ca.cnf',
    '-in',
    `${name}.csr`,
    '-out',
    `${name}.pem`,
    '-notext',
    '-extfile',
    `${name}.ext`,
    ...(startDate ? ['-startdate', startDate] : []),
    ...(endDate ? ['-enddate', endDate] : ['-days', '30'])
  ]);
  return {
    key: fs.readFileSync(path.join(dir, `${name}.key`)),
    cert: fs.readFileSync(path.join(dir, `${name}.pem`))
  };
}

/**
 * Makes all of them.
 *
 * @param {string} dir Where
 * @returns {Object} See `certificates()`
 */
function make(dir) {
  fs.writeFileSync(
    path.join(dir, 'ca.cnf'),
    [
      '[ca]',
      'default_ca = authority',
      '[authority]',
      'new_certs_dir = .',
      'database = index.txt',
      'serial = serial',
      'crlnumber = crlnumber',
      'certificate = ca.pem',
      'private_key = ca.key',
      'default_md = sha256',
      'default_crl_days = 30',
      'policy = any',
      'unique_subject = no',
      'copy_extensions = none',
      '[any]',
      'commonName = supplied',
      ''
    ].join('\n')
  );
  fs.writeFileSync(path.join(dir, 'index.txt'), '');
  fs.writeFileSync(path.join(dir, 'serial'), '01\n');
  fs.writeFileSync(path.join(dir, 'crlnumber'), '01\n');
  openssl(dir, [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '30',
    '-subj',
    '/CN=Authority'
  ]);

  const hosts = ['localhost', '127.0.0.1'];
  const result = {
    dir,
    ca: fs.readFileSync(path.join(dir, 'ca.pem')),
    server: issue(dir, 'server', hosts, { key: ['rsa:2048'] }),
    renewed: issue(dir, 'renewed', hosts),
    elliptic: issue(dir, 'elliptic', hosts),
    a: issue(dir, 'a', ['a.example']),
    wild: issue(dir, 'wild', ['*.wild.example']),
    client: issue(dir, 'client', ['client']),
    revoked: issue(dir, 'revoked', ['client']),
    expired: issue(dir, 'expired', ['localhost'], {
      startDate: '20200101000000Z',
      endDate: '20200201000000Z'
    }),
    future: issue(dir, 'future', ['localhost'], {
      startDate: '20900101000000Z',
      endDate: '20900201000000Z'
    }),
    withdrawn: issue(dir, 'withdrawn', hosts)
  };

  for (const name of ['revoked', 'withdrawn']) {
    openssl(dir, ['ca', '-config', 'ca.cnf', '-revoke', `${name}.pem`]);
  }
  openssl(dir, ['ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem']);
  openssl(dir, [
    'req',
    '-x509',
    '-newkey',
    ...ELLIPTIC,
    '-nodes',
    '-keyout',
    'self.key',
    '-out',
    'self.pem',
    '-days',
    '30',
    '-subj',
    '/CN=self'
  ]);
  result.crl = fs.readFileSync(path.join(dir, 'crl.pem'));
  result.self = {
    key: fs.readFileSync(path.join(dir, 'self.key')),
    cert: fs.readFileSync(path.join(dir, 'self.pem'))
  };
  // Signed by an authority that nobody knows.
  openssl(dir, [
    'x509',
    '-req',
    '-in',
    'server.csr',
    '-CA',
    'self.pem',
    '-CAkey',
    'self.key',
    '-CAcreateserial',
    '-extfile',
    'server.ext',
    '-days',
    '30',
    '-out',
    'stranger.pem'
  ]);
  result.stranger = {
    key: result.server.key,
    cert: fs.readFileSync(path.join(dir, 'stranger.pem'))
  };
  return result;
}

/**
 * Certificates: `ca`, `crl`, and with a key each `server`, `renewed`,
 * `elliptic`, `a` (a.example), `wild` (*.wild.example), `client`, `revoked`,
 * `withdrawn` (a server's that is revoked), `expired`, `future`, `stranger` (of
 * an unknown authority) and `self` (self-signed). The files are in `dir`.
 *
 * @returns {Object} Them
 */
function certificates() {
  if (made === null) {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'beastws-tls-'));

    process.on('exit', () => fs.rmSync(dir, { recursive: true }));
    made = make(dir);
  }
  return made;
}

module.exports = { certificates };
