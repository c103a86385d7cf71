'use strict';

/**
 * Where this package may differ from ws, by the title of the case: why, and
 * what the log of ws becomes. An entry that is not needed any more fails.
 */
module.exports = {};
