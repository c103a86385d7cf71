'use strict';

// Loaded in front of a program from a document: all ports become free ones, and
// the program ends well as soon as it listens. One that does not listen may end
// by itself, or go on for a while without a failure.

const cluster = require('cluster');
const net = require('net');

const PATIENCE = 2000;

const { listen } = net.Server.prototype;

net.Server.prototype.listen = function listenAnywhere() {
  this.once('listening', () => {
    if (cluster.isPrimary) setImmediate(() => process.exit());
    else cluster.worker.send('listening');
  });
  return listen.call(this, 0, '127.0.0.1');
};

cluster.on('message', () => process.exit());

const timer = setTimeout(() => process.exit(), PATIENCE);

timer.unref();
