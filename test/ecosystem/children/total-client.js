'use strict';

// Total.js' client: connects to the first argument with the options in the
// second, says hello (it loses what comes together with the handshake, so that
// nobody may speak before it), answers messages with themselves, and tells the
// code that it was closed with.

require('total4');

/* global WEBSOCKETCLIENT */

const [url, options] = process.argv.slice(2);

WEBSOCKETCLIENT((client) => {
  Object.assign(client.options, JSON.parse(options), { reconnect: 0 });
  client.on('open', () => client.send('hello'));
  client.on('message', (message) => client.send(message));
  client.on('close', (code, reason) => process.send({ code, reason }));
  client.connect(url);
});
