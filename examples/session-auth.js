'use strict';

/**
 * Only those who are logged in get a WebSocket. Express keeps the session in a
 * cookie, and the upgrade request is checked against it before the handshake.
 *
 *   npm install --no-save express express-session
 *   node examples/session-auth.js
 */

const { randomUUID } = require('crypto');
const http = require('http');
const { WebSocketServer } = require('..');

const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>Sessions</title>
<p>
  <button id="login">Log in</button> <button id="logout">Log out</button>
  <button id="open">Open a WebSocket</button>
</p>
<pre id="out" role="log"></pre>
<script>
  const out = document.getElementById('out');
  const show = (text) => (out.textContent += text + '\\n');

  for (const id of ['login', 'logout']) {
    document.getElementById(id).onclick = async () => {
      show((await (await fetch('/' + id, { method: 'POST' })).json()).message);
    };
  }

  document.getElementById('open').onclick = () => {
    const ws = new WebSocket(location.origin.replace('http', 'ws'));

    ws.onopen = () => ws.send('Who am I?');
    ws.onmessage = ({ data }) => show(data);
    ws.onclose = ({ code }) => show('Closed with code ' + code);
  };
</script>
`;

/**
 * @param {String} name The name of a package
 * @return {*} What it exports; the process ends if it is not installed
 */
function requirePackage(name) {
  try {
    return require(name);
  } catch (err) {
    if (err.code !== 'MODULE_NOT_FOUND') throw err;

    console.error(
      'This example needs two more packages:\n\n' +
        '  npm install --no-save express express-session\n'
    );
    return process.exit(1);
  }
}

const express = requirePackage('express');
const session = requirePackage('express-session');

const app = express();
const connections = new Map();

const parseSession = session({
  secret: randomUUID(),
  resave: false,
  saveUninitialized: false,
  cookie: { sameSite: 'strict' }
});

app.use(parseSession);
app.get('/', (request, response) => response.type('html').send(PAGE));

app.post('/login', (request, response) => {
  request.session.userId ??= randomUUID();
  response.send({ message: `Logged in as ${request.session.userId}` });
});

app.post('/logout', (request, response) => {
  const { userId } = request.session;

  request.session.destroy(() => {
    for (const ws of connections.get(userId) ?? [])
      ws.close(4001, 'Logged out');
    response.send({ message: 'Logged out' });
  });
});

const server = http.createServer(app);
const wss = new WebSocketServer({ noServer: true });

server.on('upgrade', (request, socket, head) => {
  const onError = () => socket.destroy();

  // Until the handshake nobody else handles the errors of this socket.
  socket.on('error', onError);

  parseSession(request, {}, () => {
    const { userId } = request.session;

    socket.off('error', onError);

    if (userId === undefined) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }

    wss.handleUpgrade(request, socket, head, (ws) => {
      wss.emit('connection', ws, request, userId);
    });
  });
});

wss.on('connection', (ws, request, userId) => {
  const mine = connections.get(userId) ?? new Set();

  connections.set(userId, mine.add(ws));
  ws.on('error', console.error);
  ws.on('message', () => ws.send(`You are ${userId}`));
  ws.on('close', () => {
    mine.delete(ws);
    if (mine.size === 0) connections.delete(userId);
  });
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`Open http://localhost:${server.address().port}`);
});
