// Every error of the native surface by a real fault in Chromium, and the address that is played all the same.

import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { samplePath } from '../server/src/assets.ts';
import { ErrorCode, EventCode } from '../src/native/codes.ts';
import { startChromium } from './fixtures/chromium.ts';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { NativePage } from './fixtures/native-page.ts';
import { NONCE } from './fixtures/page-server.ts';
import { PostBox } from './fixtures/post-box.ts';
import { noteReach } from './fixtures/reach.ts';
import { it, type Stage } from './fixtures/stage.ts';

const FAILED_LOAD = /^console error: Failed to load resource/;
const APPLICATION = { id: 'an-id', key: 'a-key', secret: 'a-secret', package: 'a.package' };

async function tokens(stage: Stage): Promise<PostBox> {
  const service = new PostBox();
  await service.start();
  stage.later(() => service.close());
  return service;
}

/** Says who the application is, as the native sample does. */
const introduce = (native: NativePage): Promise<void> =>
  native.page.evaluate(({ id, key, secret, package: name }) => {
    const { CVbyteP2P } = globalThis.native;
    CVbyteP2P.SetPackage(name);
    CVbyteP2P.SetVersion('v1.0.0');
    CVbyteP2P.SetAppId(id);
    CVbyteP2P.SetAppKey(key);
    CVbyteP2P.SetSecretKey(secret);
  }, APPLICATION);

describe('the configuration services', () => {
  it('CONF_UNAVAILABLE: a host without Shoal is played from its own address', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const native = await NativePage.open(stage, 'no-shoal');
    const url = `${upstream.url}${stage.path}.flv`;
    await native.rollsBack(url, ErrorCode.CONF_UNAVAILABLE);
    await native.watch(url);
    await native.paints(25);
  });

  it('AUTH_FAILED: the token service refuses the application', async ({ stage }) => {
    await stage.serve();
    const service = await tokens(stage);
    service.status = 403;
    stage.complaints.expect(FAILED_LOAD);
    const native = await NativePage.open(stage, 'refused');
    await native.rollsBack(stage.url('refused'), ErrorCode.AUTH_FAILED, { tokenUrl: service.url });
  });

  it('AUTH_FAILED: the origin refuses the viewer', async ({ stage }) => {
    const hook = await tokens(stage);
    hook.status = 403;
    await stage.serve({ hook: hook.url });
    stage.complaints.expect(...REFUSED_CONNECTIONS, FAILED_LOAD);
    const native = await NativePage.open(stage, 'refused');
    await native.rollsBack(stage.url('refused'), ErrorCode.AUTH_FAILED);
  });

  it('asks for a token in the name of the application, without its secret, and plays with it', async ({ stage }) => {
    const service = await tokens(stage);
    const hook = await tokens(stage);
    await stage.serve({ hook: hook.url });
    const native = await NativePage.load(stage, 'token', { tokenUrl: service.url });
    await introduce(native);
    const { url } = await native.start(stage.url('token'));
    expect(url).toContain('/__shoal__/');
    const [asked] = service.posted;
    const { id, key, secret, package: name } = APPLICATION;
    const sign = createHmac('sha256', secret).update([id, key, name, asked?.t].join('\n')).digest('hex');
    expect(asked).toEqual({ appId: id, appKey: key, package: name, t: expect.any(Number), sign });
    expect(JSON.stringify(hook.posted)).toContain('token=good');
    const log = await native.page.evaluate(() => globalThis.native.CVbyteP2P.log.text());
    expect(log).not.toContain(secret);
    expect(log).toContain('SetVersion is deprecated');
    for (const method of ['SetPackage', 'SetVersion', 'SetAppId', 'SetAppKey', 'SetSecretKey']) {
      noteReach('native', 'method', method);
    }
  });

  it('CONF_INVALID: the description is not valid, or the token is none', async ({ stage }) => {
    await stage.serve();
    const service = await tokens(stage);
    const native = await NativePage.open(stage, 'description');
    await native.rollsBack(stage.url('x'), ErrorCode.CONF_INVALID, { service: stage.pages.service });
    service.body = '{"query":7}';
    const other = await NativePage.open(stage, 'token');
    await other.rollsBack(stage.url('x'), ErrorCode.CONF_INVALID, { tokenUrl: service.url });
  });
});

