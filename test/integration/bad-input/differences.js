'use strict';

/**
 * Where this package may differ from ws: the cases, by a pattern of their
 * titles, the reason, and what the log of ws becomes. An entry that is not
 * needed any more fails.
 */
module.exports = [
  {
    titles: /^text that is wrong from the first fragment on /,
    reason:
      'Text is validated while it comes. That a message is not UTF-8 is ' +
      'known, and reported, before its last fragment is there; ws looks at ' +
      'whole messages only.',
    change: ({ events, wire }) => ({
      events: events.filter((line) => line !== 'ping between'),
      wire: wire.filter((line) => !line.includes('opcode 10'))
    })
  }
];
