/**
 * When to probe and what to say of it: at the caller's wish, when the network has changed and come to rest, and every
 * minute while a service runs. It owns no clock and no sockets; whoever hosts it gathers candidates and hands them in.
 */
import type { NatKind } from '../../wire/nat.ts';
import type { Engine, Millis } from '../engine.ts';
import { Random } from '../kit/random.ts';
import { isSameLine } from './addresses.ts';
import { classify, type NatFinding, type ServerFailure, type Sighting } from './classify.ts';

/** One fact; `run` is the number of the gathering it belongs to. */
export type NatInput =
  /** The caller wants to know. */
  | { readonly kind: 'probe' }
  /** The line came back, or is another one. */
  | { readonly kind: 'network-changed' }
  /** The browser thinks otherwise of the line than before: another network, or only another guess at its speed. */
  | { readonly kind: 'network-hint' }
  /** From now on a service runs, or none does any more. */
  | { readonly kind: 'service'; readonly runs: boolean }
  | { readonly kind: 'sighted'; readonly run: number; readonly sighting: Sighting }
  /** One socket gave up on a server. */
  | { readonly kind: 'server-failed'; readonly run: number; readonly failure: ServerFailure }
  /** Nothing more will come of this gathering. */
  | { readonly kind: 'gathered'; readonly run: number }
  | { readonly kind: 'wake' }
  | { readonly kind: 'stop' };

/** One thing to do. */
export type NatOutput =
  | { readonly kind: 'gather'; readonly run: number }
  /** Let go of a gathering. */
  | { readonly kind: 'drop'; readonly run: number }
  /** A probe has ended. */
  | { readonly kind: 'found'; readonly finding: NatFinding }
  /** The NAT is of another kind, or the address outside is another one. */
  | { readonly kind: 'changed'; readonly old: NatFinding; readonly found: NatFinding }
  /** No server was heard. */
  | { readonly kind: 'failed'; readonly finding: NatFinding };

/** What a watch is made of. */
export interface NatWatchOptions {
  readonly servers: readonly string[];
  /** Seed of its dice, so that a crowd that came together does not probe together for ever. */
  readonly seed: number;
}

/** All servers silent for this long: the probe has failed. */
export const SILENT_MS = 5_000;
/** While a service runs, no more than this passes between two probes. */
export const PROBE_EVERY_MS = 60_000;
/** Network events come in bursts; this long after the last one the line is what it will be. */
export const SETTLE_MS = 500;
/** Guesses at the speed of a line change all the time; they lead to no more than one probe in this time. */
export const HINTS_APART_MS = 10_000;
/** Browsers give up a server that is dead after some 40 seconds, or never. */
const LINGER_MS = 45_000;
const EARLIER_BY_MS = 5_000;

/**
 * `resting` nothing under way · `settling` the network has changed a moment ago · `probing` nothing said of this
 * gathering yet · `lingering` said what is known, while one server keeps silent.
 */
type WatchState = 'resting' | 'settling' | 'probing' | 'lingering' | 'stopped';

const NEXT: Readonly<Record<WatchState, readonly WatchState[]>> = {
  resting: ['settling', 'probing', 'stopped'],
  settling: ['settling', 'probing', 'stopped'],
  probing: ['resting', 'settling', 'probing', 'lingering', 'stopped'],
  lingering: ['resting', 'settling', 'probing', 'stopped'],
  stopped: [],
};

/** See above. */
export class NatWatch implements Engine<NatInput, NatOutput> {
  readonly #servers: readonly string[];
  readonly #random: Random;
  #outputs: NatOutput[] = [];
  #state: WatchState = 'resting';
  /** End of the present state, unless something happens before. */
  #until: Millis = Number.POSITIVE_INFINITY;
  /** Next probe while a service runs. */
  #dueAt: Millis = Number.POSITIVE_INFINITY;
  #run = 0;
  #probedAt: Millis = 0;
  #sightings: Sighting[] = [];
  #failures: ServerFailure[] = [];
  /** Whether somebody waits for the probe under way. */
  #asked: 'asked' | 'unasked' = 'unasked';
  #serves: 'running' | 'idle' = 'idle';
  #finding: NatFinding | undefined;
  /** What the last probe that came to its end found. */
  #lastKind: NatKind = 'unknown';
  /** What the next finding is compared with: the last one that heard a server. */
  #known: NatFinding | undefined;

  constructor(options: NatWatchOptions) {
    this.#servers = options.servers;
    this.#random = new Random(options.seed);
  }

  get state(): WatchState {
    return this.#state;
  }

  /** What the last probe found. */
  get finding(): NatFinding | undefined {
    return this.#finding;
  }

