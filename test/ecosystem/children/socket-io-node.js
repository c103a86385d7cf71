'use strict';

// One of several Socket.IO servers behind one Redis (its address is the first
// argument). Prints its port and ends with its standard input.

const http = require('http');
const { createAdapter } = require('@socket.io/redis-adapter');
const { createClient } = require('redis');
const { Server } = require('socket.io');
const WebSocket = require('beastws');

/** Start the server. */
async function main() {
  const publisher = createClient({ url: process.argv[2] });
  const subscriber = publisher.duplicate();

  await Promise.all([publisher.connect(), subscriber.connect()]);

  const httpServer = http.createServer();
  const io = new Server(httpServer, {
    adapter: createAdapter(publisher, subscriber, { requestsTimeout: 1000 }),
    transports: ['websocket'],
    wsEngine: WebSocket.Server
  });

  io.on('connection', (socket) => {
    socket.on('join', async (room, done) => {
      await socket.join(room);
      done(process.pid);
    });
    socket.on('to', (room, ...args) => io.to(room).emit('news', ...args));
    socket.on('count', async (room, done) => {
      done((await io.in(room).fetchSockets()).length);
    });
    socket.on('ask', (room, done) => {
      io.to(room)
        .timeout(10000)
        .emit('question', (err, answers) => done(err ? null : answers));
    });
  });

  httpServer.listen(0, '127.0.0.1', () => {
    console.log(httpServer.address().port);
  });

  process.stdin.resume();
  process.stdin.on('end', async () => {
    await io.close();
    await Promise.all([publisher.quit(), subscriber.quit()]);
    // The adapter's timers would keep the process for some seconds more.
    process.exit();
  });
}

main();
