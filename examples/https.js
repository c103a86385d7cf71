'use strict';

/**
 * A server with TLS (`wss:`) on top of an HTTPS server, and a client that
 * checks its certificate.
 *
 *   node examples/https.js                        a certificate for one run
 *   CERT=cert.pem KEY=key.pem node examples/https.js
 *
 * Without CERT and KEY, the program `openssl` makes a certificate.
 */

const { execFileSync } = require('child_process');
const { once } = require('events');
const fs = require('fs');
const https = require('https');
const os = require('os');
const path = require('path');
const { WebSocket, WebSocketServer } = require('..');

/**
 * Read the files named by CERT and KEY, or make a certificate that only this
 * process trusts.
 *
 * @return {{cert: Buffer, key: Buffer}} Options for an HTTPS server
 * @throws {Error} If a file cannot be read or `openssl` cannot be run
 */
function loadCertificate() {
  const { CERT, KEY } = process.env;

  if (CERT && KEY) {
    return { cert: fs.readFileSync(CERT), key: fs.readFileSync(KEY) };
  }

  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'https-example-'));
  const cert = path.join(directory, 'cert.pem');
  const key = path.join(directory, 'key.pem');

  try {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-nodes', '-days', '1'],
        ...['-pkeyopt', 'ec_paramgen_curve:prime256v1'],
        ...['-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
        ...['-keyout', key, '-out', cert]
      ],
      { stdio: 'pipe' }
    );

    return { cert: fs.readFileSync(cert), key: fs.readFileSync(key) };
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/**
 * Start the server and say hello to it.
 */
async function main() {
  const certificate = loadCertificate();
  const server = https.createServer(certificate);
  const wss = new WebSocketServer({ server });

  wss.on('connection', (ws, request) => {
    ws.on('error', console.error);
    ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    console.log(`Client over ${request.socket.getProtocol()}`);
  });

  server.listen(Number(process.env.PORT ?? 8443));
  await once(server, 'listening');

  const { port } = server.address();

  console.log(`Echo server on wss://localhost:${port}`);

  // A certificate of a public authority needs no `ca`.
  const ws = new WebSocket(`wss://localhost:${port}`, { ca: certificate.cert });

  ws.on('error', console.error);
  ws.on('open', () => ws.send('hello'));
  ws.on('message', (data) => {
    console.log(`The answer is ${data}`);
    ws.close();
  });
}

main().catch((err) => {
  console.error(err.message);
  process.exit(1);
});
