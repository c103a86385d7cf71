'use strict';

/**
 * Calls on a websocket with values that run code of the user's, lie, or change
 * while they are used. `call(ws, log)`; what it throws is compared as well.
 */
const calls = [];

/**
 * Add a call.
 *
 * @param {string} title The call
 * @param {Function} call `(ws, log)`
 */
function on(title, call) {
  calls.push({ title, call });
}

/**
 * Throw, where only an expression is possible.
 *
 * @param {string} message The message of the error
 */
function fail(message) {
  throw new Error(message);
}

/**
 * Memory that is gone.
 *
 * @param {number} size What it had, in bytes
 * @returns {ArrayBuffer} Detached
 */
function detached(size) {
  const memory = new ArrayBuffer(size);

  structuredClone(memory, { transfer: [memory] });
  return memory;
}

/**
 * A view of memory that has gone since.
 *
 * @param {Function} View Its class
 * @returns {ArrayBufferView} The view
 */
function viewOfNothing(View) {
  const memory = new ArrayBuffer(16);
  const view = new View(memory);

  structuredClone(memory, { transfer: [memory] });
  return view;
}

/**
 * Memory that can become larger and smaller.
 *
 * @param {string} text What is in it
 * @param {Function} [Memory] Its class
 * @returns {(ArrayBuffer|SharedArrayBuffer)} The memory
 */
function resizable(text, Memory = ArrayBuffer) {
  const bytes = Buffer.from(text);
  const memory = new Memory(bytes.length, { maxByteLength: 4096 });

  new Uint8Array(memory).set(bytes);
  return memory;
}

/**
 * A view with properties of a user's class.
 *
 * @param {Object} properties The properties
 * @returns {Uint8Array} Eight bytes in the middle of others
 */
function lying(properties) {
  class Lying extends Uint8Array {}

  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(Lying.prototype, name, { get: () => value });
  }

  const memory = Buffer.alloc(32, 'abcdefgh').buffer;

  return new Lying(memory, 8, 8);
}

// Made anew for each call.
const VALUES = {
  'what has no text': () => ({ toString: () => fail('no text') }),
  'what has no value': () => ({ valueOf: () => fail('no value') }),
  'what is no primitive': () => ({
    [Symbol.toPrimitive]: () => fail('no primitive')
  }),
  'a primitive text': () => ({ [Symbol.toPrimitive]: () => 'primitive' }),
  'a length that throws': () => ({
    get length() {
      return fail('no length');
    }
  }),
  'an element that throws': () => ({
    length: 2,
    get 1() {
      return fail('no element');
    }
  }),
  'a length that is negative': () => ({ length: -1 }),
  'a length that is no number': () => ({ length: NaN }),
  'a length that is text': () => ({ 0: 65, length: '1' }),
  'a length beyond all memory': () => ({ length: 2 ** 53 }),
  'an array of anything': () => [1.5, -1, 256, '7', null, {}, NaN, [5], 'x'],
  'an array with holes': () => new Array(300),
  'an array that contains itself': () => {
    const array = [1];

    array.push(array);
    return array;
  },
  'no buffer at all': () => Object.create(Buffer.prototype),
  'no bytes at all': () => Object.create(Uint8Array.prototype),
  'no memory at all': () => Object.create(ArrayBuffer.prototype),
  'a proxy of an object': () => new Proxy({ length: 1, 0: 66 }, {}),
  'a proxy of a buffer': () => new Proxy(Buffer.from('proxy'), {}),
  'a proxy of bytes': () => new Proxy(new Uint8Array(2), {}),
  'a proxy of memory': () => new Proxy(new ArrayBuffer(2), {}),
  'a proxy that throws': () =>
    new Proxy({}, { get: () => fail('nothing to get') }),
  'detached memory': () => detached(8),
  'a buffer of detached memory': () => {
    const buffer = Buffer.from(new ArrayBuffer(8));

    structuredClone(buffer.buffer, { transfer: [buffer.buffer] });
    return buffer;
  },
  'bytes of detached memory': () => viewOfNothing(Uint8Array),
  'resizable memory': () => resizable('resizable'),
  'bytes of resizable memory': () => new Uint8Array(resizable('resizable')),
  'a part of resizable memory': () =>
    new Uint8Array(resizable('resizable'), 2, 3),
  'bytes of memory that grew': () => {
    const memory = resizable('grow');
    const bytes = new Uint8Array(memory);

    memory.resize(6);
    return bytes;
  },
  'bytes of memory that shrank': () => {
    const memory = resizable('shrink');
    const bytes = new Uint8Array(memory);

    memory.resize(3);
    return bytes;
  },
  'bytes that memory has lost': () => {
    const memory = resizable('shrink');
    const bytes = new Uint8Array(memory, 2, 4);

    memory.resize(3);
    return bytes;
  },
  'shared memory that grew': () => {
    const memory = resizable('grow', SharedArrayBuffer);

    memory.grow(6);
    return memory;
  },
  doubles: () => new Float64Array([1, -0, NaN]),
  'big integers': () => new BigInt64Array([1n, -1n]),
  'clamped bytes': () => new Uint8ClampedArray([300, -5]),
  'a view that is long': () => lying({ byteLength: 1000 }),
  'a view that is short': () => lying({ byteLength: 3 }),
  'a view that is elsewhere': () => lying({ byteOffset: 10 }),
  'a view that is nowhere': () => lying({ byteOffset: 1000 }),
  'a view of something else': () =>
    lying({ buffer: Buffer.alloc(20, 'x').buffer }),
  'a view of nothing': () => lying({ buffer: undefined }),
  'a view with another length': () => lying({ length: 1000 })
};

