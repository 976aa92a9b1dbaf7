/**
 * Broken deciders, to see that the checks notice: some say something else than they should, some hide what they are.
 */
import type { ViewerOutput } from '../../src/core/viewer/io.ts';
import type { Decider, DeciderMaker } from '../decider.ts';
import { shipped } from '../shipped.ts';

type Rewrite = (output: ViewerOutput) => readonly ViewerOutput[];

const NOT_YET_CUT = 100_000;

/** By what is broken: what is said is changed before the world hears it. */
export const sabotages: Readonly<Record<string, Rewrite>> = {
  'plays a piece twice': (output) =>
    output.kind === 'play' && output.sequence % 50 === 7 ? [output, output] : [output],
  'plays out of order': (output) =>
    output.kind === 'play' && output.sequence % 50 === 7
      ? [output, { kind: 'play', sequence: output.sequence - 3 }]
      : [output],
  'pushes what it does not hold': (output) =>
    output.kind === 'push' ? [{ ...output, sequence: output.sequence + NOT_YET_CUT }] : [output],
  'ignores the cap': (output) => (output.kind === 'push' ? Array.from({ length: 8 }, () => output) : [output]),
  'never lets go of a piece': (output) => (output.kind === 'evict' ? [] : [output]),
  'talks without end': (output) =>
    output.kind === 'tell' && output.message.kind === 'status' ? Array.from({ length: 900 }, () => output) : [output],
};

/** A decider, the one that ships unless another is given, with something about it replaced. */
export const pretending =
  (lies: Partial<Decider>, of: DeciderMaker = shipped): DeciderMaker =>
  (options) =>
    Object.defineProperties(
      of(options),
      Object.fromEntries(Object.entries(lies).map(([name, value]) => [name, { value }])),
    );

/** A policy that takes everything from the origin: what a gate must not let pass. */
export const leech: DeciderMaker = (options) => {
  const engine = shipped(options);
  const poll = engine.poll.bind(engine);
  engine.poll = () => {
    let output = poll();
    while (output?.kind === 'tell' && output.message.kind === 'subscribe') output = poll();
    return output;
  };
  return engine;
};

/** A policy that never asks for a piece that is missing. */
export const stoic: DeciderMaker = (options) => {
  const engine = shipped(options);
  const poll = engine.poll.bind(engine);
  const wants = (output: ViewerOutput | undefined): boolean =>
    (output?.kind === 'tell' && output.message.kind === 'want') ||
    (output?.kind === 'ask-origin' && output.request.kind === 'want');
  engine.poll = () => {
    let output = poll();
    while (wants(output)) output = poll();
    return output;
  };
  return engine;
};