  handle(now: Millis, input: NatInput): void {
    if (this.#state === 'stopped') return;
    if ('run' in input && input.run !== this.#run) return;
    switch (input.kind) {
      case 'probe':
        return this.#wanted(now);
      case 'network-changed':
        return this.#networkChanged(now);
      case 'network-hint':
        return this.#networkHint(now);
      case 'service':
        return this.#service(now, input.runs);
      case 'sighted':
        this.#sightings.push(input.sighting);
        return;
      case 'server-failed':
        this.#failures.push(input.failure);
        return;
      case 'gathered':
        if (this.#isGathering) this.#conclude(now, true);
        return;
      case 'wake':
        return this.#wake(now);
      case 'stop':
        return this.#stop();
    }
  }

  poll(): NatOutput | undefined {
    return this.#outputs.shift();
  }

  nextWakeup(): Millis {
    return this.#isGathering || this.#state === 'settling' ? this.#until : this.#dueAt;
  }

  get #isGathering(): boolean {
    return this.#state === 'probing' || this.#state === 'lingering';
  }

  #wanted(now: Millis): void {
    this.#asked = 'asked';
    // A probe under way answers everybody who asks meanwhile.
    if (this.#state !== 'probing') this.#probe(now);
  }

  /** What is being gathered is of the old network. */
  #networkChanged(now: Millis): void {
    if (this.#servers.length === 0 || this.#run === 0) return;
    this.#dropGathering();
    this.#enter('settling', now + SETTLE_MS);
  }

  /** Worth a look, but not at the price of what is under way. */
  #networkHint(now: Millis): void {
    if (this.#state !== 'resting' || this.#run === 0) return;
    const at = Math.max(now + SETTLE_MS, this.#probedAt + HINTS_APART_MS);
    this.#dueAt = Math.min(this.#dueAt, at);
  }

  #service(now: Millis, runs: boolean): void {
    this.#serves = runs ? 'running' : 'idle';
    this.#plan(now);
  }

  #wake(now: Millis): void {
    if (this.#state === 'resting') {
      if (now >= this.#dueAt) this.#probe(now);
    } else if (now >= this.#until) {
      if (this.#state === 'settling') this.#probe(now);
      else this.#conclude(now, false);
    }
  }

  #stop(): void {
    this.#dropGathering();
    this.#dueAt = Number.POSITIVE_INFINITY;
    this.#enter('stopped', Number.POSITIVE_INFINITY);
  }

  #probe(now: Millis): void {
    this.#dropGathering();
    this.#run++;
    this.#probedAt = now;
    this.#sightings = [];
    this.#failures = [];
    this.#enter('probing', now + SILENT_MS);
    if (this.#servers.length === 0) this.#conclude(now, true);
    else this.#put({ kind: 'gather', run: this.#run });
  }

  /** Says what is known; one silent server among several is waited for a little longer, without keeping anybody. */
  #conclude(now: Millis, isComplete: boolean): void {
    const finding = classify({
      servers: this.#servers,
      sightings: this.#sightings,
      failures: this.#failures,
      isComplete,
    });
    const isLate = this.#state === 'lingering';
    if (!isComplete && !isLate && finding.kind === 'unknown') {
      this.#enter('lingering', now + LINGER_MS - SILENT_MS);
      return this.#tell(this.#asBefore(finding));
    }
    this.#dropGathering();
    this.#enter('resting', Number.POSITIVE_INFINITY);
    this.#plan(now);
    this.#lastKind = finding.kind;
    this.#tell(finding);
  }

  /** While a dead server is waited for, what the last whole probe found still holds on the same line. */
  #asBefore(finding: NatFinding): NatFinding {
    const isSame = this.#finding !== undefined && !hasMoved(this.#finding, finding);
    return isSame && this.#lastKind !== 'blocked' ? { ...finding, kind: this.#lastKind } : finding;
  }

  #tell(finding: NatFinding): void {
    const before = this.#finding;
    const known = this.#known;
    const asked = this.#asked;
    this.#finding = finding;
    this.#asked = 'unasked';
    this.#put({ kind: 'found', finding });
    if (finding.kind === 'blocked') {
      // A line that stays blocked is said once, not every minute.
      if (asked === 'asked' || before?.kind !== 'blocked') this.#put({ kind: 'failed', finding });
      return;
    }
    // One server out of order hides the kind, and does not make it another one.
    this.#known = finding.kind === 'unknown' && known !== undefined ? { ...finding, kind: known.kind } : finding;
    if (before === undefined) return;
    const isOther = known !== undefined && differs(known, finding);
    if (before.kind === 'blocked' || isOther) this.#put({ kind: 'changed', old: before, found: finding });
  }

  #dropGathering(): void {
    if (!this.#isGathering || this.#servers.length === 0) return;
    this.#put({ kind: 'drop', run: this.#run });
    this.#run++;
  }

  /** The next probe of a running service: a little early, never late. */
  #plan(now: Millis): void {
    const isDue = this.#serves === 'running' && this.#servers.length > 0;
    this.#dueAt = isDue ? now + PROBE_EVERY_MS - this.#random.between(0, EARLIER_BY_MS) : Number.POSITIVE_INFINITY;
  }

  #enter(state: WatchState, until: Millis): void {
    if (!NEXT[this.#state].includes(state)) return;
    this.#state = state;
    this.#until = until;
  }

  #put(output: NatOutput): void {
    this.#outputs.push(output);
  }
}

/** A kind that is not known says nothing about change; an address that is new does. */
const differs = (old: NatFinding, found: NatFinding): boolean => {
  const areKnown = old.kind !== 'unknown' && found.kind !== 'unknown';
  return (areKnown && old.kind !== found.kind) || hasMoved(old, found);
};

/** A crowded carrier maps one line to several addresses; one in common is no move. */
const hasMoved = (old: NatFinding, found: NatFinding): boolean => {
  if (old.mapped.length === 0 || found.mapped.length === 0) return false;
  return !found.mapped.some(({ address }) => old.mapped.some((before) => isSameLine(before.address, address)));
};
