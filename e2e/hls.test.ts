// HLS through the player: segments and parts come from neighbours, verified by what the origin's playlist or a witness has
// signed; liars are cut; what cannot be shared plays all the same.

import { describe, expect } from 'vitest';
import { readByteCore } from '../server/src/assets.ts';
import type { Cdn } from '../server/src/testing/cdn.ts';
import { createNodeHlsViewer } from '../src/carrier/node/testing/hls-viewer.ts';
import type { PlayerStats } from '../src/index.ts';
import { fromBase64Url } from '../src/wire/bytes.ts';
import { hlsRoom } from '../src/wire/hls-seal.ts';
import { ByteCore } from '../wasm/abi.ts';
import { eventually } from './fixtures/eventually.ts';
import { showFilm } from './fixtures/film.ts';
import { corrupt } from './fixtures/liar.ts';
import { it, type Stage } from './fixtures/stage.ts';
import type { Tab } from './fixtures/tab.ts';

type Hls = NonNullable<PlayerStats['hls']>;

const hlsOf = async (tab: Tab): Promise<Hls | undefined> => (await tab.stats()).hls;

/** Waits until a figure of a tab's HLS holds. */
const untilHls = (tab: Tab, what: string, holds: (hls: Hls) => boolean): Promise<Hls> =>
  eventually(`${tab.name}: ${what}`, async () => {
    const hls = await hlsOf(tab);
    return hls !== undefined && holds(hls) && hls;
  });

const live = (stage: Stage): string => `${stage.server.url}${stage.path}.m3u8`;

describe('live HLS of our own server', () => {
  it('is fed to the second tab by the first, part by part, vouched for by the playlist', async ({ stage }) => {
    await stage.serve();
    const first = await stage.watch('first', { url: live(stage) });
    await first.hears('started');
    const second = await stage.watch('second', { url: live(stage) });
    await second.hears('started');
    for (const tab of [first, second]) await untilHls(tab, 'meets the other', (hls) => hls.neighbours.length === 1);
    const before = await hlsOf(second);
    const had = await hlsOf(first);
    await eventually('the two fetch little more than one copy', async () => {
      const [one, two] = [await hlsOf(first), await hlsOf(second)];
      if (one === undefined || two === undefined) return false;
      const fetched = one.originBytes + two.originBytes - (had?.originBytes ?? 0) - (before?.originBytes ?? 0);
      const shared =
        one.neighbourBytes + two.neighbourBytes - (had?.neighbourBytes ?? 0) - (before?.neighbourBytes ?? 0);
      return shared > 300_000 && shared > 0.7 * fetched;
    });
    const { vouchedBy, piecesRejected } = (await hlsOf(second)) ?? {};
    expect({ vouchedBy, piecesRejected }).toEqual({ vouchedBy: 'playlist', piecesRejected: 0 });
    await second.showsTheSample();
    expect((await second.explain()).join(' ')).toMatch(/% of the bytes came from 1 neighbour,/);
  });
});

/** A film at a CDN that knows nothing of us, and a server of ours that is its witness. */
const witnessed = async (
  stage: Stage,
): Promise<{ readonly cdn: Cdn; readonly film: { url: string; service: string } }> => {
  const cdn = await showFilm();
  stage.later(() => cdn.close());
  await stage.serve({ witness: [`${cdn.url}/film`] });
  const film = { url: `${cdn.url}/film/master.m3u8`, service: `${stage.server.url}/.well-known/shoal.json` };
  return { cdn, film };
};

const seek = (tab: Tab, seconds: number): Promise<number> =>
  tab.page.evaluate((at) => {
    const video = document.querySelector('video');
    if (video !== null) video.currentTime = at;
    return video?.currentTime ?? -1;
  }, seconds);

const isAt = (tab: Tab, seconds: number): Promise<number> =>
  eventually(`${tab.name} is past ${seconds} s`, async () => {
    const at = await tab.page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
    return at > seconds && at;
  });

