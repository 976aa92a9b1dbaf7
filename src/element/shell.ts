/**
 * What the element is made of: its nodes and the names of their parts. It knows nothing of players.
 */
import { icons } from './icons.ts';
import { icon, make } from './nodes.ts';

/** The nodes that somebody looks at again. */
export interface Shell {
  readonly stage: HTMLElement;
  readonly video: HTMLVideoElement;
  readonly poster: HTMLImageElement;
  readonly status: HTMLElement;
  readonly bigPlay: HTMLButtonElement;
  readonly unmute: HTMLButtonElement;
  readonly unmuteText: HTMLElement;
  readonly notice: HTMLElement;
  readonly controls: HTMLElement;
  readonly play: HTMLButtonElement;
  readonly mute: HTMLButtonElement;
  readonly volume: HTMLInputElement;
  readonly live: HTMLElement;
  readonly why: HTMLButtonElement;
  readonly captions: HTMLButtonElement;
  readonly pip: HTMLButtonElement;
  readonly fullscreen: HTMLButtonElement;
  readonly panel: Panel;
}

/** The card over the picture: why it does not play, or how it does. */
export interface Panel {
  readonly card: HTMLElement;
  readonly title: HTMLElement;
  readonly text: HTMLElement;
  readonly list: HTMLElement;
  readonly code: HTMLElement;
  readonly retry: HTMLButtonElement;
  readonly close: HTMLButtonElement;
}

/** Builds the nodes into a shadow root. */
export const buildShell = (root: ShadowRoot): Shell => {
  // Firefox stops at every video on the way of the tab key, controls of its own or not.
  const video = make('video', { part: 'video', playsinline: '', tabindex: '-1' });
  const poster = make('img', { part: 'poster', alt: '', hidden: '', decoding: 'async' });
  const bigPlay = button('big-play', icons.play);
  const unmuteText = make('span');
  const unmute = button('unmute', icons.sound);
  unmute.append(unmuteText);
  unmute.hidden = true;
  const panel = buildPanel();
  const bar = buildControls();
  const status = make('p', { class: 'status', role: 'status' });
  const notice = make('p', { part: 'notice', class: 'notice', hidden: '' });
  const spinner = make('span', { part: 'spinner', class: 'spinner', 'aria-hidden': 'true' });
  const stage = make('div', { class: 'stage', part: 'stage', role: 'region' }, [
    video,
    poster,
    spinner,
    bigPlay,
    notice,
    unmute,
    bar.controls,
    panel.card,
    status,
  ]);
  root.append(stage);
  return { stage, video, poster, status, bigPlay, unmute, unmuteText, notice, panel, ...bar };
};

const buildControls = () => {
  const play = button('play', icons.play);
  const mute = button('mute', icons.sound);
  const volume = make('input', {
    part: 'volume',
    class: 'volume',
    type: 'range',
    min: '0',
    max: '1',
    step: '0.01',
    value: '1',
  });
  const live = make('span', { part: 'live', class: 'live', 'aria-hidden': 'true' });
  const why = button('why', icons.why);
  const captions = button('captions', icons.captions);
  const pip = button('pip', icons.pip);
  const fullscreen = button('fullscreen', icons.fullscreen);
  const space = make('span', { class: 'space' });
  const controls = make('div', { part: 'controls', class: 'controls', hidden: '' }, [
    play,
    mute,
    volume,
    live,
    space,
    why,
    captions,
    pip,
    fullscreen,
  ]);
  captions.hidden = true;
  return { controls, play, mute, volume, live, why, captions, pip, fullscreen };
};

const buildPanel = (): Panel => {
  const title = make('h2', { part: 'message-title', id: 'title' });
  const text = make('p', { part: 'message-text' });
  const list = make('ul', { part: 'message-reasons' });
  const code = make('code', { part: 'message-code' });
  const retry = make('button', { part: 'button retry', type: 'button', class: 'retry' });
  const close = button('close', icons.close);
  const foot = make('div', { class: 'foot' }, [retry, code]);
  const body = make('div', { class: 'body', part: 'message-body' }, [title, text, list, foot, close]);
  const card = make('div', { part: 'message', class: 'card', 'aria-labelledby': 'title', hidden: '' }, [body]);
  return { card, title, text, list, code, retry, close };
};

const button = (name: string, paths: Readonly<Record<string, string>>): HTMLButtonElement =>
  make('button', { part: `button ${name}`, class: `button ${name}`, type: 'button' }, [icon(paths)]);
