/**
 * What a customer would write: one camera in the browser, with talk, recordings, downloads and commands. The xp2pInfo comes
 * from the address (`#info=`), from `camera-info.json` beside the page, which `npm start` writes, or from the person in
 * front of it.
 */
import { connectDevice, type Device, type LastingState, type Quality } from 'shoal/device';
import { element } from '../panels.ts';
import { Calendar } from './calendar.ts';
import { snapshot, wireRecording } from './capture.ts';
import { wireCommands } from './commands.ts';
import { showFiles } from './files.ts';
import { Screen, type Showing } from './screen.ts';
import { wireTalk } from './talk.ts';
import { Timeline } from './timeline.ts';

const DAY_S = 86_400;
const PROGRESS_EVERY_MS = 1000;

const STATES: Readonly<Record<LastingState, string>> = {
  meeting: 'looking for the camera…',
  calling: 'calling the camera…',
  linking: 'connecting…',
  greeting: 'checking that it is the one…',
  open: 'connected directly',
  away: 'lost; calling it again…',
  closed: 'not connected',
};

const video = element('video', HTMLVideoElement);

const tell = (id: string): ((text: string) => void) => {
  const place = element(id, HTMLElement);
  return (text) => {
    place.textContent = text;
  };
};

const banner = element('banner', HTMLElement);
const trouble = (sentence: string | undefined): void => {
  banner.hidden = sentence === undefined;
  banner.textContent = sentence ?? '';
};

const askForInfo = (why: string): void => {
  tell('connect-why')(why);
  element('connect', HTMLFormElement).hidden = false;
  element('camera', HTMLElement).inert = true;
};

const showState = (state: LastingState, why?: Error): void => {
  const pill = element('state', HTMLElement);
  pill.textContent = STATES[state];
  pill.title = why?.message ?? '';
  pill.dataset.state = state;
};

const badgeOf = (what: Showing): string => {
  switch (what.kind) {
    case 'live':
      return `live · ${what.quality}`;
    case 'shared':
      return 'live · shared with other viewers';
    case 'playback':
      return `recorded ${new Date(what.from * 1000).toLocaleString()}`;
    case 'nothing':
      return '';
  }
};

const wireScreen = (device: Device): void => {
  const playback = element('playback', HTMLElement);
  const pause = element('pause', HTMLButtonElement);
  let showing: Showing = { kind: 'nothing' };
  const screen = new Screen(video, device, {
    showing(what) {
      showing = what;
      tell('badge')(badgeOf(what));
      playback.hidden = what.kind !== 'playback';
      pause.textContent = 'Pause';
      tell('position')('');
      if (what.kind !== 'playback') timeline.mark(undefined);
    },
    trouble,
  });
  const quality = element('quality', HTMLSelectElement);
  const live = (): void => void screen.live(quality.value as Quality);
  const timeline = new Timeline((at, { to }) => void screen.playback({ from: Math.floor(at), to: Math.ceil(to) }));
  quality.addEventListener('change', live);
  element('live', HTMLButtonElement).addEventListener('click', live);
  pause.addEventListener('click', async () => {
    const isPausing = pause.textContent === 'Pause';
    const { type } = await device.inner(isPausing ? 'playback_pause' : 'playback_resume');
    if (type === 'success') pause.textContent = isPausing ? 'Go on' : 'Pause';
  });
  const calendar = new Calendar(device, (day) => {
    const from = day.getTime() / 1000;
    void showDay(device, timeline, day);
    void showFiles(device, from, from + DAY_S - 1);
  });
  setInterval(async () => {
    if (showing.kind !== 'playback') return;
    const { from } = showing;
    const { type, data } = await device.inner('playback_progress');
    if (type !== 'success' || showing.kind !== 'playback') return;
    // Progress counts from where the recording begins that is being played.
    const at = timeline.startOf(from) + (JSON.parse(data) as { readonly progress: number }).progress / 1000;
    timeline.mark(at);
    tell('position')(new Date(at * 1000).toLocaleTimeString());
  }, PROGRESS_EVERY_MS);
  live();
  void calendar.show();
};

const showDay = async (device: Device, timeline: Timeline, day: Date): Promise<void> => {
  const from = day.getTime() / 1000;
  const asked = { start_time: String(from), end_time: String(from + DAY_S - 1) };
  const { type, data } = await device.inner('get_record_index', asked);
  const list = type === 'success' ? (JSON.parse(data) as { readonly video_list: readonly Indexed[] }).video_list : [];
  timeline.show(
    day,
    list.map(({ start_time: start, end_time: end }) => ({ from: start, to: end })),
  );
  tell('day')(day.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long' }));
  tell('timeline-hint')(
    list.length === 0 ? 'Nothing was recorded on this day.' : `${list.length} recordings; click to play from there.`,
  );
};

interface Indexed {
  readonly start_time: number;
  readonly end_time: number;
}

const wireSound = (): void => {
  const button = element('sound', HTMLButtonElement);
  button.addEventListener('click', () => {
    video.muted = !video.muted;
    button.textContent = video.muted ? 'Sound on' : 'Sound off';
  });
};

const begin = async (info: string): Promise<void> => {
  let device: Device;
  try {
    device = connectDevice({ info });
  } catch (error) {
    return askForInfo((error as Error).message);
  }
  element('connect', HTMLFormElement).hidden = true;
  element('camera', HTMLElement).inert = false;
  device.onState((state, why) => showState(state, why));
  try {
    await device.opened;
  } catch (error) {
    showState('closed', error as Error);
    return askForInfo((error as Error).message);
  }
  void device.closed.then((why) => askForInfo(why.message));
  wireScreen(device);
  wireTalk(device, {
    button: element('talk', HTMLButtonElement),
    level: element('level', HTMLMeterElement),
    say: tell('talk-said'),
  });
  wireCommands(device);
  // For the console, and for whoever drives this page.
  Object.assign(window, { device });
};

wireSound();
element('snapshot', HTMLButtonElement).addEventListener('click', () => void snapshot(video));
wireRecording(video, element('record', HTMLButtonElement), tell('recorded'));
element('connect', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void begin(element('info', HTMLTextAreaElement).value.trim());
});

const given = new URLSearchParams(location.hash.slice(1)).get('info');
const beside = async (): Promise<string | undefined> => {
  const answer = await fetch('../camera-info.json', { cache: 'no-store' });
  return answer.ok ? ((await answer.json()) as { readonly info: string }).info : undefined;
};
const info = given ?? (await beside());
if (info === undefined) askForInfo('Paste the xp2pInfo that your device printed.');
else await begin(info);
