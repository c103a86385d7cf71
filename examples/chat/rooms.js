'use strict';

const { InputError } = require('./protocol');

const MAX_ROOMS = 50;
const MAX_ROOMS_LISTED = 20;
const HISTORY_ENTRIES = 100;
const HISTORY_BYTES = 2 * 1024 * 1024;

/**
 * The people in a room and the last messages that were sent to it. The history
 * is bounded in number and in bytes.
 */
class Room {
  /**
   * @param {String} name The name of the room
   */
  constructor(name) {
    this.name = name;
    this._members = new Map();
    this._history = [];
    this._historyBytes = 0;
    this._lastDropped = 0;
  }

  /**
   * @type {Number} Number of people in the room
   */
  get size() {
    return this._members.size;
  }

  /**
   * @return {Object[]} Who is in the room, as `{ id, name }`
   */
  list() {
    return Array.from(this._members.values(), ({ id, name }) => ({ id, name }));
  }

  /**
   * @param {String} name A nickname
   * @param {String} id The member that wants to have it
   * @return {Boolean} `true` if somebody else in the room has that name
   */
  isNameTaken(name, id) {
    const wanted = name.toLowerCase();

    for (const member of this._members.values()) {
      if (member.id !== id && member.name.toLowerCase() === wanted) return true;
    }

    return false;
  }

  /**
   * @param {Connection} member Who enters
   */
  add(member) {
    this._members.set(member.id, member);
  }

  /**
   * @param {Connection} member Who leaves
   */
  delete(member) {
    if (this._members.get(member.id) === member) {
      this._members.delete(member.id);
    }
  }

  /**
   * Send to everybody in the room.
   *
   * @param {Buffer} data The payload of the frame
   * @param {Boolean} [binary=false] Whether it is a binary frame
   * @param {Connection} [except] Who shall not get it
   */
  broadcast(data, binary = false, except) {
    for (const member of this._members.values()) {
      if (member !== except) member.send(data, binary);
    }
  }

  /**
   * Remember a frame for those who come later.
   *
   * @param {Number} id The number of the message
   * @param {Buffer} data The payload of the frame
   * @param {Boolean} binary Whether it is a binary frame
   */
  remember(id, data, binary) {
    this._history.push({ id, data, binary });
    this._historyBytes += data.length;

    while (
      this._history.length > HISTORY_ENTRIES ||
      this._historyBytes > HISTORY_BYTES
    ) {
      const dropped = this._history.shift();

      this._historyBytes -= dropped.data.length;
      this._lastDropped = dropped.id;
    }
  }

  /**
   * The remembered frames after a message.
   *
   * @param {Number} since The number of the last message that is known
   * @return {{entries: Object[], gap: Boolean}} The frames, oldest first, and
   *     whether frames between are not remembered any more
   */
  after(since) {
    return {
      entries: this._history.filter((entry) => entry.id > since),
      gap: since < this._lastDropped
    };
  }
}

/**
 * All rooms. An empty room is kept with its history until its place is needed.
 */
class Rooms {
  constructor() {
    this._rooms = new Map();
  }

  /**
   * @param {String} name The name of a room
   * @return {Room} The room, new if there was none of that name
   * @throws {InputError} If there are too many rooms with people in them
   */
  open(name) {
    let room = this._rooms.get(name);

    if (room === undefined) {
      if (this._rooms.size >= MAX_ROOMS) this._evict();
      room = new Room(name);
      this._rooms.set(name, room);
    }

    return room;
  }

  /**
   * @return {Object[]} The rooms with the most people, as `{ name, members }`
   */
  list() {
    return Array.from(this._rooms.values(), (room) => ({
      name: room.name,
      members: room.size
    }))
      .filter((room) => room.members > 0)
      .sort((a, b) => b.members - a.members || a.name.localeCompare(b.name))
      .slice(0, MAX_ROOMS_LISTED);
  }

  /**
   * Forget the oldest room without anybody in it.
   *
   * @throws {InputError} If no room is empty
   * @private
   */
  _evict() {
    for (const room of this._rooms.values()) {
      if (room.size === 0) {
        this._rooms.delete(room.name);
        return;
      }
    }

    throw new InputError('too-many-rooms', 'There are too many rooms.');
  }
}

module.exports = Rooms;