for (const [name, make] of Object.entries(VALUES)) {
  on(`send(${name})`, (ws, log) => {
    ws.send(make(), (err) => log.add(`callback ${err && err.message}`));
  });
  for (const method of ['ping', 'pong']) {
    on(`${method}(${name})`, (ws) => ws[method](make()));
  }
  on(`close(1000, ${name})`, (ws) => ws.close(1000, make()));
}
on('close with a code that throws', (ws) =>
  ws.close({ valueOf: () => fail('no code') })
);

for (const name of ['binary', 'compress', 'fin', 'mask']) {
  on(`send with ${name} that throws`, (ws, log) => {
    const options = {
      get [name]() {
        return fail(`no ${name}`);
      }
    };
    const callback = () => log.add('callback');

    for (const data of ['text', Buffer.from('bytes'), new Blob(['blob'])]) {
      try {
        ws.send(data, options, callback);
        log.add('sent');
      } catch (err) {
        log.add(err.message);
      }
    }
    ws.send('behind');
  });
}

/** What code of the user's may do in the middle of a call. */
const DEEDS = {
  sends: (ws) => ws.send('in between'),
  'sends much': (ws) => ws.send('much '.repeat(20000)),
  pings: (ws) => ws.ping('in between'),
  'sends a fragment': (ws) => ws.send('a fragment', { fin: false }),
  closes: (ws) => ws.close(1001)
};

for (const [name, act] of Object.entries(DEEDS)) {
  on(`send with an option that ${name}`, (ws) => {
    ws.send('first', {
      get compress() {
        act(ws);
        return false;
      }
    });
    if (name.includes('fragment')) ws.send('end', { fin: true });
  });
  on(`send of text that ${name}`, (ws) => {
    let done = false;

    ws.send({
      [Symbol.toPrimitive]() {
        if (!done) act(ws);
        done = true;
        return 'first';
      }
    });
    if (name.includes('fragment')) ws.send('end', { fin: true });
  });
  on(`send of an array that ${name}`, (ws) => {
    let done = false;

    ws.send({
      length: 3,
      get 0() {
        if (!done) act(ws);
        done = true;
        return 65;
      }
    });
    if (name.includes('fragment')) ws.send('end', { fin: true });
  });
}

/** What a Blob of the user's may say. */
const BLOBS = {
  'a promise of nothing': () => Promise.resolve(),
  'a promise of a number': () => Promise.resolve(5),
  'a promise of text': () => Promise.resolve('text'),
  'a promise of detached memory': () => Promise.resolve(detached(4)),
  'a promise of more': () => Promise.resolve(new ArrayBuffer(20)),
  'a promise of resizable memory': () => Promise.resolve(resizable('memory'))
};

for (const [name, arrayBuffer] of Object.entries(BLOBS)) {
  on(`send of a Blob that returns ${name}`, (ws, log) => {
    const blob = new Blob(['blob']);

    blob.arrayBuffer = arrayBuffer;
    ws.send(blob, (err) => log.add(`callback ${err && err.message}`));
    ws.send('behind', (err) => log.add(`callback ${err && err.message}`));
  });
}
on('send of a Blob with another size', (ws, log) => {
  const blob = new Blob(['blob']);

  Object.defineProperty(blob, 'size', { value: 1000 });
  ws.send(blob, (err) => log.add(`callback ${err && err.message}`));
  ws.send('behind');
});
on('bytes that go while they wait for a Blob', (ws, log) => {
  const memory = new ArrayBuffer(3000);
  const shrinking = resizable('x'.repeat(3000));

  ws.send(new Blob(['blob']));
  ws.send(memory, (err) => log.add(`callback ${err && err.message}`));
  ws.send(shrinking, (err) => log.add(`callback ${err && err.message}`));
  ws.send('behind');
  structuredClone(memory, { transfer: [memory] });
  shrinking.resize(5);
});

on('listeners with options that throw', (ws, log) => {
  for (const name of ['once', 'handleEvent']) {
    const options = {
      get [name]() {
        return fail(`no ${name}`);
      }
    };

    try {
      ws.addEventListener('message', () => {}, options);
      log.add('added');
      ws.addEventListener('message', options);
      log.add('added');
    } catch (err) {
      log.add(err.message);
    }
  }
});

module.exports = { calls };
