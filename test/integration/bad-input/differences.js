'use strict';

/**
 * Where this package may differ from ws: the cases, by a pattern of their
 * titles, the reason, and what the log of ws becomes (`change(log, title)`).
 * An entry that is not needed any more fails.
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
  },
  {
    titles: /^a declared length of 2\^32 with maxPayload 0, cut /,
    reason:
      'Without a limit of the user a message still cannot be larger than ' +
      '2 GiB, and the header says so; ws tries until memory is refused.',
    change: ({ events }, title) => ({
      events: [
        events[0],
        'error RangeError WS_ERR_UNSUPPORTED_MESSAGE_LENGTH - ' +
          '"Max payload size exceeded" state 2',
        events[1]
      ],
      wire: [
        `fin rsv 0 opcode 8 ${title.includes('(client') ? 'masked ' : ''}03f1`
      ]
    })
  }
];
