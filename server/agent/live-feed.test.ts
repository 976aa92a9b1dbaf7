import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { ByteCore } from '../../wasm/abi.ts';
import { samplePath } from '../src/assets.ts';
import type { SourceEvents } from '../src/sources/source.ts';
import { ManualClock } from '../src/testing/manual-clock.ts';
import { LiveFeed } from './live-feed.ts';

let core: ByteCore;
beforeAll(async () => {
  core = await ByteCore.load(await readFile(new URL('../../wasm/dist/shoal.wasm', import.meta.url)));
});

const sample = readFileSync(samplePath()).subarray(0, 200_000);

const make = () => {
  const clock = new ManualClock();
  const starts: SourceEvents[] = [];
  const feed = new LiveFeed(core, clock, (events) => {
    starts.push(events);
    return { stop: () => undefined };
  });
  const said: string[] = [];
  const leave = feed.join({
    tags: (flv) => said.push(flv.length === 13 ? 'file' : 'tag'),
    ended: (why) => said.push(why),
  });
  const files = () => said.filter((word) => word === 'file').length;
  return { clock, starts, said, leave, files };
};

test('a source that breaks off is started again, and its viewers go on with a new file', () => {
  const { clock, starts, said, files } = make();
  starts[0]?.bytes(sample);
  expect(files()).toBe(1);
  starts[0]?.failed('source/outage', '');
  expect(starts.length).toBe(1);
  clock.advance(500);
  expect(starts.length).toBe(2);
  starts[1]?.bytes(sample);
  expect(files()).toBe(2);
  expect(said).not.toContain('failed');
});

test('a source that never comes back is given up, and viewers are told', () => {
  const { clock, starts, said } = make();
  for (let at = 0; at < 6; at++) {
    starts[at]?.failed('source/unreachable', '');
    clock.advance(60_000);
  }
  expect(starts.length).toBe(6);
  expect(said).toEqual(['failed']);
});

test('nobody watches any more: nothing is started again', () => {
  const { clock, starts, leave } = make();
  starts[0]?.bytes(sample);
  starts[0]?.failed('source/outage', '');
  leave();
  clock.advance(60_000);
  expect(starts.length).toBeLessThanOrEqual(2);
  const { length } = starts;
  starts.at(-1)?.failed('source/outage', '');
  clock.advance(60_000);
  expect(starts.length).toBe(length);
});
