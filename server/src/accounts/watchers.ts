// Connections that bytes of streams leave by: for whom, and how many since somebody looked last.

import type { Form, Meter } from '../origin/egress.ts';
import type { Payer } from './app-gate.ts';

/** Takes bytes for one viewer, before they reach its socket. */
export interface Carrier {
  /** Bytes taken so far. */
  readonly takenBytes: number;
}

/** One connection, or one answer. */
export interface Watching {
  readonly payer: Payer;
  readonly path: string;
  readonly ip: string;
  readonly form: Form;
  readonly meter: Meter;
  /** Absent for short answers. */
  readonly carrier?: Carrier;
}

/** What one connection has brought since somebody looked. */
export interface Brought {
  readonly watching: Watching;
  /** Bytes of its socket. */
  readonly bytes: number;
  /** Whether it has closed; nothing more is told of it. */
  readonly over: boolean;
}

interface Open {
  readonly watching: Watching;
  /** Whose own bytes these are. */
  owner: string | undefined;
  counted: number;
  taken: number;
}

/** The viewer of a token on a stream; undefined where there are no tokens. */
export const ownerOf = (payer: Payer, path: string): string | undefined =>
  payer.viewer === undefined ? undefined : `token ${payer.app} ${payer.viewer} ${path}`;
/** A viewer by the key of its join token. */
export const ownerByKey = (keyHex: string, path: string): string => `key ${keyHex} ${path}`;
/** Whoever asks for single pieces says nothing of itself but its address. */
export const ownerByAddress = (ip: string, path: string): string => `address ${ip} ${path}`;

const OWNERS_MAX = 200_000;

/** See above. */
export class Watchers {
  readonly #open = new Map<Meter, Open>();
  readonly #byOwner = new Map<string, Set<Open>>();
  /** Bytes the origin has sent each owner. */
  readonly #sent = new Map<string, number>();

  /** Somebody is sent something. */
  add(watching: Watching): void {
    const { payer, path, ip, form } = watching;
    const owner = ownerOf(payer, path) ?? (form === 'piece' ? ownerByAddress(ip, path) : undefined);
    const open = { watching, owner: undefined, counted: 0, taken: 0 };
    this.#open.set(watching.meter, open);
    if (owner !== undefined) this.#give(open, owner);
  }

  /** A connection turns out to belong to a viewer; what it has had so far, it had before it was counted. */
  own(meter: Meter, owner: string): void {
    const open = this.#open.get(meter);
    if (open === undefined || open.owner !== undefined) return;
    open.taken = takenOf(open.watching);
    this.#give(open, owner);
  }

  /** Bytes the origin has sent an owner up to now. */
  sentTo(owner: string): number {
    for (const open of this.#byOwner.get(owner) ?? []) this.#take(open);
    return this.#sent.get(owner) ?? 0;
  }

  /** What is new; connections that have closed are forgotten. */
  *collect(): Generator<Brought> {
    for (const [meter, open] of this.#open) {
      const { bytes, isOpen } = meter;
      this.#take(open);
      if (!isOpen) this.#forget(meter, open);
      yield { watching: open.watching, bytes: bytes - open.counted, over: !isOpen };
      open.counted = bytes;
    }
  }

  #give(open: Open, owner: string): void {
    open.owner = owner;
    const all = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.set(owner, all.add(open));
  }

  #forget(meter: Meter, open: Open): void {
    this.#open.delete(meter);
    const all = this.#byOwner.get(open.owner ?? '');
    all?.delete(open);
    if (all?.size === 0) this.#byOwner.delete(open.owner ?? '');
  }

  #take(open: Open): void {
    const taken = takenOf(open.watching);
    if (open.owner !== undefined && taken > open.taken) {
      const sum = (this.#sent.get(open.owner) ?? 0) + taken - open.taken;
      this.#sent.delete(open.owner);
      this.#sent.set(open.owner, sum);
      const oldest = this.#sent.keys().next().value;
      if (this.#sent.size > OWNERS_MAX && oldest !== undefined) this.#sent.delete(oldest);
    }
    open.taken = Math.max(open.taken, taken);
  }
}

const takenOf = ({ carrier, meter }: Watching): number => carrier?.takenBytes ?? meter.bytes;
