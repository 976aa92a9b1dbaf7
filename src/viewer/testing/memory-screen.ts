/**
 * A media element in virtual time: it buffers what the sink gets, plays once a little is there, stands still when it
 * runs out, and reports four times a second.
 */
import { fileHeaderBytes, flvTags } from '../../../wasm/testing/flv-tags.ts';
import type { Playhead } from '../ports.ts';
import type { RecordingSink } from './recording-sink.ts';
import type { VirtualTime } from './virtual-time.ts';

const REPORT_MS = 250;
const STEP_MS = 50;
const START_MS = 120;
/** A picture that stands for less than this has not stalled. */
const STALL_MS = 250;

export class MemoryScreen {
  /** Times the picture stood for long. */
  stalls = 0;
  #stoodMs = 0;
  #shownMs = 0;
  #bufferedMs = 0;
  #state: 'empty' | 'waiting' | 'playing' | 'stalled' = 'empty';
  readonly #cancels: (() => void)[] = [];

  constructor(time: VirtualTime, sink: RecordingSink, report: (playhead: Playhead) => void) {
    sink.onStart = () => {
      this.#state = 'empty';
    };
    sink.onBytes = (flv) => this.#buffer(flv);
    sink.onSeek = (dtsMs) => {
      this.#shownMs = Math.min(dtsMs, this.#bufferedMs);
    };
    this.#cancels.push(time.every(STEP_MS, () => this.#step(sink)));
    this.#cancels.push(time.every(REPORT_MS, () => this.#state !== 'empty' && report(this.playhead)));
  }

  get playhead(): Playhead {
    const { playing, stalled } = {
      playing: this.#state === 'playing' || this.#state === 'stalled',
      stalled: this.#state === 'stalled',
    };
    return { shownMs: this.#shownMs, bufferedMs: this.#bufferedMs, playing, stalled };
  }

  close(): void {
    for (const cancel of this.#cancels) cancel();
  }

  #buffer(flv: Uint8Array): void {
    const tags = flvTags(flv).filter((tag) => tag.type !== 'script' && !tag.codecHeader);
    const [first] = tags;
    const last = tags.at(-1);
    if (first === undefined || last === undefined || fileHeaderBytes(flv) > 0) return;
    if (this.#state === 'empty') {
      this.#shownMs = first.dtsMs;
      this.#state = 'waiting';
    }
    this.#bufferedMs = last.dtsMs;
  }

  #step(sink: RecordingSink): void {
    const ahead = this.#bufferedMs - this.#shownMs;
    if ((this.#state === 'waiting' || this.#state === 'stalled') && ahead >= START_MS) this.#state = 'playing';
    if (this.#state === 'stalled') {
      this.#stoodMs += STEP_MS;
      if (this.#stoodMs === STALL_MS) this.stalls++;
    }
    if (this.#state !== 'playing') return;
    this.#shownMs = Math.min(this.#bufferedMs, this.#shownMs + STEP_MS * (sink.rates.at(-1) ?? 1));
    if (this.#shownMs < this.#bufferedMs) return;
    this.#state = 'stalled';
    this.#stoodMs = 0;
  }
}
