/**
 * Asks the witness who vouches for a segment: once for each, and not again for a while where it does not answer.
 */

import { readWitnessAnswer, type SignedSeals } from '../wire/hls-seal.ts';
import { parseJson } from '../wire/json.ts';
import type { FetchPort } from './ports.ts';

/** What a witness says: the seal, that it has none, or nothing. */
export type Testimony = SignedSeals | 'refused' | 'silent';

const utf8 = new TextDecoder();

export class Witness {
  readonly #address: string;
  readonly #fetch: FetchPort;
  readonly #asked = new Map<string, ((testimony: Testimony) => void)[]>();
  readonly #open = new Set<() => void>();
  /** Bytes of its answers. */
  bytes = 0;

  /** @param address where it answers; `?segment=<name>` is added. */
  constructor(address: string, fetch: FetchPort) {
    this.#address = address;
    this.#fetch = fetch;
  }

  ask(name: string, answer: (testimony: Testimony) => void): void {
    const waiting = this.#asked.get(name);
    if (waiting !== undefined) {
      waiting.push(answer);
      return;
    }
    this.#asked.set(name, [answer]);
    const address = `${this.#address}${this.#address.includes('?') ? '&' : '?'}segment=${encodeURIComponent(name)}`;
    const breakOff = this.#fetch(address, undefined, (fetched) => {
      this.#open.delete(breakOff);
      const testimony = fetched.kind === 'bytes' ? this.#read(fetched.bytes) : isRefusal(fetched.status);
      const answers = this.#asked.get(name) ?? [];
      this.#asked.delete(name);
      for (const each of answers) each(testimony);
    });
    this.#open.add(breakOff);
  }

  close(): void {
    for (const breakOff of this.#open) breakOff();
    this.#open.clear();
    this.#asked.clear();
  }

  #read(bytes: Uint8Array): Testimony {
    this.bytes += bytes.length;
    const answer = readWitnessAnswer(parseJson(utf8.decode(bytes)));
    return 'kind' in answer ? 'refused' : answer;
  }
}

const isRefusal = (status: number): 'refused' | 'silent' => (status >= 400 && status < 500 ? 'refused' : 'silent');
