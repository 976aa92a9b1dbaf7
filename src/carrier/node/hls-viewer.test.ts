import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ShoalServer } from '../../../server/src/index.ts';
import { Cdn } from '../../../server/src/testing/cdn.ts';
import { startServer } from '../../../server/src/testing/servers.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import type { HlsNotice, HlsViewer, SegmentOutcome } from '../../hls/face.ts';
import { fromBase64Url } from '../../wire/bytes.ts';
import { hlsRoom } from '../../wire/hls-seal.ts';
import { createNodeHlsViewer, type NodeHlsOptions } from './hls-viewer.ts';

const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 15_000, interval: 20 });

const SEGMENT_BYTES = 300_000;
let cdn: Cdn;
let server: ShoalServer;
let viewers: HlsViewer[];
let notices: HlsNotice[];
let ids = 0;

beforeEach(async () => {
  cdn = new Cdn();
  await cdn.start();
  server = await startServer({ witness: [`${cdn.url}/film`] });
  viewers = [];
  notices = [];
});

afterEach(async () => {
  for (const viewer of viewers) viewer.stop();
  await cdn.close();
});

const join = (options: Partial<NodeHlsOptions> = {}): HlsViewer => {
  const viewer = createNodeHlsViewer({
    core,
    room: hlsRoom('cdn', `${cdn.url}/film/index.m3u8`),
    place: 'cdn',
    keys: [fromBase64Url(server.originKey) ?? new Uint8Array(0)],
    witness: `${server.url}/witness`,
    tracker: `${server.url.replace('http', 'ws')}/tracker`,
    notice: (notice) => notices.push(notice),
    ...options,
  });
  viewers.push(viewer);
  viewer.start();
  return viewer;
};

const segment = (name: string): Buffer => {
  const body = randomBytes(SEGMENT_BYTES);
  cdn.put(`/film/${name}`, body);
  return body;
};

const load = (viewer: HlsViewer, name: string, withinMs = 20_000): Promise<SegmentOutcome> =>
  new Promise((resolve) =>
    viewer.load({ id: ++ids, address: `${cdn.url}/film/${name}?token=${ids}`, range: undefined, withinMs }, resolve),
  );

const meet = async (...met: HlsViewer[]): Promise<void> => {
  for (const viewer of met) {
    await until(() => expect(viewer.stats().neighbours.length).toBeGreaterThanOrEqual(met.length - 1));
  }
};

const bytesOf = (outcome: SegmentOutcome): Buffer => {
  if (outcome.kind === 'failed') throw new Error(`failed with ${outcome.status}`);
  return Buffer.from(outcome.bytes);
};

describe('segments of a plain CDN', () => {
  it('come from the first viewer for the second, vouched for by the witness, in spite of different queries', async () => {
    const body = segment('a.ts');
    const [first, second] = [join(), join()];
    await meet(first, second);
    expect(bytesOf(await load(first, 'a.ts')).equals(body)).toBe(true);
    await until(() => expect(first.stats().segmentsHeld).toBe(1));
    const got = await load(second, 'a.ts');
    expect(got).toMatchObject({ kind: 'loaded', from: 'neighbours' });
    expect(bytesOf(got).equals(body)).toBe(true);
    // One copy for the first viewer, one for the witness.
    expect(cdn.asked('/film/a.ts')).toBe(2);
    expect(second.stats()).toMatchObject({ neighbourBytes: SEGMENT_BYTES, originBytes: 0, vouchedBy: 'witness' });
    expect(first.stats().uploadedBytes).toBeGreaterThan(SEGMENT_BYTES);
    expect(notices).toEqual([]);
  }, 30_000);

  it('are fetched once however many want them at once', async () => {
    const body = segment('b.ts');
    const all = [join(), join(), join(), join()];
    await meet(...all);
    const got = await Promise.all(all.map((viewer) => load(viewer, 'b.ts')));
    for (const outcome of got) expect(bytesOf(outcome).equals(body)).toBe(true);
    expect(cdn.asked('/film/b.ts')).toBe(2);
  }, 30_000);
});
