// Makes the trackers of all processes one: tells the others who comes and goes here, tells our tracker who comes and
// goes there, and takes signals across. Whom a viewer meets is decided here without asking anybody; the store hears of a
// viewer when it comes and when it goes. While the store is away the viewers of each process are on their own; links
// between them stay.

import type { VisitorEntry } from '../../../src/core/tracker/attendee.ts';
import type { CarriedSignal, ClusterInput, ClusterOutput } from '../../../src/core/tracker/guests.ts';
import type { ViewerName } from '../../../src/wire/tracker.ts';
import type { Clock, Timer } from '../clock.ts';
import {
  encodeCluster,
  type Mail,
  ROOM_MESSAGE_ENTRIES_MAX,
  readEntry,
  readMail,
  readRoomMessage,
} from './cluster-messages.ts';
import { mailChannel, roomName } from './names.ts';
import { Nodes } from './nodes.ts';
import type { SharedStore } from './shared-store.ts';

/** What it works with. */
export interface RoomExchangeParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** The name of this process among the others. */
  readonly node: string;
  /** Tells our tracker. */
  tell(input: ClusterInput): void;
}

/** A room with viewers of ours. */
interface OwnRoom {
  readonly entries: Map<ViewerName, VisitorEntry>;
  readonly came: Set<ViewerName>;
  readonly left: Set<ViewerName>;
  /** Who left while the room was being read; undefined when it is not. */
  leftMeanwhile: Set<ViewerName> | undefined;
  stop: () => void;
}

/** Comings and goings of a crowd are told together. */
const GATHER_MS = 20;
/** A room nobody keeps alive is forgotten by the store. */
const ROOM_LIFE_MS = 60_000;
const KEEP_MS = 20_000;

/** See above. */
export class RoomExchange {
  readonly #parts: RoomExchangeParts;
  readonly #nodes: Nodes;
  readonly #rooms = new Map<string, OwnRoom>();
  #gathering: Timer | undefined;
  #keeping: Timer | undefined;
  #unwatch: () => void = () => undefined;

  constructor(parts: RoomExchangeParts) {
    this.#parts = parts;
    this.#nodes = new Nodes({ ...parts, gone: (node) => this.#lost(node) });
  }

  /** The other processes. */
  get others(): readonly string[] {
    return this.#nodes.others;
  }

  /** A process has been heard of elsewhere. */
  heard(node: string): void {
    if (!this.#nodes.others.includes(node)) this.#nodes.heard(node);
  }

  async start(): Promise<void> {
    const { store, node } = this.#parts;
    this.#unwatch = store.watch((state) => (state === 'ready' ? this.#heal() : this.#part()));
    this.#keep();
    await store.listen(mailChannel(node), (text) => this.#open(readMail(text))).catch(() => undefined);
    await this.#nodes.start();
  }

  /** What our tracker has to say. */
  take(output: ClusterOutput): void {
    switch (output.kind) {
      case 'room-opened':
        return this.#enter(output.path);
      case 'room-closed':
        return this.#leave(output.path);
      case 'came': {
        const { viewer } = output.entry;
        const room = this.#rooms.get(output.path);
        room?.entries.set(viewer, { ...output.entry, node: this.#parts.node });
        room?.came.add(viewer);
        return this.#gather();
      }
      case 'left': {
        const room = this.#rooms.get(output.path);
        room?.entries.delete(output.viewer);
        room?.came.delete(output.viewer);
        room?.left.add(output.viewer);
        return this.#gather();
      }
      case 'carry':
        void this.#carry(output.node, output.signal);
        return;
      case 'carry-back':
        return this.#post(output.node, { kind: 'back', signal: output.signal });
    }
  }

  /** Takes our viewers out of all rooms and says goodbye. */
  async close(): Promise<void> {
    this.#unwatch();
    this.#gathering?.cancel();
    this.#keeping?.cancel();
    const { store } = this.#parts;
    for (const [path, { entries, stop }] of this.#rooms) {
      stop();
      await store.dropFields(roomName(path), [...entries.keys()]).catch(() => undefined);
    }
    this.#rooms.clear();
    await this.#nodes.close();
  }

  #enter(path: string): void {
    const room: OwnRoom = {
      entries: new Map(),
      came: new Set(),
      left: new Set(),
      leftMeanwhile: undefined,
      stop: () => undefined,
    };
    this.#rooms.set(path, room);
    void this.#join(path, room);
  }

  async #join(path: string, room: OwnRoom): Promise<void> {
    const stop = await this.#parts.store
      .listen(roomName(path), (text) => this.#hear(path, room, text))
      // Heard from again when the store is back.
      .catch(() => () => undefined);
    if (this.#rooms.get(path) !== room) return stop();
    room.stop = stop;
    await this.#read(path, room);
  }

  /** Those who are there already. Who leaves while the answer is on its way is not believed to be there. */
  async #read(path: string, room: OwnRoom): Promise<void> {
    const left = new Set<ViewerName>();
    room.leftMeanwhile = left;
    const fields = await this.#parts.store.readFields(roomName(path)).catch(() => undefined);
    if (room.leftMeanwhile !== left) return;
    room.leftMeanwhile = undefined;
    const read = [...(fields?.values() ?? [])].map(readEntry);
    this.#welcome(
      path,
      read.filter((entry) => entry !== undefined).filter(({ viewer }) => !left.has(viewer)),
    );
  }

  #hear(path: string, room: OwnRoom, text: string): void {
    const message = readRoomMessage(text);
    if (message === undefined || message.node === this.#parts.node || this.#rooms.get(path) !== room) return;
    this.#nodes.heard(message.node);
    for (const viewer of message.left) room.leftMeanwhile?.add(viewer);
    if (message.left.length > 0) this.#parts.tell({ kind: 'visitors-left', path, viewers: message.left });
    this.#welcome(path, message.came);
  }

  #welcome(path: string, entries: readonly VisitorEntry[]): void {
    const visitors = entries.filter(({ node }) => node !== this.#parts.node);
    const known = new Set(this.#nodes.others);
    // One that only its viewers speak of is given its time to be heard of, too.
    for (const { node } of visitors) if (!known.has(node)) this.#nodes.heard(node);
    if (visitors.length > 0) this.#parts.tell({ kind: 'visitors-came', path, visitors });
  }

  #leave(path: string): void {
    const room = this.#rooms.get(path);
    if (room === undefined) return;
    this.#tellRoom(path, room);
    room.stop();
    this.#rooms.delete(path);
  }

  #gather(): void {
    this.#gathering ??= this.#parts.clock.after(GATHER_MS, () => {
      this.#gathering = undefined;
      for (const [path, room] of this.#rooms) this.#tellRoom(path, room);
    });
  }

