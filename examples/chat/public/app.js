import { Figures } from './figures.js';
import { Log, paintAvatar } from './log.js';
import { Outbox } from './outbox.js';
import { Panels } from './panels.js';
import { People } from './people.js';
import { ReconnectingSocket } from './socket.js';
import { Status } from './status.js';
import { decodeFile } from './frames.js';
import { shrinkImage } from './image.js';

const DEFAULT_ROOM = 'lobby';
const NAME_KEY = 'beastws-chat-name';
const JOIN_ERRORS = ['bad-name', 'bad-room', 'name-taken', 'too-many-rooms'];
const NOTICE_MS = 6000;

const $ = (id) => document.getElementById(id);

const socket = new ReconnectingSocket(wsUrl());
const log = new Log($('log'), $('jump'));
const figures = new Figures($('tiles'));
const panels = new Panels();
const people = new People();
const outbox = new Outbox(socket, log);

const session = randomHex(16);
const members = new Map();

let wanted = { name: '', room: '' };
let me = null;
let room = '';
let epoch;
let lastId = 0;
let isJoined = false;
let isReady = false;
let limits = { textLength: 2000, fileBytes: 1024 * 1024 };
let noticeTimer = 0;

const status = new Status(socket, () => isJoined);

/**
 * @return {URL} The address of the WebSocket beside this page
 */
function wsUrl() {
  const url = new URL('ws', location.href);

  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';

  return url;
}

/**
 * @param {Number} bytes How many
 * @return {String} Random bytes in hexadecimal
 */
function randomHex(bytes) {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0')
  ).join('');
}

/**
 * @return {String} The room that the address of this page names
 */
function roomOfAddress() {
  try {
    return decodeURIComponent(location.hash.slice(1)) || DEFAULT_ROOM;
  } catch {
    return DEFAULT_ROOM;
  }
}

/**
 * @return {String} The nickname of the last visit, if the browser keeps such
 */