describe('what runs behind the page', () => {
  it('LIBEVENT_ERROR: without a Service Worker script the original address is played, and the reason said', async ({
    stage,
  }) => {
    await stage.serve();
    stage.complaints.expect(/^console error: A bad HTTP response code \(404\)/);
    const native = await NativePage.open(stage, 'no-script');
    const url = stage.url('no-script');
    await native.rollsBack(url, ErrorCode.LIBEVENT_ERROR, { serviceWorker: '/nowhere/shoal-sw.js' });
    expect((await native.said()).find(({ kind }) => kind === 'error')?.message).toMatch(
      /^virtual\/not-registered: .*404|copy/,
    );
    await native.watch(url);
    await native.paints(25);
  });

  it('LIBEVENT_ERROR: a page that is too high for its Service Worker', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.open(stage, 'scope');
    await native.rollsBack(stage.url('scope'), ErrorCode.LIBEVENT_ERROR, { scope: '/deeper/' });
    expect((await native.said()).find(({ kind }) => kind === 'error')?.message).toMatch(/^virtual\/out-of-scope/);
  });

  it('LIBEVENT_ERROR: a page without https has no Service Worker', async ({ stage }) => {
    await stage.serve();
    const browser = await startChromium({ flags: ['--host-resolver-rules=MAP shop.example 127.0.0.1'] });
    stage.later(() => browser.close());
    const native = await NativePage.open(stage, 'http', { browser, site: 'shop.example' });
    const url = stage.url('http');
    await native.rollsBack(url, ErrorCode.LIBEVENT_ERROR);
    expect((await native.said()).find(({ kind }) => kind === 'error')?.message).toMatch(/^support\/insecure-context/);
    await native.watch(url);
    await native.paints(25);
  });

  it('LIBEVENT_ERROR: a policy that forbids compiling', async ({ stage }) => {
    await stage.serve();
    const { host } = new URL(stage.server.url);
    const csp = `script-src 'nonce-${NONCE}' 'self'; worker-src blob: 'self'; connect-src 'self' http://${host} ws://${host}`;
    stage.complaints.expect(/^console error: .*Content Security Policy/);
    const native = await NativePage.open(stage, 'policy', { query: `?csp=${encodeURIComponent(csp)}` });
    await native.rollsBack(stage.url('policy'), ErrorCode.LIBEVENT_ERROR);
  });
});

