'use strict';

// Clients that behave. Arguments: the URL, how many.

const { theirs } = require('../../integration/kinds');
const { answer } = require('../../lifecycle/children/answer');
const healthyClients = require('./healthy-clients');

const [, , url, count] = process.argv;
const clients = healthyClients(+count);

answer({ ...clients, connect: () => clients.connect(theirs, url) });
