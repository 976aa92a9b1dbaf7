/**
 * What the server's test receiver got: every callback as a customer's server would see it, and what it answered.
 */
import { element } from '../panels.ts';
import { type CustomerApi, look, type Received } from './customer-api.ts';

const LOOK_MS = 1500;

const NAMES: Readonly<Record<number, string>> = {
  0: 'live push cut',
  1: 'live push began',
  100: 'recording ready',
  200: 'screenshot ready',
};

/** See above. */
export class CallbacksPanel {
  readonly #api: CustomerApi;
  readonly #list = element('callbacks', HTMLOListElement);
  readonly #empty = element('no-callbacks', HTMLElement);
  #drawn = '';

  constructor(api: CustomerApi) {
    this.#api = api;
  }

  begin(): void {
    look(
      LOOK_MS,
      async () => this.#draw(await this.#api.received()),
      (reason) => {
        this.#empty.hidden = false;
        this.#empty.textContent = `Callbacks cannot be shown: ${reason}.`;
      },
    );
  }

  #draw(received: readonly Received[]): void {
    this.#empty.hidden = received.length > 0;
    this.#empty.textContent = 'No callbacks yet.';
    // What is open to be read stays open while nothing is new.
    const now = JSON.stringify(received.at(-1) ?? '') + received.length;
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.#list.replaceChildren(...[...received].reverse().map(entry));
  }
}

const entry = ({ atMs, text, status, message }: Received): HTMLLIElement => {
  const item = document.createElement('li');
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  const time = document.createElement('time');
  const body = document.createElement('pre');
  const fields = parse(text);
  time.textContent = new Date(atMs).toLocaleTimeString();
  const name = NAMES[Number(fields.event_type)] ?? 'callback';
  const about = typeof fields.file_format === 'string' ? ` (${fields.file_format.toUpperCase()})` : '';
  const verdict = status === 200 ? 'signed, taken' : `${status}: ${message}`;
  summary.append(time, `${name}${about} · ${verdict}`);
  body.textContent = Object.keys(fields).length > 0 ? JSON.stringify(fields, undefined, 2) : text;
  details.append(summary, body);
  item.append(details);
  return item;
};

const parse = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};
