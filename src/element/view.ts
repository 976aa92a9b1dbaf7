/**
 * Shows what is: everything that can be seen follows from the seat's state, the video and the texts, in one place.
 */
import type { ErrorCode } from '../errors.ts';
import type { Captions } from './captions.ts';
import { type ElementLabels, headlineOf, statusOf } from './labels.ts';
import { make } from './nodes.ts';
import type { Seat } from './seat.ts';
import type { Shell } from './shell.ts';

/** What is looked at. */
export interface Scene {
  readonly seat: Seat;
  readonly captions: Captions;
  readonly labels: ElementLabels;
  readonly host: HTMLElement;
  /** Sentences of the panel that says how the stream gets here; undefined while it is closed. */
  readonly why: readonly string[] | undefined;
  /** Sentences to an error. */
  readonly reasons: readonly string[];
}

/** Brings the nodes in line with a scene. */
export const show = (shell: Shell, scene: Scene): void => {
  const { seat, labels, host } = scene;
  const { stage, video } = shell;
  const isPaused = isStanding(seat);
  stage.dataset.state = seat.state;
  name(stage, host.getAttribute('aria-label') ?? labels.player);
  stage.dataset.blocked = String(seat.sound === 'blocked');
  shell.controls.hidden = !host.hasAttribute('controls') || seat.state === 'idle' || seat.state === 'failed';
  shell.bigPlay.hidden = !isPaused;
  shell.poster.hidden = seat.hasShown || !host.hasAttribute('poster');
  shell.unmute.hidden = seat.sound !== 'muted-by-browser';
  shell.unmuteText.textContent = labels.tapToUnmute;
  shell.live.textContent = labels.live;
  showButtons(shell, scene, isPaused);
  const volume = video.muted ? 0 : video.volume;
  shell.volume.value = String(volume);
  shell.volume.style.setProperty('--level', `${volume * 100}%`);
  name(shell.volume, labels.volume);
  say(shell.status, statusOf(seat.state, labels) ?? '');
  const notice = noticeOf(scene);
  shell.notice.hidden = notice === undefined;
  say(shell.notice, notice ?? '');
  showPanel(shell, scene);
};

/** Nothing plays and a press on play would change that. */
export const isStanding = ({ state, sound }: Seat): boolean =>
  state === 'idle' || state === 'paused' || (sound === 'blocked' && state !== 'failed');

const showButtons = (shell: Shell, { captions, labels, host }: Scene, isPaused: boolean): void => {
  const { video } = shell;
  const isSilent = video.muted || video.volume === 0;
  const isFull = document.fullscreenElement === host;
  name(shell.bigPlay, labels.play);
  name(shell.play, isPaused ? labels.play : labels.pause, isPaused ? 'off' : 'on');
  name(shell.mute, isSilent ? labels.unmute : labels.mute, isSilent ? 'off' : 'on');
  name(shell.unmute, labels.tapToUnmute, 'off');
  name(shell.captions, labels.captions);
  name(shell.pip, labels.pictureInPicture);
  name(shell.fullscreen, isFull ? labels.exitFullscreen : labels.fullscreen, isFull ? 'on' : 'off');
  name(shell.why, labels.why);
  shell.captions.hidden = !captions.isThere;
  shell.captions.setAttribute('aria-pressed', String(captions.isShowing));
  shell.pip.hidden = !document.pictureInPictureEnabled;
  shell.fullscreen.hidden = !canFillScreen(host, video);
};

const canFillScreen = (host: HTMLElement, video: HTMLVideoElement): boolean =>
  (document.fullscreenEnabled && 'requestFullscreen' in host) || 'webkitEnterFullscreen' in video;

/** One quiet line over the picture. */
const noticeOf = ({ seat, labels }: Scene): string | undefined => {
  if (seat.state === 'source-outage') return labels.sourceOutage;
  const { trouble } = seat;
  if (trouble === undefined || trouble.code.startsWith('support/')) return undefined;
  return headlineOf(trouble.code, labels);
};

const showPanel = ({ stage, panel }: Shell, { seat, labels, why, reasons }: Scene): void => {
  const { error, trouble, state } = seat;
  const advice = trouble?.code.startsWith('support/') === true ? trouble : undefined;
  const problem = state === 'failed' ? error : advice;
  const isOpen = problem !== undefined || state === 'ended' || why !== undefined;
  panel.card.hidden = !isOpen;
  stage.dataset.panel = String(isOpen);
  if (!isOpen) return;
  panel.close.hidden = problem !== undefined || state === 'ended';
  panel.card.dataset.kind = problem === undefined && state !== 'ended' ? 'why' : 'problem';
  panel.retry.hidden = problem === undefined ? state !== 'ended' : isHopeless(problem.code);
  say(panel.retry, labels.retry);
  name(panel.close, labels.close);
  panel.card.setAttribute('role', problem === undefined ? 'group' : 'alert');
  say(panel.title, titleOf(problem === undefined ? undefined : headlineOf(problem.code, labels), state, labels));
  say(panel.text, problem?.message ?? '');
  panel.text.hidden = problem === undefined;
  panel.code.hidden = problem === undefined;
  say(panel.code, problem?.code ?? '');
  const sentences = problem === undefined ? (why ?? []) : reasons.filter((sentence) => sentence !== problem.message);
  list(panel.list, sentences);
};

/** No second try changes what the browser or the page's own options are. */
const isHopeless = (code: ErrorCode): boolean =>
  code === 'options/invalid' || code === 'support/no-media-source' || code === 'media/unsupported-codec';

const titleOf = (problem: string | undefined, state: Seat['state'], labels: ElementLabels): string => {
  if (problem !== undefined) return problem;
  return state === 'ended' ? labels.ended : labels.why;
};

const list = (parent: HTMLElement, sentences: readonly string[]): void => {
  const before = [...parent.children].map(({ textContent }) => textContent);
  if (before.length === sentences.length && before.every((text, at) => text === sentences[at])) return;
  parent.replaceChildren(...sentences.map((text) => make('li', { text })));
};

/** Only what changed is written: a live region is read out again at every write. */
const say = (node: HTMLElement, text: string): void => {
  if (node.textContent !== text) node.textContent = text;
};

const name = (node: HTMLElement, label: string, mode?: 'on' | 'off'): void => {
  if (node.getAttribute('aria-label') !== label) node.setAttribute('aria-label', label);
  if (node instanceof HTMLButtonElement) node.title = label;
  if (mode !== undefined) node.dataset.mode = mode;
};