function recallName() {
  try {
    return localStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {String} name The nickname to offer at the next visit
 */
function rememberName(name) {
  try {
    localStorage.setItem(NAME_KEY, name);
  } catch {
    // Some browsers refuse to store anything.
  }
}

// Joining

/**
 * Ask for a nickname and a room.
 *
 * @param {String} [error] What was wrong with the last answer
 */
function askToJoin(error = '') {
  $('name-input').value = wanted.name || recallName();
  $('join-room-input').value = wanted.room || roomOfAddress();
  $('join-error').textContent = error;
  $('join-cancel').hidden = !isJoined;
  if (!$('join').open) $('join').showModal();
  $('name-input').select();
}

/**
 * Enter a room: at once when connected, else as soon as we are.
 *
 * @param {String} name The nickname
 * @param {String} roomName The room
 */
function enter(name, roomName) {
  wanted = { name, room: roomName };

  if (socket.state === 'open') {
    sendJoin();
  } else {
    socket.start();
  }
}

/**
 * Tell the server who we are, where we want to be and what we know already.
 */
function sendJoin() {
  const stays = wanted.room === room;

  // What is written before the answer waits, else it would be sent twice.
  isReady = false;
  socket.send(
    JSON.stringify({
      type: 'join',
      ...wanted,
      session,
      epoch,
      since: stays ? lastId : 0
    })
  );
}

$('join-form').addEventListener('submit', () => {
  enter($('name-input').value.trim(), $('join-room-input').value.trim());
});

$('join').addEventListener('cancel', (event) => {
  if (!isJoined) event.preventDefault();
});

$('join').addEventListener('close', () => $('text').focus());
$('join-cancel').addEventListener('click', () => $('join').close());
$('change').addEventListener('click', () => {
  wanted = { name: me?.name ?? '', room };
  askToJoin();
});

$('rooms').addEventListener('click', () => panels.close());

$('room-form').addEventListener('submit', (event) => {
  event.preventDefault();
  enter(wanted.name, $('room-input').value.trim());
  $('room-input').value = '';
  panels.close();
});

window.addEventListener('hashchange', () => {
  if (isJoined && roomOfAddress() !== room) enter(me.name, roomOfAddress());
});

// What the server says

const handlers = {
  welcome(message) {
    const isReturn = room === message.room && epoch !== undefined;

    if (!isReturn) {
      log.clear();
      outbox.clear();
    }

    if (!isReturn || !message.resumed) lastId = 0;
    if (isReturn && !isJoined) {
      log.note(
        message.resumed
          ? 'The connection is back'
          : 'The connection is back, the server has been restarted'
      );
    }
    if (message.gap) log.note('Older messages are not kept');

    ({ epoch, room, limits } = message);
    me = message.you;
    wanted = { name: me.name, room };
    isJoined = true;

    members.clear();
    for (const member of message.members) members.set(member.id, member);

    rememberName(me.name);
    history.replaceState(null, '', `#${encodeURIComponent(room)}`);
    document.title = `#${room} – beastws chat`;
    $('room-name').textContent = room;
    $('text').maxLength = limits.textLength;
    $('you-name').textContent = me.name;
    paintAvatar($('you-avatar'), me.name);
    if ($('join').open) $('join').close();
    people.showMembers(members.values(), me.id);
  },

  ready(message) {
    socket.settle();
    figures.reset(message.samples);
    people.showRooms(message.rooms, room);
    sendWaiting();
    status.show();
  },

  chat: showMessage,
  file: showMessage,

  joined({ member }) {
    members.set(member.id, member);
    people.showMembers(members.values(), me.id);
    log.note(`${member.name} has joined`);
  },

  left({ member }) {
    members.delete(member.id);
    people.showMembers(members.values(), me.id);
    log.note(`${member.name} has left`);
  },

  stats(message) {
    figures.add(message.sample);
    people.showRooms(message.rooms, room);
  },

  error({ code, message, ref }) {
    if (ref !== undefined && outbox.fail(ref, message)) return;

    if (!JOIN_ERRORS.includes(code)) {
      showNotice(message);
    } else {
      askToJoin(message);

      if (isJoined) {
        wanted = { name: me.name, room };
        sendWaiting();
      } else {
        socket.stop();
      }
    }
  }
};

/**
 * The server has answered: send what was written meanwhile.
 */
function sendWaiting() {
  isReady = true;
  outbox.flush();
}

/**
 * @param {Object} message A message of the room
 */
function showMessage(message) {
  if (message.id <= lastId) return;

  lastId = message.id;
  if (message.from.id === me.id && outbox.confirm(message.ref)) return;
  log.message(message, message.from.id === me.id);
}

socket.addEventListener('open', sendJoin);

socket.addEventListener('message', ({ detail }) => {
  const message =
    typeof detail === 'string' ? JSON.parse(detail) : decodeFile(detail);

  handlers[message.type]?.(message);
});

socket.addEventListener('state', () => {
  if (socket.state !== 'open') isJoined = isReady = false;
  status.show();
});

/**
 * Show something below the composer for a while.
 *
 * @param {String} text What
 */
function showNotice(text) {
  clearTimeout(noticeTimer);
  $('notice').textContent = text;
  $('notice').hidden = false;
  noticeTimer = setTimeout(() => ($('notice').hidden = true), NOTICE_MS);
}

// Writing

/**
 * Make the text area as high as its text.
 */
function fitText() {
  $('text').style.height = 'auto';
  $('text').style.height = `${$('text').scrollHeight}px`;
}

/**
 * Show a message as sent and send it, now or when the connection is back.
 *
 * @param {Object} content `text`, or `name`, `mime`, `bytes` and `blob`
 */
function post(content) {
  if (me === null) return;

  const message = { from: me, time: Date.now(), ...content };

  if (!outbox.post(message, isReady)) {
    showNotice('Too many messages wait for the connection.');
  }
}

/**
 * Send files, each as one binary frame.
 *
 * @param {Iterable<File>} files The files
 */
async function postFiles(files) {
  for (const file of files) {
    try {
      const blob = await shrinkImage(file, limits.fileBytes);

      if (blob.size === 0 || blob.size > limits.fileBytes) {
        showNotice(
          blob.size === 0
            ? `“${file.name}” is empty.`
            : `“${file.name}” is too large, at most ` +
                `${limits.fileBytes / 1024} KiB are possible.`
        );
        continue;
      }

      post({
        name: (file.name || 'image').slice(-100),
        mime: blob.type,
        bytes: new Uint8Array(await blob.arrayBuffer()),
        blob
      });
    } catch {
      showNotice(`“${file.name}” cannot be read.`);
    }
  }
}

$('composer').addEventListener('submit', (event) => {
  event.preventDefault();

  const text = $('text').value.trim();

  if (text === '') return;
  if (me === null) {
    askToJoin();
    return;
  }

  $('text').value = '';
  fitText();
  post({ text });
});

$('text').addEventListener('input', fitText);
$('text').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('composer').requestSubmit();
  }
});

$('text').addEventListener('paste', (event) => {
  if (event.clipboardData.files.length > 0) {
    event.preventDefault();
    postFiles([...event.clipboardData.files]);
  }
});

$('file').addEventListener('change', () => {
  postFiles([...$('file').files]);
  $('file').value = '';
});

document.addEventListener('dragover', (event) => event.preventDefault());
document.addEventListener('drop', (event) => {
  event.preventDefault();
  postFiles([...event.dataTransfer.files]);
});

askToJoin();
