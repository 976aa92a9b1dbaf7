// The native surface in Chromium: its calls, its events, and foreign players on the addresses it hands out.

import { spawn } from 'node:child_process';
import { describe, expect } from 'vitest';
import { samplePath } from '../server/src/assets.ts';
import { EventCode } from '../src/native/codes.ts';
import { eventually } from './fixtures/eventually.ts';
import { freePort } from './fixtures/listening.ts';
import { NativePage } from './fixtures/native-page.ts';
import { noteReach } from './fixtures/reach.ts';
import { it } from './fixtures/stage.ts';

const { LOAD_READY, START, STARTED, STOP, STOPPED, STATISTICS_DATA } = EventCode;

describe('a native-style page', () => {
  it('plays through the virtual URL with plain mpegts.js, from its first visit on', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'native');
    const { id, url } = await native.start(`${stage.url('native')} `);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/__shoal__\/[\w-]+\.\w+\/1\/media\.flv$/);
    await native.watch(url);
    await native.paints(50);
    expect(await native.codes(id)).toEqual([LOAD_READY, START, STARTED]);
    expect(await native.unplay(id)).toBe(true);
    expect(await native.codes(id)).toEqual([LOAD_READY, START, STARTED, STOP, STOPPED]);
    await eventually('the player was told the end', async () => (await native.watched()).ended === 1);
    stage.complaints.expect(/^console error: Failed to load resource: .* 404/);
    expect((await native.fetch(url)).status).toBe(404);
  });

  it("plays in mpegts.js's own worker too, whose requests are not the page's", async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'worker');
    const { url } = await native.start(stage.url('worker'));
    await native.watch(url, { kind: 'worker' });
    await native.paints(50);
  });

  it('is under control after a reload that goes past the Service Worker', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'forced');
    const session = await native.page.context().newCDPSession(native.page);
    const loaded = native.page.waitForEvent('load');
    await session.send('Page.reload', { ignoreCache: true });
    await loaded;
    expect(await native.page.evaluate(() => navigator.serviceWorker.controller)).toBeNull();
    expect(await native.load()).toBe(true);
    const { url } = await native.start(stage.url('forced'));
    await native.watch(url);
    await native.paints(25);
  });

  it('shares: a second page has its bytes from the first, and both count them', async ({ stage }) => {
    await stage.serve();
    const options = { statisticsEveryMs: 200 };
    const first = await NativePage.load(stage, 'first', options);
    await first.watch((await first.start(stage.url('first'))).url);
    const second = await NativePage.load(stage, 'second', options);
    const { id, url } = await second.start(stage.url('second'));
    await second.watch(url);
    const flow = await eventually('bytes come from the neighbour', async () => {
      const said = (await second.said()).findLast(({ code }) => code === STATISTICS_DATA);
      const statistics = said === undefined ? undefined : JSON.parse(said.message);
      return statistics?.flow.p2pBytes > 100_000 && statistics;
    });
    expect(flow).toMatchObject({ flow: { cdnBytes: expect.any(Number) }, readers: 1, state: 'shared' });
    const stat = await second.fetch(url.replace('media.flv', 'stat'));
    expect(JSON.parse(stat.text).flow.p2pBytes).toBeGreaterThanOrEqual(flow.flow.p2pBytes);
    await second.unplay(id);
    const count = (await second.said()).length;
    await first.hears(1, STATISTICS_DATA, 20);
    expect((await second.said()).length, 'nothing is told after STOPPED').toBe(count);
  });

  it('plays several instances at once, and stops one without the other', async ({ stage }) => {
    const { url: server } = await stage.serve({ sources: { '/live/a': 'embedded', '/live/b': 'embedded' } });
    const native = await NativePage.load(stage, 'two');
    const a = await native.start(`${server}/live/a.flv`);
    const b = await native.start(`${server}/live/b.flv`);
    expect(b.id).not.toBe(a.id);
    await native.watch(a.url, { element: 0 });
    await native.watch(b.url, { element: 1 });
    await native.paints(25, 0);
    await native.paints(25, 1);
    expect(await native.playUrl(a.id, `${server}/live/a.flv`), 'PlayURL twice').toBe(false);
    await native.unplay(a.id);
    await native.paints(25, 1);
    expect(await native.playUrl(a.id, `${server}/live/a.flv`), 'PlayURL after Unplay').toBe(true);
    const again = await native.hears(a.id, STARTED, 2);
    await native.watch(again, { element: 0 });
    await native.paints(25, 2);
    await native.unload();
    expect((await native.codes(a.id)).slice(-2)).toEqual([STOP, STOPPED]);
    expect((await native.codes(b.id)).slice(-2)).toEqual([STOP, STOPPED]);
    expect(await native.playUrl(b.id, `${server}/live/b.flv`), 'PlayURL after Unload').toBe(false);
    await eventually('nobody is left at the origin', () =>
      stage.server.egress().perViewer.every(({ open, form }) => !open || form === 'other'),
    );
    expect(await native.load(), 'LoadAndInit after Unload').toBe(true);
  });

  it('plays an RTMP source through the origin that pulls it', async ({ stage }) => {
    const source = `rtmp://127.0.0.1:${await freePort()}/live/cam`;
    const args = ['-v', 'error', '-re', '-stream_loop', '-1', '-i', samplePath(), '-c', 'copy', '-f', 'flv'];
    const ffmpeg = spawn('ffmpeg', [...args, '-listen', '1', source], { stdio: 'ignore' });
    stage.later(async () => void ffmpeg.kill('SIGKILL'));
    await stage.serve({ upstream: source.replace('/live/cam', '') });
    stage.complaints.expect(/^console error: (Failed to load resource|WebSocket connection)/);
    const service = `${stage.server.url}/.well-known/shoal.json`;
    const native = await NativePage.load(stage, 'rtmp', { service, startWithinMs: 30_000 });
    const { url } = await native.start(source);
    expect(url).toContain('/__shoal__/');
    await native.watch(url);
    await native.paints(50);
  });
});

