import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeViewerToken, type ShoalServer } from '../../../server/src/index.ts';
import { Cdn } from '../../../server/src/testing/cdn.ts';
import { startServer } from '../../../server/src/testing/servers.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import type { HlsNotice, HlsViewer, SegmentOutcome } from '../../hls/face.ts';
import type { LinkEvents, LinkPort } from '../../viewer/ports.ts';
import { fromBase64Url } from '../../wire/bytes.ts';
import { decodeHlsMessage, type SegmentKey } from '../../wire/hls-link.ts';
import { hlsRoom, sealedText, sealTag, sheetOf, signatureTag } from '../../wire/hls-seal.ts';
import { SHARE_ALL } from './node-viewer.ts';
import { createNodeHlsViewer, type NodeHlsOptions } from './testing/hls-viewer.ts';

const core = await ByteCore.load(await readFile('wasm/dist/shoal.wasm'));
const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 20 });

const SEGMENT_BYTES = 300_000;
let cdn: Cdn;
let server: ShoalServer;
let viewers: HlsViewer[];
/** Segments that a viewer was told its neighbours hold. */
let told: Map<HlsViewer, Set<SegmentKey>>;
let notices: HlsNotice[];
let ids = 0;

beforeEach(async () => {
  cdn = new Cdn();
  await cdn.start();
  server = await startServer({ witness: [`${cdn.url}/film`] });
  viewers = [];
  told = new Map();
  notices = [];
});

afterEach(async () => {
  for (const viewer of viewers) viewer.stop();
  await cdn.close();
});

/** Notes what neighbours say they hold before the viewer hears it. */
const noting = (events: LinkEvents, keys: Set<SegmentKey>): LinkEvents => ({
  signal: (link, data) => events.signal(link, data),
  opened: (link, fingerprints) => events.opened(link, fingerprints),
  closed: (link, code) => events.closed(link, code),
  message(link, lane, bytes) {
    const message = decodeHlsMessage(bytes);
    if (message.kind === 'held') for (const key of message.keys) keys.add(key);
    if (message.kind === 'dropped') for (const key of message.keys) keys.delete(key);
    events.message(link, lane, bytes);
  },
});

const join = ({ links = (make, events) => make(events), ...options }: Partial<NodeHlsOptions> = {}): HlsViewer => {
  const keys = new Set<SegmentKey>();
  const viewer = createNodeHlsViewer({
    core,
    room: hlsRoom('cdn', `${cdn.url}/film/index.m3u8`),
    place: 'cdn',
    keys: [fromBase64Url(server.originKey) ?? new Uint8Array(0)],
    witness: `${server.url}/witness`,
    tracker: `${server.url.replace('http', 'ws')}/tracker`,
    notice: (notice) => notices.push(notice),
    links: (make, events) => links(make, noting(events, keys)),
    ...options,
  });
  told.set(viewer, keys);
  viewers.push(viewer);
  viewer.start();
  return viewer;
};

