// One live source and everybody who watches it: runs while somebody does, begins for each viewer at a keyframe, and lets a
// viewer that cannot keep up skip to a later one instead of falling behind for ever.

import type { ByteCore, FlvScanner, ScannedTag } from '../../wasm/abi.ts';
import type { Clock, Timer } from '../src/clock.ts';
import type { Source, StartSource } from '../src/sources/source.ts';

/** Who gets the bytes. */
export interface LiveViewer {
  /** Whole FLV tags; the first ones begin with a file header. */
  tags(flv: Uint8Array): void;
  /** The source is over, or broke off. */
  ended(why: 'ended' | 'failed'): void;
}

/** A group of pictures that is larger than this is not kept: newcomers wait for the next keyframe. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** A viewer may come back at once, for another quality or after a hiccup. */
const LINGER_MS = 3_000;
/** A source that broke off is started again after so long, later each time; after the last time its viewers are told. */
const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** FLV file header and the empty tag size before the first tag. */
const FILE_HEADER = Uint8Array.of(0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);

const SOUND_TAGS_MAX = 50;

type Standing = 'waiting' | 'watching';

/** See above. */
export class LiveFeed {
  readonly #core: ByteCore;
  readonly #clock: Clock;
  readonly #start: StartSource;
  readonly #viewers = new Map<LiveViewer, Standing>();
  #source: Source | undefined;
  #scanner: FlvScanner | undefined;
  #linger: Timer | undefined;
  #again: Timer | undefined;
  /** Starts in a row that gave no picture. */
  #failures = 0;
  /** Metadata and codec headers, the newest of each kind. */
  #headers = new Map<string, Uint8Array>();
  /** Tags since the newest keyframe; empty before the first one. */
  #group: Uint8Array[] = [];
  #groupBytes = 0;

  constructor(core: ByteCore, clock: Clock, start: StartSource) {
    this.#core = core;
    this.#clock = clock;
    this.#start = start;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Lets somebody watch; returns how they leave. */
  join(viewer: LiveViewer): () => void {
    this.#linger?.cancel();
    this.#viewers.set(viewer, 'waiting');
    if (this.#source === undefined && this.#again === undefined) this.#open();
    else if (this.#group.length > 0) this.#begin(viewer);
    return () => this.#leave(viewer);
  }

  /** A viewer that is behind goes on at the next keyframe. */
  skip(viewer: LiveViewer): void {
    if (this.#viewers.has(viewer)) this.#viewers.set(viewer, 'waiting');
  }

  close(): void {
    this.#linger?.cancel();
    this.#stop();
    this.#viewers.clear();
  }

  #open(): void {
    this.#scanner = this.#core.createScanner();
    this.#source = this.#start(
      {
        bytes: (chunk) => this.#take(chunk),
        ended: () => this.#over('ended'),
        failed: () => this.#broke(),
      },
      '',
    );
  }

  #take(chunk: Uint8Array): void {
    const scanner = this.#scanner;
    if (scanner === undefined) return;
    for (let at = 0; at < chunk.length; at += SCAN_BYTES) {
      scanner.push(chunk.subarray(at, at + SCAN_BYTES));
      const run = scanner.run();
      let offset = 0;
      for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) {
        const bytes = run?.subarray(offset, offset + tag.length) ?? new Uint8Array(0);
        offset += tag.length;
        if (tag.codecHeader || tag.type === 'script') this.#headers.set(`${tag.type} ${tag.codec}`, bytes.slice());
        else if (this.#beginsGroup(tag)) this.#keyframe();
        if (!tag.codecHeader && tag.type !== 'script') this.#keep(bytes);
        this.#pass(bytes);
      }
    }
  }

  /** Sound alone can be heard from any tag on; a new group now and then keeps what newcomers are given short. */
  #beginsGroup({ type, keyframe }: ScannedTag): boolean {
    if (type === 'video') return keyframe;
    const hasPicture = [...this.#headers.keys()].some((name) => name.startsWith('video'));
    return !hasPicture && (this.#group.length === 0 || this.#group.length >= SOUND_TAGS_MAX);
  }

  /** A new group begins: whoever waits can begin with it. */
  #keyframe(): void {
    this.#failures = 0;
    this.#group = [];
    this.#groupBytes = 0;
    for (const [viewer, standing] of this.#viewers) if (standing === 'waiting') this.#begin(viewer);
  }

  #keep(bytes: Uint8Array): void {
    const isKeeping = this.#group.length > 0 || this.#groupBytes === 0;
    this.#groupBytes += bytes.length;
    if (this.#groupBytes > GROUP_BYTES_MAX) this.#group = [];
    else if (isKeeping) this.#group.push(bytes);
  }

  #begin(viewer: LiveViewer): void {
    this.#viewers.set(viewer, 'watching');
    for (const bytes of [FILE_HEADER, ...this.#headers.values(), ...this.#group]) {
      // Whoever is full already goes on at the next keyframe: half a group is of no use to it.
      if (this.#viewers.get(viewer) !== 'watching') return;
      viewer.tags(bytes);
    }
  }

  #pass(bytes: Uint8Array): void {
    for (const [viewer, standing] of this.#viewers) if (standing === 'watching') viewer.tags(bytes);
  }

  #leave(viewer: LiveViewer): void {
    if (!this.#viewers.delete(viewer) || this.#viewers.size > 0) return;
    this.#linger?.cancel();
    this.#linger = this.#clock.after(LINGER_MS, () => this.#stop());
  }

  /** A camera that restarts is back in a moment: viewers wait, and go on at its first keyframe. */
  #broke(): void {
    const waitMs = AGAIN_MS[this.#failures];
    this.#failures += 1;
    if (waitMs === undefined || this.#viewers.size === 0) return this.#over('failed');
    this.#stop();
    for (const viewer of this.#viewers.keys()) this.#viewers.set(viewer, 'waiting');
    this.#again = this.#clock.after(waitMs, () => {
      this.#again = undefined;
      this.#open();
    });
  }

  #over(why: 'ended' | 'failed'): void {
    this.#failures = 0;
    this.#stop();
    const viewers = [...this.#viewers.keys()];
    this.#viewers.clear();
    for (const viewer of viewers) viewer.ended(why);
  }

  #stop(): void {
    this.#again?.cancel();
    this.#again = undefined;
    this.#source?.stop();
    this.#source = undefined;
    this.#scanner?.free();
    this.#scanner = undefined;
    this.#headers = new Map();
    this.#group = [];
    this.#groupBytes = 0;
  }
}

/** What a scanner hands back in one run. */
const SCAN_BYTES = 256 * 1024;
