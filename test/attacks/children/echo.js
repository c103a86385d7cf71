'use strict';

// A server that behaves, with TLS if the argument says so: 'tls'.

const { once } = require('events');
const https = require('https');

const { theirs } = require('../../integration/kinds');
const credentials = require('../../integration/support/credentials');
const { answer } = require('../../lifecycle/children/answer');

const options = { perMessageDeflate: true };
let wss;
let server;

answer({
  /** Listen; tell the URL. */
  async listen() {
    if (process.argv[2] === 'tls') {
      server = https.createServer(credentials);
      wss = theirs.server({ ...options, server });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    } else {
      wss = await theirs.listen(options);
    }
    wss.on('connection', (ws) => {
      ws.on('message', (data, binary) => ws.send(data, { binary }));
    });
    return `${server ? 'wss' : 'ws'}://127.0.0.1:${wss.address().port}`;
  },

  /** Stop listening; the process ends when the parent disconnects. */
  async close() {
    await new Promise((resolve) => wss.close(() => resolve()));
    if (server) await new Promise((resolve) => server.close(resolve));
  }
});
