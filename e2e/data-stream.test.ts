// createStream: the bytes of a shared stream in the page, without an element.

import { createServer } from 'node:http';
import { describe, expect } from 'vitest';
import { DataPage } from './fixtures/data-page.ts';
import { eventually } from './fixtures/eventually.ts';
import { closeServer, listen } from './fixtures/listening.ts';
import { it } from './fixtures/stage.ts';
import { Upstream } from './fixtures/upstream.ts';

describe('a stream of bytes', () => {
  it('comes from neighbours and goes to them', async ({ stage }) => {
    await stage.serve();
    const pages: DataPage[] = [];
    for (const name of ['one', 'two', 'three']) pages.push(await DataPage.open(stage, name, { url: stage.url(name) }));
    for (const page of pages) await page.takes(50);
    await eventually('they feed each other', async () => {
      const all = await Promise.all(pages.map(({ tab }) => tab.shared()));
      const fed = all.filter(({ viewer }) => viewer.neighbourBytes > 300_000);
      const feeding = all.filter(({ viewer }) => viewer.uploadedBytes > 300_000);
      return fed.length >= 2 && feeding.length >= 2;
    });
    for (const page of pages) {
      expect(await page.takes(50), page.tab.name).toMatchObject({ headers: 1, backwards: 0 });
      expect((await page.tab.shared()).mode).toBe('shared');
    }
  });

  it('begins anew with header and keyframe for a reader that comes anew', async ({ stage }) => {
    await stage.serve();
    const page = await DataPage.open(stage, 'anew', { url: stage.url('anew') });
    await page.takes(50);
    await page.do('restart');
    await eventually('a second file', async () => (await page.files()).length === 2);
    expect(await page.takes(50)).toMatchObject({ headers: 1, firstIsKeyframe: true, backwards: 0 });
    expect(await page.files()).toHaveLength(2);
  });

  it('goes on as one FLV over a worker that dies, and over a pause', async ({ stage }) => {
    await stage.serve();
    const page = await DataPage.open(stage, 'mortal', { url: stage.url('mortal') }, () => {
      const made: Worker[] = [];
      globalThis.Worker = class extends Worker {
        constructor(...given: ConstructorParameters<typeof Worker>) {
          super(...given);
          made.push(this);
        }
      };
      Object.assign(globalThis, { killWorker: () => made[0]?.terminate() });
    });
    await page.takes(50);
    stage.complaints.expect(/^player error: worker\/died/);
    await page.tab.page.evaluate(() => (globalThis as unknown as { killWorker(): void }).killWorker());
    await eventually('the worker is replaced', async () => (await page.tab.stats()).workersLost === 1);
    await page.takes(50);
    await page.do('pause');
    await page.isIn('paused');
    await page.do('resume');
    expect(await page.takes(50)).toMatchObject({ headers: 1, backwards: 0 });
    expect(await page.files()).toHaveLength(1);
  });

  it('comes from its own address as it is where there is no Shoal, and ends with it', async ({ stage }) => {
    const upstream = new Upstream();
    await upstream.start();
    stage.later(() => upstream.kill());
    stage.complaints.expect(/^console error: (Failed to load resource|WebSocket connection)/);
    stage.complaints.expect(/^player error: (service|origin)\//, /blocked by CORS policy/);
    const page = await DataPage.open(stage, 'plain', { url: `${upstream.url}/live/x.flv` });
    expect(await page.takes(50)).toMatchObject({ headers: 1, backwards: 0 });
    expect((await page.tab.stats()).mode).toBe('plain');
    upstream.end();
    await page.isIn('ended');
  });

  it('of something that is no FLV fails and says so', async ({ stage }) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('<!doctype html>'.repeat(10));
    });
    const port = await listen(server);
    stage.later(() => closeServer(server));
    stage.complaints.expect(/^console error: WebSocket connection/, /^player error: /);
    const page = await DataPage.open(stage, 'html', { url: `http://127.0.0.1:${port}/x.flv` });
    const said = await page.tab.hears('error', ({ event }) => event.code === 'source/bad-answer');
    expect(said.event.detail).toBe('no FLV header');
    await page.isIn('failed');
  });
});