const segment = (name: string, length = SEGMENT_BYTES): Buffer => {
  const body = randomBytes(length);
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

/** Waits until a viewer knows of so many segments at its neighbours. */
const toldOf = (viewer: HlsViewer, segments: number): Promise<void> =>
  until(() => expect(told.get(viewer)?.size).toBe(segments));

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
    await toldOf(second, 1);
    const got = await load(second, 'a.ts');
    expect(got).toMatchObject({ kind: 'loaded', from: 'neighbours' });
    expect(bytesOf(got).equals(body)).toBe(true);
    // One copy for the first viewer, one for the witness.
    expect(cdn.asked('/film/a.ts')).toBe(2);
    expect(second.stats()).toMatchObject({ neighbourBytes: SEGMENT_BYTES, originBytes: 0, vouchedBy: 'witness' });
    expect(first.stats().uploadedBytes).toBeGreaterThan(SEGMENT_BYTES);
    expect(notices).toEqual([]);
  });

  it('are fetched once however many want them at once', async () => {
    const body = segment('b.ts');
    const all: HlsViewer[] = [];
    for (let number = 0; number < 4; number++) {
      all.push(join());
      await meet(...all);
    }
    const got = await Promise.all(all.map((viewer) => load(viewer, 'b.ts')));
    for (const outcome of got) expect(bytesOf(outcome).equals(body)).toBe(true);
    expect(cdn.asked('/film/b.ts')).toBe(2);
  });

  it('that nobody vouches for are played and passed on to nobody', async () => {
    cdn.put('/other/c.ts', randomBytes(1000));
    const viewer = join();
    const outcome = await new Promise<SegmentOutcome>((resolve) =>
      viewer.load({ id: ++ids, address: `${cdn.url}/other/c.ts`, range: undefined, withinMs: 0 }, resolve),
    );
    expect(bytesOf(outcome).length).toBe(1000);
    await until(() => expect(notices).toMatchObject([{ code: 'hls/no-witness' }]));
    expect(viewer.stats().segmentsHeld).toBe(0);
    expect(viewer.explain().join(' ')).toMatch(/Nobody vouches/);
  });

  it('are completed by their server, by the ranges that are missing, when a neighbour falls silent', async () => {
    const body = segment('d.ts');
    let sent = 0;
    const fallingSilent = (honest: LinkPort): LinkPort => ({
      ...honest,
      send: (link, lane, bytes) => (lane === 'pieces' && ++sent > 20 ? true : honest.send(link, lane, bytes)),
    });
    const first = join({ links: (make, events) => fallingSilent(make(events)) });
    const second = join();
    await meet(first, second);
    await load(first, 'd.ts');
    await toldOf(second, 1);
    const ranges: (string | undefined)[] = [];
    cdn.special = (_path, request) => {
      ranges.push(request.headers.range);
      return false;
    };
    const got = await load(second, 'd.ts', 3_000);
    expect(bytesOf(got).equals(body)).toBe(true);
    expect(ranges.length).toBeGreaterThan(0);
    for (const range of ranges) expect(range).toMatch(/^bytes=\d+-\d+$/);
    const { neighbourBytes, originBytes } = second.stats();
    expect(neighbourBytes).toBeGreaterThan(0);
    expect(originBytes).toBeGreaterThan(0);
    expect(originBytes).toBeLessThan(SEGMENT_BYTES);
  });

  it('come from their server when a neighbour lies, which is cut', async () => {
    const body = segment('e.ts');
    const lying = (honest: LinkPort): LinkPort => ({
      ...honest,
      send(link, lane, bytes) {
        const falsehood = bytes.slice();
        if (lane === 'pieces') falsehood[falsehood.length - 1] = (falsehood[falsehood.length - 1] ?? 0) ^ 1;
        return honest.send(link, lane, falsehood);
      },
    });
    const first = join({ links: (make, events) => lying(make(events)) });
    const second = join();
    await meet(first, second);
    await load(first, 'e.ts');
    await toldOf(second, 1);
    expect(bytesOf(await load(second, 'e.ts')).equals(body)).toBe(true);
    expect(second.stats()).toMatchObject({ neighbours: [], neighbourBytes: 0, faults: { 'link/bad-piece': 1 } });
  });

  it('are let go, oldest first, when there is no room for them, and are then had from their server again', async () => {
    const first = join({ storeBytes: 600_000 });
    // Each of a length of its own, so that the sum tells which ones are held: two, and in the end the last two.
    for (const [name, length, held] of [
      ['f.ts', 300_000, 300_000],
      ['g.ts', 250_000, 550_000],
      ['h.ts', 200_000, 450_000],
    ] as const) {
      segment(name, length);
      await load(first, name);
      await until(() => expect(first.stats().storeBytes).toBe(held));
    }
    const second = join();
    await meet(first, second);
    await toldOf(second, 2);
    expect(await load(second, 'h.ts')).toMatchObject({ from: 'neighbours' });
    expect(await load(second, 'f.ts')).toMatchObject({ from: 'server' });
  });

  it('are shared with nobody where sharing is off', async () => {
    segment('i.ts');
    const policy = { ...SHARE_ALL, mode: 'off' } as const;
    const [first, second] = [join({ policy }), join({ policy })];
    for (const viewer of [first, second]) expect(await load(viewer, 'i.ts')).toMatchObject({ from: 'server' });
    expect(server.rooms()).toEqual([]);
    expect(first.explain().join(' ')).toMatch(/switched off/);
  });
});

