// Gathers what is new until it is written down. What cannot be written down now is kept and tried again.

import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import {
  type AccountEntry,
  type AccountKey,
  type Amount,
  type Amounts,
  hourOf,
  type MinuteName,
  minuteOf,
  sumOf,
  textOfKey,
} from './account-entry.ts';
import type { AccountStore } from './account-store.ts';

/** Who watches what. */
export interface Account {
  readonly app: string;
  readonly stream: string;
}

interface Minute {
  readonly name: MinuteName;
  readonly hour: number;
  most: number;
}

const PENDING_MAX = 100_000;
const MINUTES_MAX = 1000;

/** See above. */
export class Ledger {
  readonly #store: AccountStore;
  readonly #clock: Clock;
  readonly #log: Log;
  #pending = new Map<string, { readonly key: AccountKey; amounts: Amounts }>();
  /** Per app and stream: the minute it is, and the most viewers in it so far. */
  readonly #minutes = new Map<string, Minute>();
  #writing: Promise<void> | undefined;

  constructor(store: AccountStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Adds to the present hour; amounts that are not above 0 say nothing. */
  add({ app, stream }: Account, amounts: Readonly<Partial<Record<Amount, number>>>): void {
    const whole = Object.entries(amounts).flatMap(([name, amount]) => {
      const rounded = Math.round(amount ?? 0);
      return rounded > 0 ? [[name, rounded] as const] : [];
    });
    if (whole.length > 0) this.#put({ app, stream, hour: hourOf(this.#clock.wall()) }, Object.fromEntries(whole));
  }

  /** So many viewers are there at once. */
  present({ app, stream }: Account, viewers: number): void {
    const wall = this.#clock.wall();
    const [name, hour, place] = [minuteOf(wall), hourOf(wall), `${app} ${stream}`];
    const known = this.#minutes.get(place);
    const minute = known?.name === name && known.hour === hour ? known : { name, hour, most: 0 };
    this.#minutes.set(place, minute);
    if (viewers > minute.most) this.#put({ app, stream, hour }, { [name]: viewers - minute.most });
    minute.most = Math.max(minute.most, viewers);
    if (this.#minutes.size > MINUTES_MAX) this.#forgetPast(name);
  }

  /** Writes down what is new; what fails stays for the next time. */
  async flush(): Promise<void> {
    if (this.#writing !== undefined) await this.#writing;
    if (this.#pending.size === 0) return;
    this.#writing = this.#write();
    await this.#writing;
    this.#writing = undefined;
  }

  async #write(): Promise<void> {
    const entries: readonly AccountEntry[] = [...this.#pending.values()];
    this.#pending = new Map();
    let written = 0;
    try {
      // One after the other, so that what was written is not written again.
      for (const entry of entries) {
        await this.#store.add([entry]);
        written += 1;
      }
    } catch (cause) {
      this.#log.write('warn', 'accounts-not-written', { entries: entries.length - written, cause: String(cause) });
      for (const { key, amounts } of entries.slice(written)) this.#put(key, amounts);
    }
  }

  /** Within its minute a place is remembered even when nobody is there: who comes back is not one more. */
  #forgetPast(present: MinuteName): void {
    for (const [place, { name }] of this.#minutes) if (name !== present) this.#minutes.delete(place);
  }

  #put(key: AccountKey, amounts: Amounts): void {
    const name = textOfKey(key);
    const kept = this.#pending.get(name);
    if (kept !== undefined) kept.amounts = sumOf(kept.amounts, amounts);
    else if (this.#pending.size < PENDING_MAX) this.#pending.set(name, { key, amounts });
  }
}
