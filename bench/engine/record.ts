/**
 * Records a busy viewer: real viewers in a world of memory and virtual time, one of them in the middle of sixteen links,
 * fed by others and feeding as many as its cap allows, with everything its ports tell it written down.
 */
import type { LinkEvents, OriginEvents, TrackerEvents } from '../../src/viewer/ports.ts';
import { MemoryLinkPort } from '../../src/viewer/testing/memory-links.ts';
import { MemoryWorld } from '../../src/viewer/testing/memory-world.ts';
import { WALL_ZERO_MS } from '../../src/viewer/testing/virtual-time.ts';
import type { ByteCore } from '../../wasm/abi.ts';
import { packRecording, type Told } from './recording.ts';

/** How busy it is to be. */
export interface BusyViewer {
  readonly links: number;
  readonly substreams: number;
  readonly kbps: number;
  /** Its cap; what it sends settles a little below. */
  readonly uploadBytesPerSec: number;
  readonly settleMs: number;
  readonly windowMs: number;
}

/** Viewers besides it that may upload: somebody must feed it, or all its substreams come from the origin. */
const OTHER_GIVERS = 3;
const ZERO_MS = 1_000;
const SEED = 1_000;
const JOIN_EVERY_MS = 300;

/** Runs the world; what the viewer was told, packed. */
export const recordBusyViewer = (core: ByteCore, busy: BusyViewer): Uint8Array<ArrayBuffer> => {
  const seconds = Math.ceil((busy.settleMs + busy.windowMs) / 1_000) + 20;
  const world = new MemoryWorld(core, {
    substreams: busy.substreams,
    shape: { seconds, videoKbps: busy.kbps - 100, audioKbps: 100 },
  });
  world.tracker.introduces = busy.links + 1;
  const scribe = new Scribe(world, ZERO_MS);
  const { uploadBytesPerSec } = busy;
  const measured = scribe.during(() =>
    world.join({ playing: { deadlineMs: 1_000 }, policy: { uploadBytesPerSec, neighbours: busy.links } }),
  );
  for (let other = 1; other <= busy.links; other++) {
    world.run(JOIN_EVERY_MS);
    const mode = other <= OTHER_GIVERS ? 'on' : 'download-only';
    world.join({ playing: { deadlineMs: 1_000 }, policy: { mode, neighbours: busy.links } });
  }
  world.run(busy.settleMs);
  const windowFrom = world.time.now + ZERO_MS;
  const before = measured.viewer.stats().uploadedBytes;
  world.run(busy.windowMs);
  return packRecording(
    {
      told: scribe.told,
      dice: scribe.dice,
      originKey: [...world.origin.publicKey],
      seed: SEED,
      uploadBytesPerSec,
      wallLessNowMs: WALL_ZERO_MS - 30_000 - ZERO_MS,
      windowFrom,
      windowTo: world.time.now + ZERO_MS,
      sentBytes: measured.viewer.stats().uploadedBytes - before,
      links: measured.links?.open.length ?? 0,
    },
    scribe.parts,
  );
};

/** Stands between one viewer and its ports. */
class Scribe {
  readonly told: Told[] = [];
  readonly parts: Uint8Array[] = [];
  readonly dice: number[][] = [];
  readonly #world: MemoryWorld;
  readonly #zeroMs: number;

  constructor(world: MemoryWorld, zeroMs: number) {
    this.#world = world;
    this.#zeroMs = zeroMs;
  }

  /** Whoever joins meanwhile is written down for life. */
  during<T>(join: () => T): T {
    const { links, origin, tracker, time, dice } = this.#world;
    const before = { links: links.port, origin: origin.port, tracker: tracker.port, clock: time.clock };
    const below = dice.below.bind(dice);
    links.port = (events, party) => new MemoryLinkPort(links, this.#link(events), party);
    origin.port = (events, reach) => before.origin.call(origin, this.#origin(events), reach);
    tracker.port = (events, flaw) => before.tracker.call(tracker, this.#tracker(events), flaw);
    time.clock = (skew) => {
      const clock = before.clock.call(time, skew);
      const wakeAt = (at: number, wake: () => void): void =>
        clock.wakeAt(at, () => {
          this.#tell({ kind: 'wake', at: this.#now });
          wake();
        });
      return { ...clock, wakeAt };
    };
    const rolled: number[] = [];
    dice.below = (count) => {
      const value = below(count);
      rolled.push(value);
      return value;
    };
    this.#tell({ kind: 'start', at: this.#now });
    try {
      return join();
    } finally {
      this.dice.push(rolled);
      dice.below = below;
      links.port = before.links;
      origin.port = before.origin;
      tracker.port = before.tracker;
      time.clock = before.clock;
    }
  }

  #link(events: LinkEvents): LinkEvents {
    return {
      signal: (link, data) => {
        this.#tell({ kind: 'signal', at: this.#now, link, data });
        events.signal(link, data);
      },
      opened: (link, prints) => {
        this.#tell({ kind: 'link-opened', at: this.#now, link, own: [...prints.own], theirs: [...prints.theirs] });
        events.opened(link, prints);
      },
      message: (link, lane, bytes) => {
        this.#tell({ kind: 'message', at: this.#now, link, lane, bytes: bytes.length }, bytes);
        events.message(link, lane, bytes);
      },
      closed: (link, code) => {
        this.#tell({ kind: 'link-closed', at: this.#now, link });
        events.closed(link, code);
      },
    };
  }

  #origin(events: OriginEvents): OriginEvents {
    return {
      ...events,
      opened: () => {
        this.#tell({ kind: 'origin-opened', at: this.#now });
        events.opened();
      },
      frame: (bytes) => {
        this.#tell({ kind: 'origin-frame', at: this.#now, bytes: bytes.length }, bytes);
        events.frame(bytes);
      },
    };
  }

  #tracker(events: TrackerEvents): TrackerEvents {
    return {
      ...events,
      opened: () => {
        this.#tell({ kind: 'tracker-opened', at: this.#now });
        events.opened();
      },
      said: (text) => {
        this.#tell({ kind: 'tracker-said', at: this.#now, text });
        events.said(text);
      },
    };
  }

  get #now(): number {
    return this.#world.time.now + this.#zeroMs;
  }

  #tell(told: Told, bytes?: Uint8Array): void {
    this.told.push(told);
    if (bytes !== undefined) this.parts.push(bytes.slice());
  }
}
