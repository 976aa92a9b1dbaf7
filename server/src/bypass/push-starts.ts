// Starts live pushes: a push has started when the first picture or sound of its stream is there, and there is room for it.

import type { ErrorCode } from '../../../src/errors.ts';
import type { EgressBudget } from '../origin/egress-budget.ts';
import type { Streams } from '../origin/streams.ts';
import { TagTap } from '../origin/tag-tap.ts';
import type { LiveApp } from './live-apps.ts';
import type { PushesInput } from './pushes.ts';
import { pathOfCode } from './stream-code.ts';

/** What it works with. */
export interface PushStartsParts {
  readonly apps: ReadonlyMap<number, LiveApp>;
  readonly streams: Streams;
  readonly budget: EgressBudget;
}

const OVERLOADED_PERCENT = 100;

/** See above. */
export class PushStarts {
  readonly #parts: PushStartsParts;
  readonly #running: () => readonly string[];
  readonly #tell: (input: PushesInput) => void;
  readonly #taps = new Map<string, TagTap>();

  constructor(
    parts: PushStartsParts,
    ports: { readonly running: () => readonly string[]; readonly tell: (input: PushesInput) => void },
  ) {
    this.#parts = parts;
    this.#running = ports.running;
    this.#tell = ports.tell;
  }

  /** Tries; says `started` or `failed` with the number of the attempt, unless it is cancelled. */
  begin(code: string, attempt: number): void {
    this.cancel(code);
    const stream = this.#parts.streams.running(pathOfCode(code));
    const why = stream === undefined ? 'source/unreachable' : this.#whyNot(code);
    if (stream === undefined || why !== undefined) {
      return this.#tell({ kind: 'failed', code, attempt, why: why ?? 'bypass/start-failed' });
    }
    const tap = new TagTap(stream, {
      begin: () => undefined,
      tag: ({ kind }) => {
        if (kind !== 'frame' || this.#taps.get(code) !== tap) return;
        this.cancel(code);
        this.#tell({ kind: 'started', code, attempt });
      },
      paused: () => undefined,
      refused: () => undefined,
    });
    this.#taps.set(code, tap);
    tap.open();
  }

  /** Whatever comes of a start is of no interest any longer. */
  cancel(code: string): void {
    this.#taps.get(code)?.close();
    this.#taps.delete(code);
  }

  close(): void {
    for (const code of [...this.#taps.keys()]) this.cancel(code);
  }

  #whyNot(code: string): ErrorCode | undefined {
    const { apps, budget } = this.#parts;
    const prefix = code.slice(0, code.indexOf('_') + 1);
    const here = this.#running().filter((other) => other.startsWith(prefix)).length;
    const most = apps.get(Number(prefix.slice(0, -1)))?.pushesMax ?? 0;
    return here >= most || budget.percent >= OVERLOADED_PERCENT ? 'origin/overloaded' : undefined;
  }
}
