/**
 * A studio: enters a room, publishes camera and screen into it, and shows what comes of them.
 */
import { enterRoom, publishLacks, type Room } from 'shoal/publisher';
import { element } from '../panels.ts';
import { CallbacksPanel } from './callbacks-panel.ts';
import { CustomerApi } from './customer-api.ts';
import { OutputsPanel } from './outputs-panel.ts';
import { RecordingsPanel } from './recordings-panel.ts';
import { SourcePanel } from './source-panel.ts';

const server =
  new URLSearchParams(location.search).get('server') ?? new URL('..', location.href).href.replace(/\/$/, '');

const entrance = element('entrance', HTMLFormElement);
const enter = element('enter', HTMLButtonElement);
const leave = element('leave', HTMLButtonElement);
const standing = element('standing', HTMLElement);
const trouble = element('trouble', HTMLElement);
const push = element('push', HTMLButtonElement);
const stopPush = element('stop-push', HTMLButtonElement);
const pushState = element('push-state', HTMLElement);

let room: Room | undefined;

/** Says what went wrong until the next attempt. */
const complain = (error: unknown): void => {
  trouble.hidden = false;
  trouble.textContent = error instanceof Error ? error.message : String(error);
};

/** Does something; what goes wrong is shown, and the button that asked waits meanwhile. */
const attempt = async (button: HTMLButtonElement | undefined, work: () => Promise<unknown>): Promise<void> => {
  trouble.hidden = true;
  if (button !== undefined) button.disabled = true;
  try {
    await work();
  } catch (error) {
    complain(error);
  } finally {
    if (button !== undefined) button.disabled = false;
    update();
  }
};

const inRoom = (): Room => {
  if (room === undefined) throw new Error('Enter a room first.');
  return room;
};

const sources = [
  new SourcePanel('main', { start: () => inRoom().openCamera(), failed: complain, changed: () => update() }),
  new SourcePanel('aux', { start: () => inRoom().shareScreen(), failed: complain, changed: () => update() }),
];
const outputs = new OutputsPanel();
/** The app that a server for trying out has. */
const BIZID = 8888;
const api = new CustomerApi(server, BIZID);
const recordings = new RecordingsPanel(api, { attempt, room: inRoom });
const callbacks = new CallbacksPanel(api);

function update(): void {
  const isIn = room !== undefined;
  const isLive = sources.some((source) => source.isLive);
  enter.hidden = isIn;
  leave.hidden = !isIn;
  for (const field of entrance.querySelectorAll('input')) field.disabled = isIn;
  for (const source of sources) source.setEnabled(isIn && !source.isLive);
  push.disabled = !isLive || outputs.channels.length > 0;
  stopPush.disabled = outputs.channels.length === 0;
  recordings.setLive(isLive);
  if (room !== undefined) {
    const others = room.members.length - 1;
    const company =
      others === 0 ? 'nobody else is here' : others === 1 ? 'one other is here' : `${others} others are here`;
    const { bypass, record } = room.terms;
    standing.textContent = `In the room; ${company}. Live push ${starts(bypass)}, recording ${starts(record)}.`;
  }
}

const starts = (starter: 'auto' | 'manual'): string => (starter === 'auto' ? 'starts by itself' : 'on demand');

const follow = (entered: Room): void => {
  entered.on('push', ({ state, track, channelId, urls }) => {
    pushState.textContent = state;
    if (state === 'running') outputs.show(track, { channelId, urls });
    else if (state === 'stopped') outputs.remove(channelId);
    update();
  });
  entered.on('member', update);
  entered.on('gone', update);
  entered.on('state', ({ state }) => {
    if (state === 'returning') standing.textContent = 'The connection to the room broke; it is being made anew.';
    else update();
  });
  entered.on('out', ({ error }) => {
    out(error.message);
    complain(error);
  });
};

const out = (why: string): void => {
  room = undefined;
  outputs.clear();
  pushState.textContent = '';
  standing.textContent = why;
  update();
};

entrance.addEventListener('submit', (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(entrance));
  void attempt(enter, async () => {
    const { room: name, user, bizid, token } = fields as Record<string, string>;
    room = await enterRoom({
      server,
      bizid: Number(bizid),
      room: name ?? '',
      user: user ?? '',
      ...(token === undefined || token === '' ? {} : { token }),
    });
    follow(room);
  });
});

leave.addEventListener('click', () =>
  attempt(leave, async () => {
    await inRoom().leaveRoom();
    out('You have left the room.');
  }),
);
push.addEventListener('click', () =>
  attempt(push, async () => {
    for (const { track, isLive } of sources) {
      if (isLive) outputs.show(track, await inRoom().startPushStream({ track }));
    }
  }),
);
stopPush.addEventListener('click', () =>
  attempt(stopPush, async () => {
    await inRoom().stopPushStream(0);
    outputs.clear();
  }),
);

/** A room and a user of this visit, so that two people who try it do not meet by chance. */
const fresh = (length: number): string =>
  Math.random()
    .toString(36)
    .slice(2, 2 + length);
const suggest = (name: string, value: string): void => {
  const field = element(name, HTMLInputElement);
  field.name = name;
  if (field.value === '') field.value = value;
};
suggest('room', fresh(6));
suggest('user', `guest-${fresh(4)}`);
suggest('bizid', String(BIZID));
suggest('token', '');

for (const { sentence } of await publishLacks()) complain(new Error(sentence));
update();
recordings.begin();
callbacks.begin();

// For the console, and for whoever drives this page.
Object.assign(window, { studio: { room: () => room, sources, outputs } });
