/**
 * What waits to be sent, in groups that can be decoded by themselves. When the line cannot keep up, whole groups go that
 * have not begun to leave, never a frame out of the middle of one.
 */

/** A tag on its way. */
export interface QueuedTag {
  readonly ms: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Reading can begin here. */
  readonly startsGroup: boolean;
  /** Codec configurations have changed: a prelude goes before it. */
  readonly renews: boolean;
}

/** What was dropped. */
export interface Dropped {
  readonly groups: number;
  readonly tags: number;
}

/** See above. */
export class GroupQueue {
  #groups: QueuedTag[][] = [];
  /** Whether tags of the first group have left. */
  #begun = false;
  /** Whether tags that do not start a group have one to belong to. */
  #joinable = false;
  /** A configuration changed in a group that was dropped. */
  #renewalOwed = false;
  #bytes = 0;
  #lastMs = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Time of the tag that is next. */
  get nextMs(): number | undefined {
    return this.#groups.find((group) => group.length > 0)?.[0]?.ms;
  }

  /** From the oldest waiting tag to the newest that ever came, ms. */
  get spanMs(): number {
    return this.#lastMs - (this.nextMs ?? this.#lastMs);
  }

  /** False for a tag whose group is gone. */
  push(tag: QueuedTag): boolean {
    this.#lastMs = tag.ms;
    const last = this.#groups.at(-1);
    if (tag.startsGroup) {
      this.#groups.push([this.#renewalOwed ? { ...tag, renews: true } : tag]);
      this.#renewalOwed = false;
      this.#joinable = true;
    } else if (this.#joinable && last !== undefined) {
      last.push(tag);
    } else {
      return false;
    }
    this.#bytes += tag.bytes.length;
    return true;
  }

  /** The next tag to send. */
  take(): QueuedTag | undefined {
    // The last group stays when it is empty, since more of it may come.
    while (this.#groups.length > 1 && this.#groups[0]?.length === 0) {
      this.#groups.shift();
      this.#begun = false;
    }
    const tag = this.#groups[0]?.shift();
    if (tag === undefined) return undefined;
    this.#bytes -= tag.bytes.length;
    this.#begun = true;
    return tag;
  }

  /** Drops every group that has not begun to leave; what follows joins with the next group. */
  drop(): Dropped {
    const gone = this.#groups.splice(this.#begun ? 1 : 0);
    const tags = gone.flat();
    for (const tag of tags) this.#bytes -= tag.bytes.length;
    this.#renewalOwed ||= tags.some(({ renews }) => renews);
    if (gone.length > 0) this.#joinable = false;
    return { groups: gone.length, tags: tags.length };
  }

  /** A new connection: the rest of a group that left on the old one is of no use. */
  restart(): Dropped {
    const stale = this.#begun ? this.#groups.shift() : undefined;
    this.#begun = false;
    for (const tag of stale ?? []) this.#bytes -= tag.bytes.length;
    if (this.#groups.length === 0) this.#joinable = false;
    return { groups: 0, tags: stale?.length ?? 0 };
  }
}
