/**
 * A recorded viewer lives the same life again, wherever it is replayed; a life that was changed is noticed.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ByteCore } from '../../wasm/abi.ts';
import { recordBusyViewer } from './record.ts';
import { unpackRecording } from './recording.ts';
import { replayEngine, replayViewer } from './replay.ts';

const core = await ByteCore.load(readFileSync(new URL('../../wasm/dist/shoal.wasm', import.meta.url)));
const life = unpackRecording(
  recordBusyViewer(core, {
    links: 3,
    substreams: 4,
    kbps: 500,
    uploadBytesPerSec: 200_000,
    settleMs: 8_000,
    windowMs: 3_000,
  }),
);

test('it receives and sends what it did when it was recorded', () => {
  const replay = replayViewer(core, life, true);
  expect(life.recording.links).toBe(3);
  expect(replay.sentBytes).toBe(life.recording.sentBytes);
  expect(replay.sentBytes).toBeGreaterThan(50_000);
  expect(replay.pieces).toBeGreaterThan(10);
  expect(replay.inputs.length - replay.windowInput).toBeGreaterThan(replay.pieces);
  expect(replayEngine(life.recording, replay)).toBeGreaterThan(0);
});

test('bytes that nobody signed are not passed on, and the figures show it', () => {
  const blob = life.blob.map((byte, at) => (at > life.blob.length / 2 ? byte ^ 1 : byte));
  expect(replayViewer(core, { ...life, blob }, false).sentBytes).toBeLessThan(life.recording.sentBytes);
});
