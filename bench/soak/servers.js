'use strict';

const { once } = require('events');
const fs = require('fs');
const https = require('https');
const path = require('path');

const { WebSocket, WebSocketServer } = require('./subject');
const { End } = require('./end');
const { planOf } = require('./plan');

const CERTIFICATES = path.join(__dirname, '../../test/examples');

/** What servers with TLS show. */
const CERTIFICATE = {
  key: fs.readFileSync(path.join(CERTIFICATES, 'localhost-key.pem')),
  cert: fs.readFileSync(path.join(CERTIFICATES, 'localhost-cert.pem'))
};

/** Longer than a machine with other work may need, in milliseconds. */
const CLOSE_TIMEOUT = 240000;

/** The options of a server by kind. */
const KINDS = {
  port: { native: false },
  native: { native: true },
  tls: { native: true, tls: CERTIFICATE },
  inline: { ioThread: false },
  https: {}
};

/** What the servers of a process agree to. */
const SERVERS = {
  plain: {},
  deflate: { perMessageDeflate: { threshold: 0 } },
  fresh: {
    perMessageDeflate: {
      clientNoContextTakeover: true,
      serverNoContextTakeover: true
    }
  },
  // For peers that do not answer a close frame.
  short: { closeTimeout: 1000 }
};

/**
 * Starts one server of each sort.
 *
 * @param {World} world What the process shares
 * @param {String} kind 'port', 'native', 'tls', 'inline' or 'https'
 * @param {String[]} [names] Which sorts, all by default
 * @returns {Promise<Object>} `{ targets, gone, close }`; a target is
 *     `{ kind, name, url }`, `gone()` waits until all connections are gone
 */
async function startServers(world, kind, names = Object.keys(SERVERS)) {
  const targets = [];
  const closers = [];
  const all = [];
  const ends = new Set();

  for (const name of names) {
    const options = {
      closeTimeout: CLOSE_TIMEOUT,
      ...KINDS[kind],
      ...SERVERS[name],
      host: '127.0.0.1'
    };
    let wss;
    let server;

    if (kind === 'https') {
      server = https.createServer(CERTIFICATE);
      wss = new WebSocketServer({ ...options, server });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    } else {
      wss = new WebSocketServer({ ...options, port: 0 });
      await once(wss, 'listening');
    }

    wss.on('connection', (ws, request) => {
      const plan = planOf(world.seed, request.url);
      if (!plan) {
        ws.on('message', (data) => ws.send(data));
        ws.send('hello');
        return;
      }
      const end = new End(ws, plan, 1, world);
      ends.add(end);
      end.ended.then(() => ends.delete(end));
    });

    all.push(wss);
    const { port } = wss.address();
    const scheme = kind === 'https' || kind === 'tls' ? 'wss' : 'ws';
    targets.push({ kind, name, url: `${scheme}://127.0.0.1:${port}` });
    closers.push(async () => {
      await new Promise((resolve) => wss.close(resolve));
      if (server) await new Promise((resolve) => server.close(resolve));
    });
  }

  return {
    targets,
    async gone() {
      while (ends.size || all.some((wss) => wss.clients.size)) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
      await Promise.all([...ends].map((end) => end.ended));
    }
  };
}

/**
 * Connects with servers, has an echo and leaves again, so that all that is started once and
 * kept is there.
 *
 * @param {Object[]} targets The servers
 * @param {Object} [options] Options of `WebSocket`
 * @returns {Promise} Fulfilled when the connections are gone
 */
async function visit(targets, options) {
  for (const { url } of targets) {
    const ws = new WebSocket(url, { rejectUnauthorized: false, ...options });
    // The greeting may come together with 'open'.
    await new Promise((resolve, reject) => {
      let left = 2;
      ws.on('open', () => ws.send('hello'));
      ws.on('message', () => --left || resolve());
      ws.on('error', reject);
    });
    ws.close();
    await once(ws, 'close');
  }
}

module.exports = { CLOSE_TIMEOUT, startServers, visit };
