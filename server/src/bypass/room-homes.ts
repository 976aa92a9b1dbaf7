// Which process of a cluster holds a room: whoever lets the first user in, until its last one has left. A room at two
// processes would be two rooms whose users never see each other.

import type { Clock, Timer } from '../clock.ts';
import { publishRoomKey } from '../cluster/names.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import type { Log } from '../log.ts';

/** A room of a customer. */
export interface RoomName {
  readonly bizid: number;
  readonly room: string;
}

/** What it works with. */
export interface RoomHomesParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  readonly log: Log;
  /** The name of this process among the others. */
  readonly node: string;
  /** Rooms with users here. */
  occupied(): Iterable<RoomName>;
}

/** A process that is gone holds its rooms for so long. */
const LIFE_MS = 15_000;
const KEEP_MS = 5_000;

/** See above. */
export class RoomHomes {
  readonly #parts: RoomHomesParts;
  readonly #held = new Map<string, RoomName>();
  #timer: Timer;

  constructor(parts: RoomHomesParts) {
    this.#parts = parts;
    this.#timer = this.#arm();
  }

  /** Whether a room is or now becomes ours. While the store is away every process is on its own. */
  async claim(room: RoomName): Promise<boolean> {
    const { store, node } = this.#parts;
    const key = publishRoomKey(room.bizid, room.room);
    try {
      const holder = await store.take(key, node, LIFE_MS);
      if (holder === node) this.#held.set(key, room);
      return holder === node;
    } catch (error) {
      this.#parts.log.write('warn', 'room-home-unknown', { bizid: room.bizid, why: String(error) });
      return true;
    }
  }

  /** Lets go of all rooms. */
  async close(): Promise<void> {
    this.#timer.cancel();
    await Promise.all([...this.#held.keys()].map((key) => this.#drop(key)));
  }

  #arm(): Timer {
    return this.#parts.clock.after(KEEP_MS, () => {
      this.#keep();
      this.#timer = this.#arm();
    });
  }

  #keep(): void {
    const occupied = new Map([...this.#parts.occupied()].map((each) => [publishRoomKey(each.bizid, each.room), each]));
    for (const room of occupied.values()) void this.claim(room);
    for (const key of this.#held.keys()) if (!occupied.has(key)) void this.#drop(key);
  }

  async #drop(key: string): Promise<void> {
    this.#held.delete(key);
    try {
      await this.#parts.store.drop(key, this.#parts.node);
    } catch (error) {
      // It runs out by itself.
      this.#parts.log.write('info', 'room-home-kept', { why: String(error) });
    }
  }
}
