'use strict';

// Servers of one kind. Argument: JSON of { kind, seed, sampling }.

const { take } = require('./child');
const { startServers, visit } = require('./servers');

const settings = JSON.parse(process.argv[2]);
let servers;

take(
  settings,
  async (world) => {
    servers = await startServers(world, settings.kind);
    await visit(servers.targets, { ioThread: settings.kind !== 'inline' });
    return servers.targets;
  },
  () => servers.gone(),
  () => servers.close()
);
