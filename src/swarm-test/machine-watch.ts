/**
 * The machine under a test: a thread that wants to run every few milliseconds and writes down when it could not. What a
 * picture misses while the machine itself stood still is no fault of the swarm.
 */
import { Worker } from 'node:worker_threads';

/** A pause of a picture, by the wall clock. */
export interface Pause {
  /** When it was over, Unix ms. */
  readonly endedAt: number;
  readonly gapMs: number;
}

/** When the thread was late, and by how much. */
interface Lateness {
  readonly at: number;
  readonly lateMs: number;
}

/** Watches the machine until it is stopped. */
export class MachineWatch {
  readonly #late: Lateness[] = [];
  readonly #worker: Worker;

  constructor() {
    this.#worker = new Worker(WATCHING, { eval: true });
    this.#worker.on('message', (late: Lateness) => this.noteLateness(late));
    this.#worker.unref();
  }

  /** Notes that the machine was late. */
  noteLateness(late: Lateness): void {
    this.#late.push(late);
    if (this.#late.length > KEPT) this.#late.shift();
  }

  /** Whether the machine stood still for so much of the time before a pause ended that the pause says nothing. */
  excuses({ endedAt, gapMs }: Pause): boolean {
    const from = endedAt - gapMs - BEFORE_MS;
    const late = this.#late.filter(({ at }) => at >= from && at <= endedAt + TICK_MS);
    return late.reduce((sum, { lateMs }) => sum + lateMs, 0) >= EXCUSED_FROM_MS;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

const TICK_MS = 20;
/** Lateness that a picture can feel, a while before it or during the pause: about half of what a viewer has buffered. */
const EXCUSED_FROM_MS = 200;
const BEFORE_MS = 1000;
const KEPT = 20_000;

/** Runs in its thread. Less than a timer's own roughness is not worth a message. */
const WATCHING = `
const { parentPort } = require('node:worker_threads');
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  const lateMs = now - last - ${TICK_MS};
  last = now;
  if (lateMs > ${TICK_MS / 4}) parentPort.postMessage({ at: Date.now(), lateMs });
}, ${TICK_MS});
`;