describe('segments of a signed playlist', () => {
  const seed = randomBytes(32);
  const join2 = (keys = [core.publicKey(seed)]): HlsViewer =>
    join({ room: '/hls/own/live/demo.m3u8', place: 'own', keys, witness: undefined });

  /** A playlist of one segment, as its server would have signed it. */
  const playlistOf = (name: string, body: Uint8Array, place = '/film'): string => {
    const seal = { name, length: body.length, root: sheetOf((bytes) => core.blake3(bytes), body).root };
    const signature = core.sign(seed, sealedText(place, [seal]));
    return ['#EXTM3U', '#EXTINF:2,', sealTag(seal), name, signatureTag({ place, signature }), ''].join('\n');
  };

  it('come from a neighbour whatever it says, as long as they are what the playlist says', async () => {
    const body = segment('s.ts');
    const [first, second] = [join2(), join2()];
    await meet(first, second);
    for (const viewer of [first, second]) viewer.playlist(`${cdn.url}/film/index.m3u8`, playlistOf('s.ts', body));
    await load(first, 's.ts');
    await toldOf(second, 1);
    expect(await load(second, 's.ts')).toMatchObject({ from: 'neighbours' });
    expect(second.stats()).toMatchObject({ vouchedBy: 'playlist', neighbourBytes: SEGMENT_BYTES });
    expect(cdn.asked('/film/s.ts')).toBe(1);
  });

  it('are not played when they are something else', async () => {
    segment('t.ts');
    const viewer = join2();
    viewer.playlist(`${cdn.url}/film/index.m3u8`, playlistOf('t.ts', randomBytes(100)));
    expect(await load(viewer, 't.ts')).toEqual({ kind: 'failed', status: 502 });
    expect(notices).toMatchObject([{ code: 'hls/bad-segment' }]);
    expect(viewer.stats().segmentsHeld).toBe(0);
  });

  it.each([
    ['signed by another key', [core.publicKey(randomBytes(32))], '/film'],
    ['signed for another stream', [core.publicKey(seed)], '/other'],
  ])('are not believed when the playlist is %s', async (_what, keys, place) => {
    const body = segment('u.ts');
    const viewer = join2(keys);
    viewer.playlist(`${cdn.url}/film/index.m3u8`, playlistOf('u.ts', body, place));
    expect(notices).toMatchObject([{ code: 'hls/bad-seal' }]);
    expect(bytesOf(await load(viewer, 'u.ts')).equals(body)).toBe(true);
    expect(viewer.stats().segmentsHeld).toBe(0);
  });
});

it('what neighbours sent is signed for by both ends and stands in the accounts of the app whose viewers they are', async () => {
  const folder = await mkdtemp(pathOf(tmpdir(), 'shoal-hls-accounts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const shop = { appId: 'shop', appKey: 'shop-key', secret: 'the secret of the shop' };
  const apps = pathOf(folder, 'apps.json');
  await writeFile(apps, JSON.stringify({ apps: [{ id: 'shop', key: shop.appKey, secret: shop.secret }] }));
  const counted = await startServer({ witness: [`${cdn.url}/film`], apps });
  const at = {
    keys: [fromBase64Url(counted.originKey) ?? new Uint8Array(0)],
    witness: `${counted.url}/witness`,
    tracker: `${counted.url.replace('http', 'ws')}/tracker`,
  };
  segment('w.ts');
  const [first, second] = [1, 2].map(() => join({ ...at, credentials: makeViewerToken(shop) }));
  if (first === undefined || second === undefined) throw new Error('no viewers');
  await meet(first, second);
  await load(first, 'w.ts');
  await toldOf(second, 1);
  expect(await load(second, 'w.ts')).toMatchObject({ from: 'neighbours' });
  // The sender signs with its next report; the receiver hands that in with one of its own, or when it leaves.
  const claimed = async (): Promise<number> => {
    const { rows } = (await (await fetch(`${counted.url}/accounts?app=shop`)).json()) as {
      readonly rows: readonly { readonly claimedBytes: number }[];
    };
    return rows.reduce((sum, { claimedBytes }) => sum + claimedBytes, 0);
  };
  const signed = first.stats().uploadedBytes;
  await vi.waitFor(async () => expect(await claimed()).toBe(signed), { timeout: 60_000, interval: 200 });
}, 90_000);
