/**
 * Links in memory: two lanes between two viewers with delay and loss, where every message is copied, as a real channel
 * does. Each end has a certificate fingerprint of its own. What an end sends can be tampered with, and everything that
 * leaves an honest end can be watched.
 */
import type { Random } from '../../../wasm/testing/random.ts';
import type { DialOptions, Fingerprints, Lane, LinkEvents, LinkPort } from '../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How links behave. */
export interface MemoryLinkOptions {
  readonly delayMs: number;
  /** Share of the messages on the pieces lane that are lost, 0..1. */
  readonly loss: number;
}

/** One message on its way. */
export interface Message {
  readonly lane: Lane;
  readonly bytes: Uint8Array;
}

/** What a crooked viewer does with its own messages: what really goes out in their place. */
export type Tamper = (message: Message) => readonly Message[];

/** What is known about a viewer's end of its links. */
export interface Party {
  readonly name: string;
  readonly tamper: Tamper | undefined;
  /** Its transport's certificate is not the one it is told of: somebody sits in the middle. */
  readonly intercepted: boolean;
}

interface End {
  readonly party: Party;
  readonly port: MemoryLinkPort;
  readonly link: number;
  readonly fingerprint: Uint8Array;
  other: End | undefined;
  state: 'dialling' | 'open' | 'closed';
  /** The control lane never overtakes itself. */
  controlAt: number;
}

/** Sees each message an end hands over, before loss. */
export type Watcher = (from: Party, to: Party, message: Message) => void;

export class MemoryLinks {
  readonly time: VirtualTime;
  readonly dice: Random;
  options: MemoryLinkOptions;
  readonly watchers: Watcher[] = [];
  readonly #offers = new Map<string, End>();

  constructor(time: VirtualTime, dice: Random, options: MemoryLinkOptions) {
    this.time = time;
    this.dice = dice;
    this.options = options;
  }

  /** The port of one viewer. */
  port(events: LinkEvents, party: Party): MemoryLinkPort {
    return new MemoryLinkPort(this, events, party);
  }

  /** Keeps an end that waits for its other side; the text finds it again. */
  offer(end: End): string {
    const text = `offer ${this.#offers.size}`;
    this.#offers.set(text, end);
    return text;
  }

  offered(text: string): End | undefined {
    return this.#offers.get(text);
  }
}

/** One viewer's links. */
export class MemoryLinkPort implements LinkPort {
  readonly #world: MemoryLinks;
  readonly #events: LinkEvents;
  readonly #party: Party;
  readonly #ends = new Map<number, End>();

  constructor(world: MemoryLinks, events: LinkEvents, party: Party) {
    this.#world = world;
    this.#events = events;
    this.#party = party;
  }

  /** Links that are open. */
  get open(): readonly number[] {
    return [...this.#ends.values()].filter((end) => end.state === 'open').map((end) => end.link);
  }

  dial(link: number, options: DialOptions): void {
    const fingerprint = Uint8Array.from({ length: 32 }, () => this.#world.dice.below(256));
    const end: End = {
      party: this.#party,
      port: this,
      link,
      fingerprint,
      other: undefined,
      state: 'dialling',
      controlAt: 0,
    };
    this.#ends.set(link, end);
    if (options.initiator)
      this.#later(5, () => end.state === 'dialling' && this.#events.signal(link, this.#world.offer(end)));
  }

  signal(link: number, data: string): void {
    const end = this.#ends.get(link);
    if (end === undefined || end.state !== 'dialling') return;
    const other = this.#world.offered(data);
    if (other === undefined) return;
    end.other = other;
    if (other.other === undefined) {
      this.#later(5, () => end.state === 'dialling' && this.#events.signal(link, this.#world.offer(end)));
      other.other = end;
      return;
    }
    this.#later(2 * this.#world.options.delayMs, () => {
      if (end.state !== 'dialling' || other.state !== 'dialling') return;
      end.state = 'open';
      other.state = 'open';
      other.port.#opened(other);
      this.#opened(end);
    });
  }

  send(link: number, lane: Lane, bytes: Uint8Array<ArrayBuffer>): boolean {
    const end = this.#ends.get(link);
    if (end === undefined || end.state !== 'open') return false;
    const { tamper } = this.#party;
    const messages = tamper === undefined ? [{ lane, bytes }] : tamper({ lane, bytes });
    for (const message of messages) this.#carry(end, message);
    return true;
  }

  /** Sends something a viewer would not, on every open link. */
  inject(message: Message): void {
    for (const end of this.#ends.values()) if (end.state === 'open') this.#carry(end, message);
  }

  backlog(): number {
    return 0;
  }

  hangUp(link: number): void {
    const end = this.#ends.get(link);
    if (end === undefined) return;
    this.#close(end);
  }

  /** The viewer's process is gone: the other sides notice later. */
  vanish(noticedAfterMs: number): void {
    for (const end of this.#ends.values()) {
      const { other } = end;
      end.state = 'closed';
      if (other !== undefined) this.#later(noticedAfterMs, () => other.port.#lost(other));
    }
  }

  #carry(end: End, message: Message): void {
    const { other } = end;
    if (other === undefined) return;
    for (const watcher of this.#world.watchers) watcher(end.party, other.party, message);
    const { delayMs, loss } = this.#world.options;
    if (message.lane === 'pieces' && this.#world.dice.fraction() < loss) return;
    const copy = Uint8Array.from(message.bytes);
    const jitter = message.lane === 'pieces' ? this.#world.dice.fraction() * 0.2 * delayMs : 0;
    let at = this.#world.time.now + delayMs + jitter;
    if (message.lane === 'control') {
      at = Math.max(at, end.controlAt);
      end.controlAt = at;
    }
    this.#world.time.at(at, () => {
      if (other.state === 'open') other.port.#events.message(other.link, message.lane, copy);
    });
  }

  #opened(end: End): void {
    const { other } = end;
    if (other === undefined) return;
    const theirs = other.party.intercepted ? Uint8Array.from(other.fingerprint, (byte) => byte ^ 1) : other.fingerprint;
    const fingerprints: Fingerprints = { own: end.fingerprint, theirs };
    this.#events.opened(end.link, fingerprints);
  }

  #close(end: End): void {
    const { other } = end;
    this.#ends.delete(end.link);
    end.state = 'closed';
    if (other !== undefined) this.#later(this.#world.options.delayMs, () => other.port.#lost(other));
  }

  #lost(end: End): void {
    if (end.state === 'closed') return;
    end.state = 'closed';
    this.#ends.delete(end.link);
    this.#events.closed(end.link, 'link/failed');
  }

  #later(ms: number, run: () => void): void {
    this.#world.time.after(ms, run);
  }
}