  /** Writes first and speaks then: who hears of a leaving later than it reads has read what is true. */
  #tellRoom(path: string, room: OwnRoom): void {
    const came = [...room.came].map((viewer) => room.entries.get(viewer)).filter((entry) => entry !== undefined);
    const left = [...room.left];
    room.came.clear();
    room.left.clear();
    for (let at = 0; at < Math.max(came.length, left.length); at += ROOM_MESSAGE_ENTRIES_MAX) {
      const end = at + ROOM_MESSAGE_ENTRIES_MAX;
      // What the store does not get now it gets when it is back.
      void this.#tell(path, came.slice(at, end), left.slice(at, end)).catch(() => undefined);
    }
  }

  async #tell(path: string, came: readonly VisitorEntry[], left: readonly ViewerName[]): Promise<void> {
    const { store, node } = this.#parts;
    const fields = Object.fromEntries(came.map((entry) => [entry.viewer, encodeCluster(entry)]));
    await Promise.all([
      came.length > 0 ? store.putFields(roomName(path), fields, ROOM_LIFE_MS) : undefined,
      left.length > 0 ? store.dropFields(roomName(path), left) : undefined,
      store.publish(roomName(path), encodeCluster({ node, came, left })),
    ]);
  }

  #keep(): void {
    this.#keeping = this.#parts.clock.after(KEEP_MS, () => {
      this.#keep();
      const names = [...this.#rooms.keys()].map(roomName);
      this.#parts.store.prolong(names, ROOM_LIFE_MS).catch(() => undefined);
    });
  }

  async #carry(node: string, signal: CarriedSignal): Promise<void> {
    const mail = encodeCluster({ kind: 'signal', node: this.#parts.node, signal });
    const heard = await this.#parts.store.publish(mailChannel(node), mail).catch(() => 0);
    if (heard > 0) return;
    const { path, from, to } = signal;
    this.#parts.tell({ kind: 'undelivered', path, from, to });
    // Nobody listens there: the process is gone, and nobody else need try.
    if (this.#parts.store.state === 'ready') this.#nodes.lose(node);
  }

  #post(node: string, mail: Mail): void {
    this.#parts.store.publish(mailChannel(node), encodeCluster(mail)).catch(() => undefined);
  }

  #open(mail: Mail | undefined): void {
    if (mail?.kind === 'signal') this.#parts.tell({ kind: 'carried', node: mail.node, signal: mail.signal });
    if (mail?.kind === 'back') this.#parts.tell({ kind: 'undelivered', ...mail.signal });
  }

  /** A process is gone without a goodbye: its viewers are taken out of the rooms, by whoever notices. */
  #lost(node: string): void {
    this.#parts.tell({ kind: 'node-gone', node });
    for (const path of this.#rooms.keys()) void this.#sweep(path, node).catch(() => undefined);
  }

  async #sweep(path: string, node: string): Promise<void> {
    const { store } = this.#parts;
    const fields = await store.readFields(roomName(path));
    const stale = [...fields].filter(([, text]) => readEntry(text)?.node === node).map(([viewer]) => viewer);
    await store.dropFields(roomName(path), stale);
  }

  /** The store is away: nobody elsewhere can be reached by a signal. */
  #part(): void {
    this.#nodes.forget();
    this.#parts.tell({ kind: 'node-gone', node: undefined });
  }

  /** The store is back, perhaps empty: all of ours are told anew, and all others asked for. */
  #heal(): void {
    for (const [path, room] of this.#rooms) {
      for (const viewer of room.entries.keys()) room.came.add(viewer);
      this.#tellRoom(path, room);
      void this.#read(path, room);
    }
  }
}
