import { paintAvatar } from './log.js';

/**
 * The lists of people and of rooms.
 */
export class People {
  #members = document.getElementById('members');
  #count = document.getElementById('member-count');
  #rooms = document.getElementById('rooms');
  #shownRooms = '';

  /**
   * Show who is in the room.
   *
   * @param {Iterable<Object>} members The people, as `{ id, name }`
   * @param {String} myId Which of them is the user
   */
  showMembers(members, myId) {
    const sorted = [...members].sort((a, b) => a.name.localeCompare(b.name));

    this.#count.textContent = String(sorted.length);
    this.#members.replaceChildren(
      ...sorted.map(({ id, name }) => {
        const item = document.createElement('li');
        const avatar = document.createElement('span');
        const label = document.createElement('span');

        avatar.className = 'avatar';
        avatar.setAttribute('aria-hidden', 'true');
        paintAvatar(avatar, name);
        label.className = 'ellipsis';
        label.textContent = id === myId ? `${name} (you)` : name;
        item.append(avatar, label);

        return item;
      })
    );
  }

  /**
   * Show the rooms with somebody in them.
   *
   * @param {Object[]} rooms The rooms, as `{ name, members }`
   * @param {String} current The room that the user is in
   */
  showRooms(rooms, current) {
    const key = JSON.stringify([current, rooms]);

    // Rebuilt only when different, else the focus would be lost every second.
    if (this.#shownRooms === key) return;
    this.#shownRooms = key;
    this.#rooms.replaceChildren(
      ...rooms.map((room) => roomItem(room, room.name === current))
    );
  }
}

/**
 * @param {Object} room The room, as `{ name, members }`
 * @param {Boolean} isCurrent Whether the user is in it
 * @return {HTMLElement} An item of the list
 */
function roomItem({ name, members }, isCurrent) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  const label = document.createElement('span');
  const count = document.createElement('span');
  const unit = document.createElement('span');

  link.href = `#${encodeURIComponent(name)}`;
  if (isCurrent) link.setAttribute('aria-current', 'page');
  label.className = 'ellipsis';
  label.textContent = `# ${name}`;
  unit.className = 'hidden';
  unit.textContent = members === 1 ? ' person' : ' people';
  count.className = 'count';
  count.append(String(members), unit);
  link.append(label, count);
  item.append(link);

  return item;
}
