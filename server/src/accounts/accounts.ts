// The accounts of a server: what left it for whom, and what viewers brought each other. It listens at the doors and is in
// nobody's way: nothing here decides who may watch.

import { randomUUID } from 'node:crypto';
import type { TrackerRequest } from '../../../src/wire/tracker.ts';
import type { Clock, Timer } from '../clock.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import type { Meter } from '../origin/egress.ts';
import type { Stream } from '../origin/stream.ts';
import { hourOf } from './account-entry.ts';
import { CutCounter } from './cut-counter.ts';
import { Elsewhere } from './elsewhere.ts';
import type { Account, Ledger } from './ledger.ts';
import { type Joined, ownerOfJoined, Presence, type PresenceParts } from './presence.ts';
import { ownerByKey, ownerOf, type Watching } from './watchers.ts';

/** What the accounts work with. */
export interface AccountsParts extends Omit<PresenceParts, 'elsewhere'> {
  /** What processes of a cluster share; absent where there is one. */
  readonly shared?: SharedStore | undefined;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** A stream that runs. */
  running(path: string): Stream | undefined;
}

/** One viewer's place in the accounts, from joining to leaving. */
export interface Seat {
  hear(request: Extract<TrackerRequest, { readonly kind: 'receipts' | 'proofs' }>): void;
  leave(): void;
}

const TICK_MS = 1000;
/** Viewers that left are remembered, so that one who comes back is not counted as new. */
const REMEMBERED_MAX = 50_000;
/** What is watched without sharing, over one connection. */
const PLAIN = new Set(['plain', 'plain-ws', 'rtmp']);

interface Remembered {
  readonly claimed: ReadonlyMap<string, number>;
  /** The hour it was last counted as a viewer in. */
  readonly hour: number;
}

/** See above. */
export class Accounts {
  readonly #parts: AccountsParts;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #counters = new Map<string, CutCounter>();
  /** Who is credited, by owner: a viewer that connects twice is one viewer, where it is now. */
  readonly #seated = new Map<string, Presence>();
  readonly #remembered = new Map<string, Remembered>();
  /** Viewers that are there now. */
  readonly #present = new Map<string, { readonly account: Account; viewers: number }>();
  #timer: Timer | undefined;
  #lookedAt: number;
  #state: 'open' | 'closed' = 'open';

  constructor(parts: AccountsParts) {
    this.#parts = parts;
    this.#lookedAt = parts.clock.now();
    this.#elsewhere = parts.shared === undefined ? undefined : this.#listenTo(parts.shared);
    this.#arm();
  }

  /** Somebody is sent something. */
  watch(watching: Watching): void {
    this.#parts.watchers.add(watching);
    const owner = ownerOf(watching.payer, watching.path);
    if (owner !== undefined) this.#elsewhere?.announce(owner);
    if (!PLAIN.has(watching.form)) return;
    this.#parts.ledger.add(accountOf(watching), { viewers: 1 });
    this.#enter(accountOf(watching));
  }

  /** A connection shows whose it is. */
  own(meter: Meter, keyHex: string, path: string): void {
    const owner = ownerByKey(keyHex, path);
    this.#parts.watchers.own(meter, owner);
    this.#elsewhere?.announce(owner);
  }

