// One viewer while it is connected to the tracker: whose it is, what it is asked to show, and what it is credited with.

import { toHex } from '../../../src/wire/bytes.ts';
import type { TrackerAnswer, TrackerRequest } from '../../../src/wire/tracker.ts';
import type { Payer } from './app-gate.ts';
import { type Challenge, type ChallengeParts, countHeld, makeChallenge } from './challenges.ts';
import { Credit } from './credit.ts';
import type { CutCounter } from './cut-counter.ts';
import type { Elsewhere } from './elsewhere.ts';
import { checkReceipts, type ReceiptCheckParts } from './receipt-check.ts';
import { ownerByAddress, ownerByKey, ownerOf, type Watchers } from './watchers.ts';

/** A viewer that has joined. */
export interface Joined {
  readonly payer: Payer;
  readonly path: string;
  readonly ip: string;
  readonly stream: Uint8Array;
  readonly viewerKey: Uint8Array;
  /** Whether it can show what it holds. */
  readonly shows: boolean;
  say(answer: Extract<TrackerAnswer, { readonly kind: 'prove' }>): void;
}

/** What presences work with. */
export interface PresenceParts extends ChallengeParts, ReceiptCheckParts {
  readonly watchers: Watchers;
  /** What other processes send; absent where there are none. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** What is new of a presence. */
export interface Progress {
  readonly neighbourBytes: number;
  readonly claimedBytes: number;
  readonly plainBytes: number;
}

/** As whom a viewer is credited. */
export const ownerOfJoined = ({ payer, path, viewerKey }: Joined): string =>
  ownerOf(payer, path) ?? ownerByKey(toHex(viewerKey), path);

/** Between two challenges, ms; at a time that is not foreseen. */
const PAUSE_MIN_MS = 3000;
const PAUSE_MAX_MS = 6000;
const ANSWER_WITHIN_MS = 5000;
/** A challenge says something about what was cut so long before, ms: not yet settled, and not any more kept. */
const SETTLED_MS = 3000;
const SHOWN_MS = 10_000;
/** Hand-ins are looked at this often at most, ms: their signatures cost time. */
const HAND_IN_MS = 4000;

/** See above. */
export class Presence {
  readonly joined: Joined;
  /** What it is credited as: one viewer of a token on a stream, however often it connects. */
  readonly owner: string;
  readonly credit: Credit;
  readonly #parts: PresenceParts;
  readonly #since: number;
  readonly #addressOwner: string;
  readonly #sentBefore: number;
  #counter: CutCounter | undefined;
  #plainSeen = 0;
  #claimedSeen = 0;
  #sequence = 0;
  #handInAt = Number.NEGATIVE_INFINITY;
  #challenge: Challenge | undefined;
  #nextAt: number;
  #earnedAt = Number.NEGATIVE_INFINITY;

  /** @param claimed what earlier connections of the same viewer claimed, by neighbour: it counts once. */
  constructor(parts: PresenceParts, joined: Joined, now: number, claimed: ReadonlyMap<string, number>) {
    this.#parts = parts;
    this.joined = joined;
    this.owner = ownerOfJoined(joined);
    this.#addressOwner = ownerByAddress(joined.ip, joined.path);
    this.#since = now;
    this.#nextAt = now + PAUSE_MIN_MS;
    this.#sentBefore = this.#sent();
    this.credit = new Credit(claimed);
  }

  /** Where what it watches is counted. */
  follow(counter: CutCounter | undefined): void {
    if (counter === this.#counter) return;
    this.#counter = counter;
    this.#plainSeen = counter?.plainBytes ?? 0;
    this.#challenge = undefined;
    this.credit.restart(counter?.linkBytes ?? 0);
  }

  /** It says something for the accounts. */
  hear(now: number, request: Extract<TrackerRequest, { readonly kind: 'receipts' | 'proofs' }>): void {
    if (request.kind === 'proofs') return this.#decide(now, request);
    if (now - this.#handInAt < HAND_IN_MS) return;
    this.#handInAt = now;
    const { viewerKey: key, stream } = this.joined;
    const checked = checkReceipts(this.#parts, { key, stream, sequence: this.#sequence }, request);
    if (checked === undefined) return;
    this.#sequence = checked.sequence;
    for (const { neighbour, bytes } of checked.links) this.credit.claim(neighbour, bytes);
  }

  /** What is new since the last time; asks for a proof when one is due. */
  progress(now: number): Progress {
    this.#challengeInTime(now);
    const { claimed } = this.credit.state;
    const plain = this.#counter?.plainBytes ?? this.#plainSeen;
    const news = {
      neighbourBytes: this.#earn(now),
      claimedBytes: claimed - this.#claimedSeen,
      plainBytes: plain - this.#plainSeen,
    };
    this.#claimedSeen = claimed;
    this.#plainSeen = plain;
    return news;
  }

  /** What others send is known as of when they said it: so credit waits for that. */
  #earn(now: number): number {
    const { elsewhere } = this.#parts;
    if (elsewhere?.isFresh(this.owner, this.#earnedAt) === false) return 0;
    this.#earnedAt = now;
    return this.credit.earn(this.#sent() - this.#sentBefore);
  }

  #challengeInTime(now: number): void {
    if (this.#challenge !== undefined && now - this.#challenge.askedAt > ANSWER_WITHIN_MS) this.#decide(now, undefined);
    if (!this.joined.shows || this.#challenge !== undefined || now < this.#nextAt) return;
    const askable = this.#counter?.askable;
    if (askable === undefined) return;
    const viewer = { key: this.joined.viewerKey, since: this.#since, now };
    this.#challenge = makeChallenge(this.#parts, askable, viewer);
    this.#nextAt = now + PAUSE_MIN_MS + this.#parts.random() * (PAUSE_MAX_MS - PAUSE_MIN_MS);
    if (this.#challenge !== undefined) this.joined.say(this.#challenge.ask);
  }

  #decide(now: number, answer: Extract<TrackerRequest, { readonly kind: 'proofs' }> | undefined): void {
    const challenge = this.#challenge;
    const counter = this.#counter;
    // What nobody asked for, and what comes too late, says nothing.
    if (challenge === undefined || counter === undefined) return;
    this.#challenge = undefined;
    const inTime = now - challenge.askedAt <= ANSWER_WITHIN_MS;
    const held = answer === undefined || !inTime ? 0 : countHeld(challenge, answer);
    const span = counter.spanOf(challenge.askedAt - SHOWN_MS, challenge.askedAt - SETTLED_MS);
    this.credit.decide(span, held, challenge.proofs.length);
  }

  #sent(): number {
    const { elsewhere, watchers } = this.#parts;
    const here = watchers.sentTo(this.owner) + watchers.sentTo(this.#addressOwner);
    return here + (elsewhere?.sentTo(this.owner) ?? 0);
  }
}
