/**
 * Events of virtual time in ticks of an eighth of a millisecond. Events of one tick come out in the order they went in, so
 * that a run is the same every time. An event costs no allocation: its fields lie in columns, and whoever it is for decides
 * by a code what it is.
 */
import { Trace } from './trace.ts';

/** A code holds one of sixteen kinds, and a whole number that says more. */
const KINDS = 16;

export const codeOf = (kind: number, detail: number): number => detail * KINDS + kind;

export const kindOf = (code: number): number => code % KINDS;

export const detailOf = (code: number): number => Math.floor(code / KINDS);

/** Whoever events happen to. */
export interface Sink {
  fire(code: number, what: unknown): void;
}

const TICKS_PER_MS = 8;
const SLOT_BITS = 16;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
const FIRST_CAPACITY = 1 << 12;
const NONE = -1;

export class EventWheel {
  /** What has happened, in one number. */
  readonly trace = new Trace();
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  readonly #tails = new Int32Array(SLOTS).fill(NONE);
  #next = new Int32Array(FIRST_CAPACITY);
  #codes = new Float64Array(FIRST_CAPACITY);
  readonly #sinks: (Sink | undefined)[] = [];
  readonly #whats: unknown[] = [];
  #free = NONE;
  #used = 0;
  /** Events of later turns of the wheel, by turn: event, then tick. */
  readonly #later = new Map<number, number[]>();
  #tick = 0;
  #fired = 0;

  /** Virtual time, ms. */
  get now(): number {
    return this.#tick / TICKS_PER_MS;
  }

  /** Events that have happened. */
  get fired(): number {
    return this.#fired;
  }

  schedule(at: number, sink: Sink, code: number, what: unknown): void {
    const event = this.#take();
    this.#codes[event] = code;
    this.#sinks[event] = sink;
    this.#whats[event] = what;
    const tick = Math.max(this.#tick, Math.ceil(at * TICKS_PER_MS));
    const turn = Math.floor(tick / SLOTS);
    if (turn === Math.floor(this.#tick / SLOTS)) return this.#append(tick % SLOTS, event);
    const later = this.#later.get(turn);
    if (later === undefined) this.#later.set(turn, [event, tick]);
    else later.push(event, tick);
  }

  /** Lets everything happen until this time, which it then is. */
  run(untilMs: number): void {
    const until = Math.floor(untilMs * TICKS_PER_MS);
    for (;;) {
      const slot = this.#tick & SLOT_MASK;
      for (let event = this.#heads[slot] ?? NONE; event !== NONE; event = this.#heads[slot] ?? NONE)
        this.#fire(slot, event);
      if (this.#tick >= until) return;
      this.#tick++;
      if ((this.#tick & SLOT_MASK) === 0) this.#turn(this.#tick / SLOTS);
    }
  }

  #fire(slot: number, event: number): void {
    const next = this.#next[event] ?? NONE;
    this.#heads[slot] = next;
    if (next === NONE) this.#tails[slot] = NONE;
    const sink = this.#sinks[event];
    const what = this.#whats[event];
    this.#sinks[event] = undefined;
    this.#whats[event] = undefined;
    this.#next[event] = this.#free;
    this.#free = event;
    this.#fired++;
    const code = this.#codes[event] ?? 0;
    this.trace.add(this.#tick, event ^ (code << 24));
    sink?.fire(code, what);
  }

  #turn(turn: number): void {
    const events = this.#later.get(turn);
    this.#later.delete(turn);
    if (events === undefined) return;
    for (let at = 0; at < events.length; at += 2) this.#append((events[at + 1] ?? 0) & SLOT_MASK, events[at] ?? NONE);
  }

  #append(slot: number, event: number): void {
    this.#next[event] = NONE;
    const tail = this.#tails[slot] ?? NONE;
    if (tail === NONE) this.#heads[slot] = event;
    else this.#next[tail] = event;
    this.#tails[slot] = event;
  }

  #take(): number {
    const event = this.#free;
    if (event !== NONE) {
      this.#free = this.#next[event] ?? NONE;
      return event;
    }
    if (this.#used === this.#next.length) this.#grow();
    this.#sinks.push(undefined);
    this.#whats.push(undefined);
    return this.#used++;
  }

  #grow(): void {
    const next = new Int32Array(this.#used * 2);
    next.set(this.#next);
    this.#next = next;
    const codes = new Float64Array(this.#used * 2);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
