'use strict';

const assert = require('node:assert');
const EventEmitter = require('node:events');

const {
  CloseEvent,
  ErrorEvent,
  Event,
  EventTarget,
  MessageEvent
} = require('../lib/event-target');
const { kForOnEventAttribute, kListener } = require('../lib/constants');

/** What is emitted for each event, and the class of the event object. */
const samples = {
  open: { args: [], type: Event },
  message: { args: [Buffer.from('a'), false], type: MessageEvent },
  close: { args: [1000, Buffer.alloc(0)], type: CloseEvent },
  error: { args: [new Error('a')], type: ErrorEvent }
};

class Emitter extends EventEmitter {}

Object.assign(Emitter.prototype, EventTarget);

/**
 * Emits an event and returns what a listener gets.
 *
 * @param {String} type The name of the event
 * @param {Array} [args] What to emit with it
 * @param {Emitter} [emitter] What emits it
 * @return {Event} The event
 */
function capture(type, args = samples[type].args, emitter = new Emitter()) {
  let event;

  emitter.addEventListener(type, (e) => (event = e), { once: true });
  emitter.emit(type, ...args);

  return event;
}

describe('event-target', () => {
  describe('the event classes', () => {
    const attributes = [
      [Event, { target: null, type: 'x' }],
      [CloseEvent, { code: 0, reason: '', wasClean: false }],
      [ErrorEvent, { error: null, message: '' }],
      [MessageEvent, { data: null }]
    ];

    for (const [Class, defaults] of attributes) {
      describe(Class.name, () => {
        it('is an Event', () => {
          assert.ok(new Class('x') instanceof Event);
          assert.strictEqual(new Class('x').type, 'x');
          assert.strictEqual(new Class('x').target, null);
        });

        it('has default values', () => {
          for (const [name, value] of Object.entries(defaults)) {
            assert.strictEqual(new Class('x')[name], value);
            assert.strictEqual(new Class('x', {})[name], value);
            assert.strictEqual(
              new Class('x', { [name]: undefined })[name],
              value
            );
          }
        });

        it('has attributes that are enumerable accessors without setter', () => {
          for (const name of Object.keys(defaults)) {
            const descriptor = Object.getOwnPropertyDescriptor(
              Class.prototype,
              name
            );

            assert.strictEqual(typeof descriptor.get, 'function');
            assert.strictEqual(descriptor.set, undefined);
            assert.strictEqual(descriptor.enumerable, true);
            assert.strictEqual(descriptor.configurable, true);
          }
        });

        it('cannot be changed', () => {
          const event = new Class('x');

          for (const name of Object.keys(defaults)) {
            assert.throws(() => {
              event[name] = 1;
            }, TypeError);
          }
        });

        it('keeps its constructor out of enumerations', () => {
          const names = [];

          for (const name in new Class('x')) names.push(name);

          assert.deepStrictEqual(
            names.sort(),
            [...new Set([...Object.keys(defaults), 'target', 'type'])].sort()
          );
        });
      });
    }

    it('take their attributes from an object', () => {
      const close = new CloseEvent('close', {
        code: 4000,
        reason: 'bye',
        wasClean: true
      });

      assert.strictEqual(close.code, 4000);
      assert.strictEqual(close.reason, 'bye');
      assert.strictEqual(close.wasClean, true);

      const err = new Error('a');
      const error = new ErrorEvent('error', { error: err, message: 'b' });

      assert.strictEqual(error.error, err);
      assert.strictEqual(error.message, 'b');

      const data = new ArrayBuffer(1);

      assert.strictEqual(new MessageEvent('message', { data }).data, data);
    });

    it('take falsy values other than undefined as they are', () => {
      assert.strictEqual(new MessageEvent('message', { data: '' }).data, '');
      assert.strictEqual(new ErrorEvent('error', { error: 0 }).error, 0);
      assert.strictEqual(new CloseEvent('close', { code: null }).code, null);
    });
  });

  describe('addEventListener', () => {
    for (const [type, { args, type: Class }] of Object.entries(samples)) {
      it(`calls a listener of '${type}' with an event`, () => {
        const emitter = new Emitter();
        const calls = [];

        emitter.addEventListener(type, function (...received) {
          calls.push([this, received]);
        });
        emitter.emit(type, ...args);

        assert.strictEqual(calls.length, 1);

        const [[self, received]] = calls;
        const [event] = received;

        assert.strictEqual(self, emitter);
        assert.strictEqual(received.length, 1);
        assert.strictEqual(Object.getPrototypeOf(event), Class.prototype);
        assert.strictEqual(event.type, type);
        assert.strictEqual(event.target, emitter);
      });
    }

    it('gives text as a string', () => {
      const event = capture('message', [Buffer.from('é€😀'), false]);

      assert.strictEqual(event.data, 'é€😀');
      assert.strictEqual(capture('message', [Buffer.alloc(0), false]).data, '');
    });

    it('gives binary data as it is', () => {
      for (const data of [
        Buffer.alloc(1),
        new ArrayBuffer(1),
        [],
        new Blob()
      ]) {
        assert.strictEqual(capture('message', [data, true]).data, data);
      }
    });

    it('gives the code and the reason of a close as a string', () => {
      const event = capture('close', [4001, Buffer.from('tschüß')]);

      assert.strictEqual(event.code, 4001);
      assert.strictEqual(event.reason, 'tschüß');
    });

    it('calls a close clean if both close frames were exchanged', () => {
      for (const [received, sent] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true]
      ]) {
        const emitter = new Emitter();

        emitter._closeFrameReceived = received;
        emitter._closeFrameSent = sent;

        const event = capture('close', [1000, Buffer.alloc(0)], emitter);

        assert.strictEqual(event.wasClean, received && sent);
      }
    });

    it('gives the error and its message', () => {
      const err = new RangeError('too much');
      const event = capture('error', [err]);

      assert.strictEqual(event.error, err);
      assert.strictEqual(event.message, 'too much');
    });

    it('calls the handleEvent method of an object', () => {
      const emitter = new Emitter();
      const calls = [];
      const handler = {
        handleEvent(event) {
          calls.push([this, event.type]);
        }
      };

      emitter.addEventListener('open', handler);
      emitter.emit('open');

      assert.deepStrictEqual(calls, [[handler, 'open']]);
    });

    it('looks for handleEvent when the event is emitted', () => {
      const emitter = new Emitter();
      const handler = {};
      let calls = 0;

      emitter.addEventListener('open', handler);
      assert.throws(() => emitter.emit('open'), TypeError);

      handler.handleEvent = () => calls++;
      emitter.emit('open');
      assert.strictEqual(calls, 1);
    });

    it('calls a function that has a handleEvent property itself', () => {
      const emitter = new Emitter();
      const calls = [];
      const handler = () => calls.push('function');

      handler.handleEvent = () => calls.push('property');
      emitter.addEventListener('open', handler);
      emitter.emit('open');

      assert.deepStrictEqual(calls, ['function']);
    });

    it('adds a listener only once', () => {
      const emitter = new Emitter();
      const handler = () => {};
      const object = { handleEvent() {} };

      for (let i = 0; i < 2; i++) {
        emitter.addEventListener('open', handler);
        emitter.addEventListener('open', handler, { once: true });
        emitter.addEventListener('open', object);
      }

      assert.strictEqual(emitter.listenerCount('open'), 2);
    });

    it('adds a listener for each event that it is added for', () => {
      const emitter = new Emitter();
      const types = [];
      const handler = ({ type }) => types.push(type);

      for (const type of Object.keys(samples)) {
        emitter.addEventListener(type, handler);
      }
      for (const [type, { args }] of Object.entries(samples)) {
        emitter.emit(type, ...args);
      }

      assert.deepStrictEqual(types, Object.keys(samples));
    });

    it('ignores other events', () => {
      const emitter = new Emitter();

      for (const type of [
        'ping',
        'pong',
        'upgrade',
        'Open',
        '',
        'toString',
        '__proto__',
        undefined
      ]) {
        emitter.addEventListener(type, () => {});
      }

      assert.deepStrictEqual(emitter.eventNames(), []);
    });

    it('calls a listener once if asked to', () => {
      const emitter = new Emitter();
      let calls = 0;
      const handler = () => {
        // It can be added again at once.
        if (++calls === 1) {
          emitter.addEventListener('open', handler, { once: true });
        }
      };

      emitter.addEventListener('open', handler, { once: true });
      emitter.emit('open');
      assert.strictEqual(calls, 1);

      emitter.emit('open');
      emitter.emit('open');
      assert.strictEqual(calls, 2);
      assert.strictEqual(emitter.listenerCount('open'), 0);
    });

    it('keeps the order among all kinds of listeners', () => {
      const emitter = new Emitter();
      const order = [];

      emitter.on('open', () => order.push(1));
      emitter.addEventListener('open', () => order.push(2));
      emitter.once('open', () => order.push(3));
      emitter.addEventListener('open', () => order.push(4), { once: true });
      emitter.prependListener('open', () => order.push(0));
      emitter.emit('open');

      assert.deepStrictEqual(order, [0, 1, 2, 3, 4]);
    });

    it('gives each listener an event of its own', () => {
      const emitter = new Emitter();
      const events = [];

      emitter.addEventListener('open', (event) => events.push(event));
      emitter.addEventListener('open', (event) => events.push(event));
      emitter.emit('open');

      assert.strictEqual(events.length, 2);
      assert.notStrictEqual(events[0], events[1]);
    });

    it('lets an exception of a listener through', () => {
      const emitter = new Emitter();
      const err = new Error('a');

      emitter.addEventListener('open', () => {
        throw err;
      });

      assert.throws(
        () => emitter.emit('open'),
        (thrown) => thrown === err
      );
    });

    it('keeps attribute listeners apart from added ones', () => {
      const emitter = new Emitter();
      const handler = () => {};
      const attribute = { [kForOnEventAttribute]: true };

      emitter.addEventListener('open', handler, attribute);
      emitter.addEventListener('open', handler);
      emitter.addEventListener('open', handler, attribute);

      const listeners = emitter.listeners('open');

      assert.deepStrictEqual(
        listeners.map((listener) => listener[kForOnEventAttribute]),
        [true, false, true]
      );
      assert.ok(listeners.every((listener) => listener[kListener] === handler));
    });
  });

  describe('removeEventListener', () => {
    it('removes a listener', () => {
      for (const handler of [() => {}, { handleEvent() {} }]) {
        const emitter = new Emitter();

        emitter.addEventListener('open', handler);
        emitter.removeEventListener('open', handler);
        assert.strictEqual(emitter.listenerCount('open'), 0);
      }
    });

    it('removes a listener that would be called once', () => {
      const emitter = new Emitter();
      const handler = () => {};

      emitter.addEventListener('open', handler, { once: true });
      emitter.removeEventListener('open', handler);
      assert.strictEqual(emitter.listenerCount('open'), 0);
    });

    it('removes nothing else', () => {
      const emitter = new Emitter();
      const handler = () => {};

      emitter.addEventListener('open', () => {});
      emitter.addEventListener('message', handler);
      emitter.on('open', handler);
      emitter.addEventListener('open', handler, {
        [kForOnEventAttribute]: true
      });

      emitter.removeEventListener('open', handler);
      emitter.removeEventListener('ping', handler);
      emitter.removeEventListener('open', undefined);

      assert.strictEqual(emitter.listenerCount('open'), 3);
      assert.strictEqual(emitter.listenerCount('message'), 1);
    });

    it('removes the added listener, not the attribute', () => {
      const emitter = new Emitter();
      const handler = () => {};

      emitter.addEventListener('open', handler, {
        [kForOnEventAttribute]: true
      });
      emitter.addEventListener('open', handler);
      emitter.removeEventListener('open', handler);

      const [listener, ...others] = emitter.listeners('open');

      assert.strictEqual(listener[kForOnEventAttribute], true);
      assert.deepStrictEqual(others, []);
    });

    it('takes effect for the next event when called by a listener', () => {
      const emitter = new Emitter();
      const order = [];
      const second = () => order.push('second');

      emitter.addEventListener('open', () => {
        order.push('first');
        emitter.removeEventListener('open', second);
      });
      emitter.addEventListener('open', second);

      emitter.emit('open');
      emitter.emit('open');

      assert.deepStrictEqual(order, ['first', 'second', 'first']);
    });
  });
});
