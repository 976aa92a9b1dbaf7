/**
 * The recordings and screenshots of the app, to download, and the buttons that make some on demand.
 */
import type { Room } from 'shoal/publisher';
import { element, sizeOf } from '../panels.ts';
import { type CustomerApi, look, type Recording, type Screenshot } from './customer-api.ts';

/** What the panel needs of the page. */
export interface RecordingActions {
  /** Does something and shows what goes wrong. */
  attempt(button: HTMLButtonElement, work: () => Promise<unknown>): Promise<void>;
  room(): Room;
}

const LOOK_MS = 2000;
const SHOWN_MAX = 50;

/** See above. */
export class RecordingsPanel {
  readonly #api: CustomerApi;
  readonly #record = element('record', HTMLButtonElement);
  readonly #screenshot = element('screenshot', HTMLButtonElement);
  readonly #empty = element('no-recordings', HTMLElement);
  #task: string | undefined;

  constructor(api: CustomerApi, actions: RecordingActions) {
    this.#api = api;
    this.#record.addEventListener('click', () => actions.attempt(this.#record, () => this.#toggle(actions.room())));
    this.#screenshot.addEventListener('click', () =>
      actions.attempt(this.#screenshot, async () => {
        await actions.room().takeScreenshot();
        await this.#draw();
      }),
    );
  }

  begin(): void {
    look(
      LOOK_MS,
      () => this.#draw(),
      (reason) => {
        this.#empty.hidden = false;
        this.#empty.textContent = `Recordings cannot be listed: ${reason}.`;
      },
    );
  }

  /** Whether there is something to record. */
  setLive(isLive: boolean): void {
    if (!isLive) this.#task = undefined;
    this.#record.disabled = !isLive;
    this.#screenshot.disabled = !isLive;
    this.#record.textContent = this.#task === undefined ? 'Record MP4' : 'Stop recording';
  }

  async #toggle(room: Room): Promise<void> {
    const task = this.#task;
    this.#task = undefined;
    if (task === undefined) this.#task = await room.startRecord();
    else await room.stopRecord(task);
    await this.#draw();
  }

  async #draw(): Promise<void> {
    const [recordings, screenshots] = await Promise.all([this.#api.recordings(), this.#api.screenshots()]);
    const rows = [...recordings.flatMap(recordingRows), ...screenshots.map(screenshotRow)]
      .sort((a, b) => b.atMs - a.atMs)
      .slice(0, SHOWN_MAX);
    this.#empty.hidden = rows.length > 0;
    this.#empty.textContent = 'No recordings yet.';
    element('recordings', HTMLTableSectionElement).replaceChildren(...rows.map(draw));
  }
}

interface Row {
  readonly atMs: number;
  readonly stream: string;
  readonly format: string;
  readonly length: string;
  readonly size: string;
  readonly url: string | undefined;
}

const recordingRows = ({ beganMs, stream, state, trouble, files }: Recording): Row[] => {
  const known = { atMs: beganMs, stream };
  const rows = files.map(({ format, url, bytes, durationMs }) => ({
    ...known,
    format: format.toUpperCase(),
    length: lengthOf(durationMs),
    size: sizeOf(bytes),
    url,
  }));
  if (state === 'finished') return rows;
  const word = state === 'recording' ? 'recording…' : (trouble ?? 'waits for room on the disk');
  return [{ ...known, format: word, length: '', size: '', url: undefined }, ...rows];
};

const screenshotRow = ({ createdMs, code, bytes, url }: Screenshot): Row => ({
  atMs: createdMs,
  stream: code,
  format: 'JPEG',
  length: '',
  size: sizeOf(bytes),
  url,
});

const draw = ({ atMs, stream, format, length, size, url }: Row): HTMLTableRowElement => {
  const row = document.createElement('tr');
  for (const text of [new Date(atMs).toLocaleTimeString(), `…${stream.slice(-6)}`, format, length, size]) {
    row.insertCell().textContent = text;
  }
  const cell = row.insertCell();
  if (url === undefined) return row;
  const link = document.createElement('a');
  link.href = url;
  link.textContent = format === 'HLS' || format === 'JPEG' ? 'Open' : 'Download';
  link.target = '_blank';
  if (link.textContent === 'Download') link.download = '';
  cell.append(link);
  return row;
};

const lengthOf = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
