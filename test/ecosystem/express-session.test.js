'use strict';

const assert = require('assert');
const { once } = require('events');
const express = require('express');
const session = require('express-session');
const http = require('http');
const WebSocket = require('ws');

const { cleanup } = require('./support/cleanup');
const { close, closed, listen, nextMessage } = require('./support/net');

describe('Express with express-session', () => {
  const defer = cleanup();

  /**
   * Start an application that lets in only those who have logged in.
   *
   * @returns {Promise<Object>} `{ port, wss }`
   */
  async function serve() {
    const app = express();
    const users = new Map();
    const readSession = session({
      saveUninitialized: false,
      secret: 'not a secret',
      resave: false
    });

    app.use(readSession);
    app.post('/login/:name', (req, res) => {
      req.session.userId = req.params.name;
      res.send('in');
    });
    app.delete('/logout', (req, res) => {
      const ws = users.get(req.session.userId);

      req.session.destroy(() => {
        if (ws) ws.close(4001, 'logged out');
        res.send('out');
      });
    });

    const server = http.createServer(app);
    const wss = new WebSocket.Server({ noServer: true, clientTracking: false });

    server.on('upgrade', (req, socket, head) => {
      readSession(req, {}, () => {
        if (!req.session.userId) {
          socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
          return;
        }
        wss.handleUpgrade(req, socket, head, (ws) => {
          wss.emit('connection', ws, req);
        });
      });
    });
    wss.on('connection', (ws, req) => {
      const { userId } = req.session;

      users.set(userId, ws);
      ws.on('message', (text) => {
        req.session.reload((err) => {
          ws.send(err ? 'no session' : `${req.session.userId} says ${text}`);
        });
      });
      ws.on('close', () => users.delete(userId));
    });

    const port = await listen(server);
    defer(() => close(server));
    defer(() => users.forEach((ws) => ws.terminate()));
    return { port, users };
  }

  /**
   * Log in.
   *
   * @param {number} port The application's port
   * @param {string} name Who
   * @returns {Promise<string>} The cookie
   */
  async function login(port, name) {
    const res = await fetch(`http://127.0.0.1:${port}/login/${name}`, {
      method: 'POST'
    });

    assert.strictEqual(await res.text(), 'in');
    return res.headers.get('set-cookie').split(';')[0];
  }

  it('lets in only those with a session', async () => {
    const { port, users } = await serve();
    const url = `ws://127.0.0.1:${port}`;
    const stranger = new WebSocket(url);
    const [req, res] = await once(stranger, 'unexpected-response');

    assert.strictEqual(res.statusCode, 401);
    req.destroy();

    const cookie = await login(port, 'ada');
    const ws = new WebSocket(url, { headers: { cookie } });

    await once(ws, 'open');
    ws.send('hello');
    assert.strictEqual(await nextMessage(ws), 'ada says hello');
    assert.deepStrictEqual([...users.keys()], ['ada']);
  });

  it('closes the connection at the logout', async () => {
    const { port } = await serve();
    const cookie = await login(port, 'bob');
    const ws = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { cookie } });

    await once(ws, 'open');
    const end = closed(ws);
    const res = await fetch(`http://127.0.0.1:${port}/logout`, {
      method: 'DELETE',
      headers: { cookie }
    });

    assert.strictEqual(await res.text(), 'out');
    assert.deepStrictEqual(await end, [4001, 'logged out']);
  });

  it('keeps apart the sessions of many clients', async () => {
    const { port } = await serve();
    const names = Array.from({ length: 100 }, (_, i) => `user${i}`);
    const answers = await Promise.all(
      names.map(async (name) => {
        const cookie = await login(port, name);
        const ws = new WebSocket(`ws://127.0.0.1:${port}`, {
          headers: { cookie }
        });

        await once(ws, 'open');
        ws.send('hi');
        return nextMessage(ws);
      })
    );

    assert.deepStrictEqual(
      answers,
      names.map((name) => `${name} says hi`)
    );
  });
});