describe('a film of a plain CDN', () => {
  it('is shared under the word of a witness, levels and sound in one swarm, also after a seek', async ({ stage }) => {
    const { cdn, film } = await witnessed(stage);
    const first = await stage.watch('first', film);
    await first.hears('started');
    await untilHls(first, 'holds the beginning', (hls) => hls.segmentsHeld >= 14);
    await seek(first, 30);
    await isAt(first, 31);
    await untilHls(first, 'holds the film', (hls) => hls.segmentsHeld >= 24);
    const second = await stage.watch('second', film);
    await second.hears('started');
    // What a viewer starts with it is served at once; what it has time for comes from the neighbour.
    await untilHls(second, 'has most from the first', (hls) => hls.neighbourBytes > hls.originBytes);
    const before = await hlsOf(second);
    await seek(second, 30);
    await isAt(second, 31);
    const after = await untilHls(second, 'gets the rest', (hls) => hls.neighbourBytes > (before?.neighbourBytes ?? 0));
    expect(after).toMatchObject({ vouchedBy: 'witness', piecesRejected: 0, latencyMs: undefined, faults: {} });
    await second.showsTheSample();
    // The witness looked at each segment once, however many viewers needed it at once.
    expect(cdn.askedByServers(/v0_9\.m4s$/)).toBe(1);
  });

  it('plays on past a liar, which is cut', async ({ stage }) => {
    const { cdn, film } = await witnessed(stage);
    const viewer = createNodeHlsViewer({
      core: await ByteCore.load(await readByteCore()),
      room: hlsRoom('cdn', film.url),
      place: 'cdn',
      keys: [fromBase64Url(stage.server.originKey) ?? new Uint8Array(0)],
      witness: `${stage.server.url}/witness`,
      tracker: stage.tracker,
      links: (make, events) => {
        const honest = make(events);
        const lie = (bytes: Uint8Array<ArrayBuffer>) => corrupt(bytes)[0] ?? bytes;
        return {
          ...honest,
          send: (link, lane, bytes) => honest.send(link, lane, lane === 'pieces' ? lie(bytes) : bytes),
        };
      },
    });
    viewer.start();
    stage.later(async () => viewer.stop());
    const names = Array.from({ length: 12 }, (_, at) => [`v0_${at}.m4s`, `v1_${at}.m4s`, `v2_${at}.m4s`]).flat();
    for (const [id, name] of names.entries()) {
      viewer.load({ id, address: `${cdn.url}/film/${name}`, range: undefined, withinMs: 0 }, () => undefined);
    }
    await eventually('the liar holds the film', async () => viewer.stats().segmentsHeld === names.length);
    stage.complaints.expect(/^player error: link\/bad-piece/);
    const victim = await stage.watch('victim', film);
    const hls = await untilHls(victim, 'cuts the liar', ({ faults }) => (faults['link/bad-piece'] ?? 0) > 0);
    expect(hls.neighbourBytes).toBe(0);
    await untilHls(victim, 'plays from the CDN', ({ segmentsFromOrigin }) => segmentsFromOrigin > 4);
    await victim.showsTheSample();
    expect(await victim.stalls(0)).toEqual([]);
  });

  it('plays plainly where nothing can be shared, and says why', async ({ stage }) => {
    const { film } = await witnessed(stage);
    const tab = await stage.open('alone', {
      before: () => {
        for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection']) Reflect.deleteProperty(globalThis, name);
      },
    });
    stage.complaints.expect(/^player error: support\/no-webrtc/);
    await tab.play(film);
    await tab.showsTheSample();
    expect((await tab.explain()).join(' ')).toMatch(/no WebRTC/);
    expect((await hlsOf(tab))?.neighbours).toEqual([]);
    expect(await tab.stats()).toMatchObject({ mode: 'hls', sharingLimit: 'no-webrtc' });
  });
});