describe('misuse', () => {
  it('answers false or 0 and throws nothing', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.open(stage, 'misuse');
    const answers = await native.page.evaluate(async () => {
      const { CVbyteP2P: sdk } = globalThis.native;
      const nothing = undefined as never;
      return [
        await sdk.CreateInstance(nothing, nothing),
        sdk.PlayURL(1, 'x'),
        sdk.Unplay(1),
        sdk.Configure({ startWithinMs: 0 }),
        sdk.Configure(nothing),
        sdk.EnableFileLog('', 1, 1),
        await sdk.LoadAndInit(''),
        ...(await Promise.all([sdk.LoadAndInit('a'), sdk.LoadAndInit('b')])),
        sdk.Configure({}),
        await sdk.CreateInstance(nothing, nothing),
      ];
    });
    expect(answers).toEqual([0, false, false, false, false, false, false, true, false, false, 0]);
  });

  it('of asking for instances without end ends at 32', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'many');
    const ids = await native.page.evaluate(async () => {
      const made: number[] = [];
      for (let at = 0; at < 33; at++) made.push(await globalThis.native.create());
      return made;
    });
    expect(ids).toEqual([...Array.from({ length: 32 }, (_, at) => at + 1), 0]);
  });

  it('of a callback that throws is told to the page and hurts nothing else', async ({ stage }) => {
    await stage.serve();
    stage.complaints.expect(/^uncaught: .*mine/);
    const native = await NativePage.load(stage, 'thrower');
    const heard = await native.page.evaluate(async (url) => {
      const { CVbyteP2P: sdk } = globalThis.native;
      return new Promise<number[]>((resolve) => {
        const codes: number[] = [];
        const event = (code: number): void => {
          codes.push(code);
          if (code === sdk.STARTED) resolve(codes);
          throw new TypeError('mine');
        };
        void sdk.CreateInstance(event, () => 0).then((id) => sdk.PlayURL(id, url));
      });
    }, stage.url('thrower'));
    expect(heard).toEqual([LOAD_READY, START, STARTED]);
  });
});

describe('the log', () => {
  it('goes to the console from EnableDebug to DisableDebug', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.open(stage, 'debug');
    const lines: string[] = [];
    native.page.on('console', (message) => lines.push(message.text()));
    await native.page.evaluate(() => globalThis.native.CVbyteP2P.EnableDebug());
    await native.load();
    const { id } = await native.start(stage.url('debug'));
    await eventually('the log is on the console', () => lines.some((line) => /INFO .*\[native 1\] STARTED/.test(line)));
    noteReach('native', 'method', 'EnableDebug');
    await native.page.evaluate(() => globalThis.native.CVbyteP2P.DisableDebug());
    await native.unplay(id);
    await native.page.evaluate(() => console.info('the last line'));
    await eventually('the console has said everything', () => lines.includes('the last line'));
    expect(lines.filter((line) => /\[native 1\] STOP/.test(line))).toEqual([]);
    noteReach('native', 'method', 'DisableDebug');
  });

  it('goes to files that rotate, survive a reload and can be taken out', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.open(stage, 'file');
    const enable = (): Promise<boolean> =>
      native.page.evaluate(() => globalThis.native.CVbyteP2P.EnableFileLog('./log', 2048, 3));
    const files = () =>
      native.page.evaluate(async () => {
        const found = await globalThis.native.CVbyteP2P.ExportFileLog();
        return Promise.all(found.map(async (file) => ({ name: file.name, size: file.size, text: await file.text() })));
      });
    expect(await enable()).toBe(true);
    await native.load();
    const { id } = await native.start(stage.url('file'));
    expect((await files()).map(({ text }) => text).join('')).toContain('[native 1] STARTED http');
    await native.unplay(id);
    await native.page.evaluate(() => globalThis.native.CVbyteP2P.ExportFileLog());
    await native.page.reload();
    expect(await enable()).toBe(true);
    expect((await files()).map(({ text }) => text).join(''), 'what was written before the reload').toContain('STOPPED');
    await native.page.evaluate(() => {
      const writer = globalThis.native.CVbyteP2P.log.writer('test');
      for (let line = 1; line <= 200; line++) writer.info(`line ${line} ${'x'.repeat(60)}`);
    });
    const kept = await files();
    expect(kept).toHaveLength(3);
    for (const { size } of kept) expect(size).toBeLessThanOrEqual(2048);
    expect(kept.map(({ name }) => name)).toEqual([...kept.map(({ name }) => name)].sort(byNumber));
    const text = kept.map((file) => file.text).join('');
    expect(text).not.toContain('STARTED');
    expect(text.trimEnd().split('\n').at(-1)).toContain('line 200');
    expect(text.split('\n').filter((line) => line.includes('line 1 '))).toEqual([]);
  });
});

const byNumber = (a: string, b: string): number => Number(a.match(/\d+/)?.[0]) - Number(b.match(/\d+/)?.[0]);
