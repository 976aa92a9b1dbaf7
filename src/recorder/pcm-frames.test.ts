import { expect, it } from 'vitest';
import { PcmFrames } from './pcm-frames.ts';

const pcmOf = (frames: readonly ArrayBuffer[]): number[] => frames.flatMap((bytes) => [...new Int16Array(bytes)]);

it('cuts full frames without a gap, and the rest at the end', () => {
  const samples = Float32Array.from({ length: 1000 }, (_, at) => Math.sin(at / 20) / 2);
  const frames = new PcmFrames({ from: 16_000, to: 16_000, frameBytes: 256 });
  const full: ArrayBuffer[] = [];
  for (let at = 0; at < samples.length; at += 100) full.push(...frames.push(samples.subarray(at, at + 100)));
  expect(full.map(({ byteLength }) => byteLength)).toEqual(full.map(() => 256));
  const rest = frames.end();
  expect(rest.at(-1)?.byteLength).toBe(2000 % 256);
  const said = pcmOf([...full, ...rest]);
  expect(said).toHaveLength(1000);
  for (const [at, value] of said.slice(300, 700).entries()) {
    expect(Math.abs(value - (samples[300 + at] ?? 0) * 32_767)).toBeLessThan(20);
  }
});

it('cuts off what is too loud instead of turning it over', () => {
  const frames = new PcmFrames({ from: 8000, to: 8000, frameBytes: 64 });
  const said = pcmOf([...frames.push(new Float32Array(2000).fill(1.5)), ...frames.end()]);
  expect(Math.max(...said)).toBe(32_767);
  expect(said.slice(500, 1500).every((value) => value === 32_767)).toBe(true);
});

it('ends with nothing when nothing was said', () => {
  expect(new PcmFrames({ from: 48_000, to: 8000, frameBytes: 64 }).end()).toEqual([]);
});
