'use strict';

// Servers in a thread. workerData: { seed, kind }.

const { parentPort, workerData } = require('worker_threads');

const { startServers } = require('./servers');
const { World } = require('./world');

const { kind, seed } = workerData;
const world = new World(seed, (line) => parentPort.postMessage(line));

startServers(world, kind, ['plain', 'deflate']).then(({ targets, close }) => {
  parentPort.on('message', async (command) => {
    if (command.pace) world.pace = command.pace;
    if (command.close) {
      await close();
      parentPort.close();
    }
  });
  parentPort.postMessage({ targets });
});
