/**
 * A tree with one parent for each viewer: the engine that ships in a world where a stream is a single substream. Between
 * it and the origin the one substream is put for all of them.
 */

import type { Millis } from '../../src/core/engine.ts';
import type { Source, ViewerInput, ViewerOutput } from '../../src/core/viewer/io.ts';
import type { ViewerEngineOptions } from '../../src/core/viewer/viewer-engine.ts';
import type { OriginFrame } from '../../src/wire/origin.ts';
import { Shipped } from '../shipped.ts';

/** A parent of whole streams that has a child more than it carries starves them all, so it takes on another one slowly. */
const ANOTHER_AFTER_MS = 10_000;
const CALM_MS = 12;
const CROWDED_MS = 30;

export class SingleTree extends Shipped {
  #slots = 1;
  #changedAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: ViewerEngineOptions) {
    super(options);
    Object.defineProperty(this.budget, 'slots', { get: () => (this.view.mayUpload ? this.#slots : 0) });
  }

  override handle(now: Millis, input: ViewerInput): void {
    super.handle(now, whole(input));
    this.#adapt(now);
  }

  override poll(): ViewerOutput | undefined {
    const output = super.poll();
    if (output?.kind === 'open-origin') return { ...output, mask: spread(output.mask) };
    if (output?.kind !== 'ask-origin' || output.request.kind !== 'mask') return output;
    return { ...output, request: { ...output.request, mask: spread(output.request.mask) } };
  }

  #adapt(now: Millis): void {
    if (now - this.#changedAt < ANOTHER_AFTER_MS) return;
    const { queueingMs } = this.budget;
    if (queueingMs > CROWDED_MS) this.#slots = Math.max(1, this.#slots - 1);
    else if (queueingMs < CALM_MS && this.children.count >= this.#slots) this.#slots++;
    else return;
    this.#changedAt = now;
  }

  /** The same parent in every substream of the world's stream. */
  override parentOf(): Source | undefined {
    return super.parentOf(0);
  }
}

/** Asked for at all means: asked for whole. */
const spread = (mask: number): number => (mask === 0 ? 0 : 0xffff_ffff);

const whole = (input: ViewerInput): ViewerInput => {
  if (input.kind === 'head') return { ...input, head: { ...input.head, substreams: 1 } };
  if (input.kind === 'origin-said' && input.frame.kind === 'applied') return { ...input, frame: gathered(input.frame) };
  return input;
};

const gathered = (frame: Extract<OriginFrame, { kind: 'applied' }>): OriginFrame => ({
  ...frame,
  mask: frame.mask === 0 ? 0 : 1,
});
