'use strict';

// Many raw connections. Arguments: the port, how many, the address that they
// come from, if that matters, and 'tls' if by TLS.

const {
  rawConnect,
  upgradeRequest
} = require('../../integration/support/raw-peer');
const { closeFrame, frame } = require('../../integration/support/frames');
const { answer } = require('./answer');

const port = +process.argv[2];
const server = {
  address: () => ({ port }),
  options: { tls: process.argv[5] === 'tls' }
};
const count = +process.argv[3];
const localAddress = process.argv[4];
const peers = [];

answer({
  /** Connect, a hundred at a time. */
  async connect() {
    const lane = async () => {
      while (peers.length < count) {
        const slot = peers.push(null) - 1;
        const peer = await rawConnect(server, localAddress && { localAddress });

        peers[slot] = peer;
        await peer.write(upgradeRequest());
        await peer.until(() => peer.head !== null || peer.closed);
        if (peer.closed) throw new Error(`connection ${slot} failed`);
      }
    };

    await Promise.all(Array.from({ length: 100 }, lane));
    return peers.length;
  },

  /** Send a message over each and count the right answers. */
  async echo() {
    const answers = await Promise.all(
      peers.map(async (peer, i) => {
        peer.write(frame(1, `message ${i}`, { mask: true }));

        const [answer] = await peer.untilFrames(1);

        return answer && `${answer.payload}` === `message ${i}`;
      })
    );

    return answers.filter(Boolean).length;
  },

  /** Have all of them go at once: with a reset, or with a FIN. */
  async goAtOnce(how) {
    for (const { socket } of peers) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
    await this.gone();
  },

  /** Wait until all of them are gone; how many were reset by the server. */
  async gone() {
    await Promise.all(
      peers.map((peer) => {
        // A FIN is answered.
        peer.until(() => peer.ended).then(() => peer.socket.end());
        return peer.untilClosed();
      })
    );

    const resets = peers.filter(({ reset }) => reset).length;

    peers.length = 0;
    return resets;
  },

  /** Close one half, drop the other. */
  async leave() {
    await Promise.all(
      peers.map(async (peer, i) => {
        if (i % 2) peer.socket.destroy();
        else peer.write(closeFrame(1000, '', { mask: true }));
        await peer.untilClosed();
      })
    );
  }
});