  /** A viewer has joined the tracker. */
  join(joined: Joined): Seat {
    const now = this.#parts.clock.now();
    const owner = ownerOfJoined(joined);
    const before = this.#seated.get(owner);
    if (before !== undefined) this.#unseat(before);
    const parts = { ...this.#parts, elsewhere: this.#elsewhere };
    const seated = new Presence(parts, joined, now, this.#remembered.get(owner)?.claimed ?? new Map());
    this.#seated.set(owner, seated);
    this.#elsewhere?.seek(owner);
    this.#enter(accountOf(joined));
    seated.follow(this.#counterOf(joined.path));
    this.#countViewer(seated);
    return {
      hear: (request) => {
        if (this.#seated.get(owner) === seated) seated.hear(this.#parts.clock.now(), request);
      },
      leave: () => {
        if (this.#seated.get(owner) === seated) this.#unseat(seated);
      },
    };
  }

  /** Counts what is new; done by itself every second. */
  look(): void {
    const { clock, ledger, watchers } = this.#parts;
    const now = clock.now();
    const passedMs = now - this.#lookedAt;
    this.#lookedAt = now;
    for (const { watching, bytes, over } of watchers.collect()) {
      const isPlain = PLAIN.has(watching.form);
      const isWanted = isPlain || this.#isUnsharedHls(watching);
      ledger.add(accountOf(watching), { originBytes: bytes, wantedBytes: isWanted ? bytes : 0 });
      if (isPlain && over) this.#exit(accountOf(watching));
    }
    this.#keepCounters(now);
    for (const presence of this.#seated.values()) {
      presence.follow(this.#counterOf(presence.joined.path));
      this.#countViewer(presence);
      this.#settle(presence, now);
      ledger.add(accountOf(presence.joined), { viewerMs: passedMs });
    }
    for (const { account, viewers } of this.#present.values()) ledger.present(account, viewers);
  }

  /** Writes everything down and stops. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#timer?.cancel();
    this.look();
    this.#elsewhere?.close();
    for (const counter of this.#counters.values()) counter.stop();
    await this.#parts.ledger.flush();
  }

  /** A viewer with a token that reads HLS and is not at the tracker shares nothing: what it is sent is what it wants. */
  #isUnsharedHls({ form, payer, path }: Watching): boolean {
    const owner = form === 'hls' ? ownerOf(payer, path) : undefined;
    return owner !== undefined && !this.#seated.has(owner);
  }

  #listenTo(store: SharedStore): Elsewhere {
    const { clock, watchers } = this.#parts;
    const node = randomUUID();
    return new Elsewhere({
      store,
      clock,
      node,
      sentTo: (owner) => watchers.sentTo(owner),
      seated: this.#seated,
    });
  }

  #arm(): void {
    this.#timer = this.#parts.clock.after(TICK_MS, () => {
      this.look();
      void this.#parts.ledger.flush();
      this.#arm();
    });
  }

  #settle(presence: Presence, now: number): void {
    const { neighbourBytes, claimedBytes, plainBytes } = presence.progress(now);
    this.#parts.ledger.add(accountOf(presence.joined), { neighbourBytes, claimedBytes, wantedBytes: plainBytes });
  }

  #unseat(presence: Presence): void {
    this.#settle(presence, this.#parts.clock.now());
    this.#seated.delete(presence.owner);
    this.#elsewhere?.forget(presence.owner);
    this.#exit(accountOf(presence.joined));
    this.#remember(presence.owner, { claimed: presence.credit.links, hour: hourOf(this.#parts.clock.wall()) });
  }

  /** Once in each hour. */
  #countViewer({ owner, joined }: Presence): void {
    const hour = hourOf(this.#parts.clock.wall());
    const known = this.#remembered.get(owner);
    if (known?.hour === hour) return;
    this.#remember(owner, { claimed: known?.claimed ?? new Map(), hour });
    this.#parts.ledger.add(accountOf(joined), { viewers: 1 });
  }

  #remember(owner: string, remembered: Remembered): void {
    this.#remembered.delete(owner);
    this.#remembered.set(owner, remembered);
    const oldest = this.#remembered.keys().next().value;
    if (this.#remembered.size > REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
  }

  #enter(account: Account): void {
    const name = `${account.app} ${account.stream}`;
    const place = this.#present.get(name) ?? { account, viewers: 0 };
    place.viewers += 1;
    this.#present.set(name, place);
    this.#parts.ledger.present(account, place.viewers);
  }

  #exit(account: Account): void {
    const name = `${account.app} ${account.stream}`;
    const place = this.#present.get(name);
    if (place === undefined) return;
    place.viewers -= 1;
    if (place.viewers > 0) return;
    this.#present.delete(name);
    this.#parts.ledger.present(account, 0);
  }

  #counterOf(path: string): CutCounter | undefined {
    const known = this.#counters.get(path);
    if (known !== undefined || this.#state === 'closed') return known;
    const stream = this.#parts.running(path);
    if (stream === undefined || stream.viewers === 0) return undefined;
    const counter = new CutCounter(stream);
    counter.mark(this.#parts.clock.now());
    this.#counters.set(path, counter);
    return counter;
  }

  #keepCounters(now: number): void {
    const watched = new Set([...this.#seated.values()].map(({ joined }) => joined.path));
    for (const [path, counter] of this.#counters) {
      counter.mark(now);
      if (watched.has(path) && counter.isWatched) continue;
      counter.stop();
      this.#counters.delete(path);
    }
  }
}

const accountOf = ({ payer, path }: Pick<Watching, 'payer' | 'path'>): Account => ({ app: payer.app, stream: path });
