// What other processes of a cluster send to viewers that are seated here. Where every request about a stream reaches one
// process there is nothing to tell; where a viewer's pieces and its tracker are at two, the first tells the second.

import { asRecord, asText, asWhole, parseJson } from '../../../src/wire/json.ts';
import type { Clock, Timer } from '../clock.ts';
import { accountsChannel } from '../cluster/names.ts';
import type { SharedStore } from '../cluster/shared-store.ts';

/** What this works with. */
export interface ElsewhereParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** Names this process. */
  readonly node: string;
  /** Bytes this process has sent an owner. */
  sentTo(owner: string): number;
  /** Owners seated here. */
  readonly seated: ReadonlyMap<string, unknown>;
}

interface Told {
  readonly first: number;
  bytes: number;
  at: number;
}

type Word = { readonly node: string; readonly owner: string } & (
  | { readonly kind: 'seek' }
  | { readonly kind: 'sent'; readonly bytes: number }
);

const TELL_MS = 4000;
/** Who is not asked about again for so long is not told of any more. */
const ASKED_FOR_MS = 20_000;
/** A process that says nothing for so long is gone; what it had sent stays. */
const SILENT_MS = 15_000;
const OWNER_CHARS_MAX = 500;

/** See above. */
export class Elsewhere {
  readonly #parts: ElsewhereParts;
  /** Owners other processes ask about, and until when. */
  readonly #asked = new Map<string, number>();
  /** Per owner seated here, per process: what it has told. */
  readonly #told = new Map<string, Map<string, Told>>();
  #timer: Timer | undefined;
  #deaf: () => void = () => undefined;
  readonly #unwatch: () => void;

  constructor(parts: ElsewhereParts) {
    this.#parts = parts;
    parts.store
      .listen(accountsChannel(), (text) => this.#hear(text))
      .then(
        (deaf) => {
          this.#deaf = deaf;
        },
        // A store that is away is listened to as soon as it is back.
        () => undefined,
      );
    // What others began to send while nobody could be told.
    this.#unwatch = parts.store.watch((state) => {
      if (state === 'ready') for (const owner of parts.seated.keys()) this.#ask(owner);
    });
    this.#arm();
  }

  /** A viewer has been seated: who else sends it something? */
  seek(owner: string): void {
    this.#told.delete(owner);
    this.#ask(owner);
  }

  /** Something is sent to a viewer that is not seated here; where it is, that counts. */
  announce(owner: string): void {
    if (!this.#parts.seated.has(owner)) this.#tell(owner);
  }

  /** Bytes others have sent an owner since it was seated. */
  sentTo(owner: string): number {
    let sum = 0;
    for (const { bytes, first } of this.#told.get(owner)?.values() ?? []) sum += bytes - first;
    return sum;
  }

  /** Whether all who send an owner something have said how much since a time: only then may it be credited. */
  isFresh(owner: string, since: number): boolean {
    if (this.#parts.store.state === 'lost') return false;
    const now = this.#parts.clock.now();
    return [...(this.#told.get(owner)?.values() ?? [])].every(({ at }) => at > since || now - at > SILENT_MS);
  }

  forget(owner: string): void {
    this.#told.delete(owner);
  }

  close(): void {
    this.#timer?.cancel();
    this.#unwatch();
    this.#deaf();
  }

  #arm(): void {
    this.#timer = this.#parts.clock.after(TELL_MS, () => {
      const now = this.#parts.clock.now();
      for (const [owner, until] of this.#asked) {
        if (until > now) this.#tell(owner);
        else this.#asked.delete(owner);
      }
      for (const owner of this.#told.keys()) this.#ask(owner);
      this.#arm();
    });
  }

  #hear(text: string): void {
    const word = readWord(text);
    if (word === undefined || word.node === this.#parts.node) return;
    const { owner, node } = word;
    const now = this.#parts.clock.now();
    if (word.kind === 'seek') {
      if (this.#parts.sentTo(owner) === 0 && !this.#asked.has(owner)) return;
      this.#asked.set(owner, now + ASKED_FOR_MS);
      return this.#tell(owner);
    }
    if (!this.#parts.seated.has(owner)) return;
    const nodes = this.#told.get(owner) ?? new Map<string, Told>();
    this.#told.set(owner, nodes);
    const known = nodes.get(node);
    if (known === undefined) nodes.set(node, { first: word.bytes, bytes: word.bytes, at: now });
    else Object.assign(known, { bytes: Math.max(known.bytes, word.bytes), at: now });
  }

  #ask(owner: string): void {
    this.#say({ kind: 'seek', node: this.#parts.node, owner });
  }

  #tell(owner: string): void {
    this.#say({ kind: 'sent', node: this.#parts.node, owner, bytes: this.#parts.sentTo(owner) });
  }

  #say(word: Word): void {
    // Without the store nobody can be told; whoever is not told credits nothing, or knows of nothing.
    this.#parts.store.publish(accountsChannel(), JSON.stringify(word)).catch(() => undefined);
  }
}

const readWord = (text: string): Word | undefined => {
  const fields = asRecord(parseJson(text));
  const node = asText(fields?.node, 100);
  const owner = asText(fields?.owner, OWNER_CHARS_MAX);
  if (node === undefined || owner === undefined) return undefined;
  if (fields?.kind === 'seek') return { kind: 'seek', node, owner };
  const bytes = asWhole(fields?.bytes, 0, Number.MAX_SAFE_INTEGER);
  return fields?.kind === 'sent' && bytes !== undefined ? { kind: 'sent', node, owner, bytes } : undefined;
};