describe('what is asked for', () => {
  it('CHANNEL_EMPTY and NO_SUCH_CHANNEL: no address, no such instance', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'empty');
    const id = await native.create();
    await native.hears(id, EventCode.LOAD_READY);
    expect(await native.playUrl(id, '  ')).toBe(false);
    await native.hears(id, ErrorCode.CHANNEL_EMPTY);
    expect(await native.playUrl(id + 1, stage.url('empty'))).toBe(false);
    await native.hears(id, ErrorCode.NO_SUCH_CHANNEL);
    // A call that was refused is no play: nothing was started and nothing is stopped.
    expect(await native.unplay(id)).toBe(false);
    expect(await native.codes(id)).toEqual([EventCode.LOAD_READY, ErrorCode.CHANNEL_EMPTY, ErrorCode.NO_SUCH_CHANNEL]);
  });

  it('NO_SUCH_CHANNEL: the origin has no such stream', async ({ stage }) => {
    const server = await stage.serve();
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    const native = await NativePage.open(stage, 'nobody');
    await native.rollsBack(`${server.url}/live/nobody.flv`, ErrorCode.NO_SUCH_CHANNEL, { startWithinMs: 2000 });
  });

  it('FORMAT_INVALID: not FLV, or a host outside the list of the server', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const service = `${stage.server.url}/.well-known/shoal.json`;
    stage.complaints.expect(FAILED_LOAD);
    const native = await NativePage.open(stage, 'format');
    await native.rollsBack(`${stage.server.url}/live/x.mp4`, ErrorCode.FORMAT_INVALID, { service });
    const foreign = await NativePage.open(stage, 'foreign');
    await foreign.rollsBack('http://elsewhere.example/live/x.flv', ErrorCode.FORMAT_INVALID, { service });
    const { url } = await native.start(`${upstream.url}${stage.path}.flv`);
    expect(url).toContain('/__shoal__/');
  });

  it('RESOLUTION_INVALID: pictures that this browser cannot decode', async ({ stage }) => {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-codec-'));
    stage.later(async () => rmSync(folder, { recursive: true }));
    const file = join(folder, 'odd.flv');
    writeFileSync(file, withProfile(readFileSync(samplePath()), 44));
    await stage.serve({ sources: { '/live/odd': file } });
    const native = await NativePage.open(stage, 'codec');
    await native.rollsBack(`${stage.server.url}/live/odd.flv`, ErrorCode.RESOLUTION_INVALID);
  });
});

describe('in mid-play', () => {
  it('SOURCE_DATA_ERROR when the source breaks off, and the picture goes on when it is back', async ({ stage }) => {
    const upstream = await stage.serveFromUpstream();
    const native = await NativePage.load(stage, 'outage');
    const { id, url } = await native.start(stage.url('outage'));
    await native.watch(url, { kind: 'loader' });
    await native.paints(25);
    stage.complaints.expect(...REFUSED_CONNECTIONS);
    await upstream.kill();
    await native.hears(id, ErrorCode.SOURCE_DATA_ERROR);
    await upstream.start();
    await native.paints(50);
    expect(await native.watched()).toMatchObject({ opened: 1, ended: 0, failed: 0 });
  });

  it('STUCK_TO_ORIGIN when workers die again and again, and the virtual URL plays on', async ({ stage }) => {
    await stage.serve();
    const native = await NativePage.load(stage, 'stuck', {}, { before: keepWorkers });
    const original = stage.url('stuck');
    const { id, url } = await native.start(original);
    await native.watch(url);
    await native.paints(25);
    const stuck = native.hears(id, EventCode.STUCK_TO_ORIGIN);
    await native.page.evaluate(() => globalThis.killWorkers());
    expect(await stuck).toBe(original);
    await native.paints(75);
    expect(await native.codes(id)).toContain(ErrorCode.LIBEVENT_ERROR);
    expect(await native.watched()).toMatchObject({ opened: 1, ended: 0, failed: 0 });
  });
});

declare global {
  var killWorkers: () => void;
}

/** Every worker can be killed, and from then on every new one dies as soon as it lives. */
function keepWorkers(): void {
  const workers = new Set<Worker>();
  let kills = false;
  const Original = Worker;
  const end = (worker: Worker): void => Original.prototype.terminate.call(worker);
  globalThis.Worker = class extends Original {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      workers.add(this);
      // Until it has named its lock nobody could know that it is gone.
      this.addEventListener('message', ({ data }) => {
        if (kills && typeof data === 'object' && data !== null && 'shoalLifeLock' in data) setTimeout(() => end(this));
      });
    }
  };
  globalThis.killWorkers = () => {
    kills = true;
    for (const worker of workers) end(worker);
  };
}

/** The same FLV with another profile in its decoder configuration. */
function withProfile(flv: Buffer, profile: number): Buffer {
  const changed = Buffer.from(flv);
  const config = changed.indexOf(Buffer.from([0x17, 0, 0, 0, 0, 1]));
  if (config < 0) throw new Error('the sample has no AVC configuration');
  changed[config + 6] = profile;
  return changed;
}
