import { expect, test } from 'vitest';
import { makeEpoch } from '../../wire/head.ts';
import { ViewerEngine } from './viewer-engine.ts';

const INTERVAL_MS = 60;

/** What an engine still keeps after so many pieces of the origin, of which only some come. */
const keptAfter = (pieces: number, comes: (sequence: number) => boolean): number => {
  const engine = new ViewerEngine({
    seed: 1,
    policy: { mode: 'on', uploadBytesPerSec: 1e9, neighbours: 16 },
    playout: { kind: 'clock', delayMs: 1_500 },
  });
  const head = {
    kind: 'head',
    version: 1,
    stream: new Uint8Array(32),
    epoch: makeEpoch(1_700_000_000_000, 1),
    revision: 0,
    substreams: 8,
    encrypted: false,
    generation: 0,
    fromSequence: 0,
    byteRate: 125_000,
    madeMs: 0,
    publicKey: new Uint8Array(32),
    prelude: new Uint8Array(0),
  } as const;
  engine.handle(0, { kind: 'start' });
  engine.handle(1, { kind: 'origin-opened' });
  engine.handle(1, { kind: 'origin-said', frame: { kind: 'clock', stampMs: 0, wallMs: 1_000_000 } });
  engine.handle(1, { kind: 'head', head, epochTag: 7, from: 'origin' });
  for (let sequence = 0; sequence < pieces; sequence++) {
    const now = sequence * INTERVAL_MS;
    const header = {
      kind: 'piece',
      keyframe: sequence % 32 === 0,
      encrypted: false,
      last: false,
      length: 7_500,
      epochTag: 7,
      sequence,
      dtsMs: now,
      cutMs: 1_000_000 + now,
      generation: 0,
      tagStart: 0,
      groupOffset: sequence % 32,
    } as const;
    engine.handle(now + 40, comes(sequence) ? { kind: 'piece', header, from: 'origin' } : { kind: 'wake' });
    while (engine.poll() !== undefined);
  }
  return engine.view.pieces.newest - engine.view.pieces.oldest;
};

test('old pieces are let go', () => expect(keptAfter(1_500, () => true)).toBeLessThan(300));

test('... even when one substream never comes', () => {
  expect(keptAfter(1_500, (sequence) => sequence === 0 || sequence % 8 !== 0)).toBeLessThan(300);
});
