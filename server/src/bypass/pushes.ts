// All live pushes of a server, by stream code: who wishes for them, whether their tracks are up, and what their publishers are
// answered. Starting the same push twice is one push.

import type { Engine, Millis } from '../../../src/core/engine.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import type { PushState } from '../../../src/wire/room.ts';
import { LivePush } from './live-push.ts';

/** What happens. */
export type PushesInput =
  /** Somebody sends the stream; with `auto` it is pushed without having been asked for. */
  | { readonly kind: 'track-up'; readonly code: string; readonly auto: boolean }
  | { readonly kind: 'track-down'; readonly code: string }
  /** A publisher asks; its `ask` is answered once. */
  | { readonly kind: 'start'; readonly code: string; readonly ask: number }
  | { readonly kind: 'stop'; readonly code: string }
  /** The publisher has left: nothing is wished for any longer. */
  | { readonly kind: 'forget'; readonly code: string }
  | { readonly kind: 'started'; readonly code: string; readonly attempt: number }
  | { readonly kind: 'failed'; readonly code: string; readonly attempt: number; readonly why: ErrorCode }
  | { readonly kind: 'wake' };

/** What is to be done. */
export type PushesOutput =
  /** Start it, and say `started` or `failed` with this number. */
  | { readonly kind: 'attempt'; readonly code: string; readonly attempt: number }
  /** The start is of no interest any longer. */
  | { readonly kind: 'cancel'; readonly code: string; readonly attempt: number }
  /** It runs: viewers may come. */
  | { readonly kind: 'announce'; readonly code: string }
  /** It runs no longer: viewers have to go. */
  | { readonly kind: 'withdraw'; readonly code: string }
  | { readonly kind: 'state'; readonly code: string; readonly state: PushState }
  /** `why` is undefined when the push runs. */
  | {
      readonly kind: 'answer';
      readonly code: string;
      readonly ask: number;
      readonly why: ErrorCode | undefined;
    };

interface Entry {
  readonly code: string;
  readonly push: LivePush;
  isUp: boolean;
  /**
   * By the app's switch, by its publisher, or not. `asked` is dropped when the first start fails, since its publisher tries
   * again; `declined` was stopped by hand, which the switch does not undo.
   */
  wish: 'none' | 'declined' | 'auto' | 'asked' | 'granted';
  asks: number[];
}

const isWished = ({ wish }: Entry): boolean => wish !== 'none' && wish !== 'declined';

/** See above. */
export class Pushes implements Engine<PushesInput, PushesOutput> {
  readonly #entries = new Map<string, Entry>();
  readonly #outputs: PushesOutput[] = [];

  /** Where a push stands. */
  stateOf(code: string): PushState {
    return this.#entries.get(code)?.push.state ?? 'stopped';
  }

  /** Codes of pushes that run. */
  running(): readonly string[] {
    return [...this.#entries.values()].filter(({ push }) => push.state === 'running').map(({ code }) => code);
  }

  handle(now: Millis, input: PushesInput): void {
    if (input.kind === 'wake') return this.#wake(now);
    const entry = this.#entryOf(input.code);
    switch (input.kind) {
      case 'track-up':
        entry.isUp = true;
        if (input.auto && entry.wish === 'none') entry.wish = 'auto';
        break;
      case 'track-down':
        entry.isUp = false;
        this.#answer(entry, 'room/no-track');
        break;
      case 'start':
        return this.#start(now, entry, input.ask);
      case 'stop':
      case 'forget':
        entry.wish = 'declined';
        this.#answer(entry, 'bypass/start-failed');
        break;
      case 'started':
      case 'failed':
        return this.#attempted(now, entry, input);
    }
    this.#follow(now, entry);
    const isKept = entry.isUp || entry.wish === 'granted' || entry.wish === 'declined';
    if (!isKept || input.kind === 'forget') this.#entries.delete(entry.code);
  }

  poll(): PushesOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    let next = Number.POSITIVE_INFINITY;
    for (const { push } of this.#entries.values()) next = Math.min(next, push.until);
    return next;
  }

  #entryOf(code: string): Entry {
    const known = this.#entries.get(code);
    if (known !== undefined) return known;
    const fresh: Entry = { code, push: new LivePush(), isUp: false, wish: 'none', asks: [] };
    this.#entries.set(code, fresh);
    return fresh;
  }

  #start(now: Millis, entry: Entry, ask: number): void {
    entry.asks.push(ask);
    if (!entry.isUp) {
      this.#answer(entry, 'room/no-track');
      if (entry.wish === 'none') this.#entries.delete(entry.code);
      return;
    }
    if (!isWished(entry)) entry.wish = 'asked';
    if (entry.push.state === 'running') this.#answer(entry, undefined);
    else this.#follow(now, entry);
  }

  #attempted(now: Millis, entry: Entry, input: Extract<PushesInput, { kind: 'started' | 'failed' }>): void {
    if (input.attempt !== entry.push.attempt || entry.push.state !== 'starting') return;
    if (input.kind === 'started') {
      if (entry.wish === 'asked') entry.wish = 'granted';
      this.#step(now, entry, 'started');
      this.#answer(entry, undefined);
    } else this.#failed(now, entry, input.why);
  }

  #failed(now: Millis, entry: Entry, why: ErrorCode): void {
    this.#step(now, entry, 'failed');
    this.#answer(entry, why);
    if (entry.wish !== 'asked') return;
    entry.wish = 'none';
    this.#follow(now, entry);
  }

  #wake(now: Millis): void {
    for (const entry of [...this.#entries.values()]) {
      if (entry.push.until > now) continue;
      const isLate = entry.push.state === 'starting';
      this.#step(now, entry, 'time');
      if (!isLate) continue;
      this.#answer(entry, 'bypass/start-failed');
      if (entry.wish === 'asked') entry.wish = 'none';
      this.#follow(now, entry);
    }
  }

  /** Goes where wish and track say. */
  #follow(now: Millis, entry: Entry): void {
    this.#step(now, entry, entry.isUp && isWished(entry) ? 'go' : 'halt');
  }

  #step(now: Millis, { code, push }: Entry, input: Parameters<LivePush['handle']>[1]): void {
    const { attempt: before } = push;
    const effects = push.handle(now, input);
    if (effects === undefined) return;
    for (const effect of effects) {
      if (effect === 'attempt') this.#outputs.push({ kind: 'attempt', code, attempt: push.attempt });
      else if (effect === 'cancel') this.#outputs.push({ kind: 'cancel', code, attempt: before });
      else this.#outputs.push({ kind: effect, code });
    }
    this.#outputs.push({ kind: 'state', code, state: push.state });
  }

  #answer(entry: Entry, why: ErrorCode | undefined): void {
    for (const ask of entry.asks.splice(0)) this.#outputs.push({ kind: 'answer', code: entry.code, ask, why });
  }
}
