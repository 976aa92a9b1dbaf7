// What a customer gets: both tarballs installed into fresh projects, built with Vite, with webpack and not at all, served
// by the packed server, and opened in Chromium until a frame is painted.

import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChromium } from './fixtures/chromium.ts';
import { Complaints } from './fixtures/complaints.ts';
import { Customer, serveFrom, strict, succeed, tsc, versionOf, write } from './fixtures/customer.ts';

let computer: Customer;
let sdkTarball: string;
/** A project with nothing but the server, and one with nothing but the SDK. */
let serverProject: string;
let sdkProject: string;

beforeAll(async () => {
  computer = new Customer();
  sdkTarball = await computer.pack('.');
  const library = "import * as server from 'shoal-server';\nif (Object.keys(server).length === 0) process.exit(1);\n";
  const libraryFiles = { 'main.mts': library, 'main.mjs': library };
  serverProject = await computer.project('server', libraryFiles, [await computer.pack('server'), '@types/node@20']);
  sdkProject = await computer.project('sdk', typed, [sdkTarball]);
});

afterAll(() => computer.close());

describe('the server package', () => {
  it('answers npx shoal-server -h', async () => {
    const help = await succeed('npx', ['shoal-server', '-h'], serverProject);
    for (const flag of ['-h', '-u', '-k', '-p', '-t', '-d', '-v', '--static']) expect(help).toContain(flag);
  });

  it('can be imported, and its types hold without our sources', async () => {
    await succeed('node', ['main.mjs'], serverProject);
    const options = ['--module', 'nodenext', '--lib', 'es2023', '--types', 'node'];
    await succeed('node', [tsc, ...strict, ...options, 'main.mts'], serverProject);
  });
});

describe('the SDK package', () => {
  it('brings no other package along', () => {
    expect(readdirSync(join(sdkProject, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['shoal']);
  });

  it.each([
    ['bundler', 'preserve'],
    ['nodenext', 'nodenext'],
  ])('has types that hold under moduleResolution %s', async (resolution, module) => {
    const options = ['--module', module, '--moduleResolution', resolution, '--lib', 'es2023,dom', '--types', ''];
    await succeed('node', [tsc, ...strict, ...options, ...Object.keys(typed)], sdkProject);
  });
});

describe('a page of the SDK paints a frame', { timeout: 300_000 }, () => {
  let site: string;
  let server: ChildProcess;
  let address: string;
  let browser: Browser;
  let viteProject: string;

  beforeAll(async () => {
    site = join(computer.folder, 'site');
    mkdirSync(site);
    const page = pageWith('<script type="module" src="./main.ts"></script>');
    const files = {
      ...{ 'player/index.html': page, 'player/main.ts': pageScript },
      ...{ 'plugin/index.html': page, 'plugin/main.ts': pluginScript },
      ...{ 'native/index.html': page, 'native/main.ts': nativeScript },
    };
    viteProject = await computer.project('vite', files, [sdkTarball, `vite@${versionOf('vite')}`]);
    [server, address] = await serveFrom(serverProject, [
      '--source',
      'live/demo=embedded',
      '--publish',
      'open',
      '--static',
      site,
    ]);
    browser = await startChromium();
  });

  afterAll(async () => {
    await browser.close();
    server.kill();
  });

  /** Builds one of the project's pages into the site. */
  const buildWithVite = (name: string): Promise<string> =>
    succeed('npx', ['vite', 'build', name, '--base', './', '--outDir', join(site, name)], viteProject);

  it('built with Vite', async () => {
    await buildWithVite('player');
    await expectFrame('player/index.html');
  });

  it('and one of the plugin surface, built with Vite, gets its data', async () => {
    await buildWithVite('plugin');
    await expectOf('plugin/index.html', 'data', () => document.title === 'data');
  });

  it('and one of the native surface, built with Vite, with shoal-sw.js copied beside it', async () => {
    await buildWithVite('native');
    cpSync(join(viteProject, 'node_modules/shoal/dist/shoal-sw.js'), join(site, 'native/shoal-sw.js'));
    await expectOf('native/index.html', 'data', () => document.title === 'data');
  });

  it('built with webpack', async () => {
    const files = { 'src/index.js': pageScript, 'build.mjs': webpackScript(join(site, 'webpack')) };
    const customer = await computer.project('webpack', files, [sdkTarball, 'webpack@5']);
    await succeed('node', ['build.mjs'], customer);
    writeFileSync(join(site, 'webpack/index.html'), pageWith('<script type="module" src="./main.js"></script>'));
    await expectFrame('webpack/index.html');
  });

  it('with one script tag', async () => {
    const script = pageScript.replace(/^import.*$/m, 'const { createPlayer } = Shoal;');
    const tags = `<script src="./shoal.global.js"></script>\n<script>${script}</script>`;
    write(site, { 'plain/index.html': pageWith(tags) });
    cpSync(join(sdkProject, 'node_modules/shoal/dist/shoal.global.js'), join(site, 'plain/shoal.global.js'));
    await expectFrame('plain/index.html');
  });

  it('without a line of code', async () => {
    const element = '<shoal-player src="/live/demo.flv" autoplay muted></shoal-player>';
    const page = `<!doctype html>\n<link rel="icon" href="data:," />\n${element}\n<script src="./shoal.global.js"></script>\n`;
    write(site, { 'element/index.html': page });
    cpSync(join(sdkProject, 'node_modules/shoal/dist/shoal.global.js'), join(site, 'element/shoal.global.js'));
    await expectFrame('element/index.html');
  });

  it('with the ES module as it is', async () => {
    const script = pageScript.replace("'shoal'", "'./dist/shoal.js'");
    write(site, { 'module/index.html': pageWith(`<script type="module">${script}</script>`) });
    cpSync(join(sdkProject, 'node_modules/shoal/dist'), join(site, 'module/dist'), { recursive: true });
    await expectFrame('module/index.html');
    write(site, { 'module/publish.html': pageWith(`<script type="module">${publishScript}</script>`) });
    await expectOf('module/publish.html', 'publisher', () => document.title === 'live');
  });

  /** Opens a page until its video shows a picture with more than one colour. */
  const expectFrame = (path: string): Promise<void> => expectOf(path, 'picture', picturePainted);

  /** Opens a page until it has come to something, and wants no word in the console. */
  async function expectOf(path: string, what: string, seen: () => boolean): Promise<void> {
    const context = await browser.newContext();
    const complaints = new Complaints();
    complaints.listenTo(context, path);
    const page = await context.newPage();
    await page.goto(`${address}/${path}`);
    await page.waitForFunction(seen, undefined, { timeout: 20_000 }).catch((error: Error) => {
      complaints.add(path, `no ${what}: ${error.message}`);
    });
    expect(complaints.undeclared()).toEqual([]);
    await context.close();
  }
});

/** Runs in the page. */
function picturePainted(): boolean {
  const place = document.querySelector('shoal-player')?.shadowRoot ?? document;
  const video = place.querySelector('video') as HTMLVideoElement;
  const context = document.createElement('canvas').getContext('2d');
  if (context === null || video.videoWidth === 0) return false;
  context.drawImage(video, 0, 0, 64, 36);
  const pixels = new Uint32Array(context.getImageData(0, 0, 64, 36).data.buffer);
  return new Set(pixels).size > 16;
}

const pageWith = (scripts: string): string =>
  `<!doctype html>\n<link rel="icon" href="data:," />\n<video autoplay muted playsinline></video>\n${scripts}\n`;

const partsScript = `import { isSupported, supportReasons } from 'shoal';
import { defineShoalPlayer, type ElementEvents, type ShoalPlayerElement } from 'shoal/element';
import { createP2PManager, createP2PPlayer, type LeaveReason, STATE_CODES } from 'shoal/p2p-player';
import { connectDevice, type DownloadSink, memorySink } from 'shoal/device';
import { p2pModule } from 'shoal/plugin';
import { createPublisher, enterRoom, type PublisherOptions, publishLacks } from 'shoal/publisher';
import { getRecorderManager, type RecorderOptions } from 'shoal/recorder';
const options: RecorderOptions = { sampleRate: 16000 };
const sink: DownloadSink = memorySink();
p2pModule.startVoiceService('door', getRecorderManager(), options, { onStop: ({ willRestart }) => console.log(willRestart) });
connectDevice({ info: 'XP2P' }).save('a.mp4', sink, { onProgress: ({ received }) => console.log(received) });
const publish: PublisherOptions = { url: 'wss://live.example.com/publish/live/door', source: 'screen', audio: false };
createPublisher(publish).then((publisher) => publisher.on('stats', ({ lagMs }) => console.log(lagMs)));
enterRoom({ server: 'https://live.example.com', bizid: 8888, room: 'a', user: 'b' })
  .then((room) => room.startPushStream({ encode: 'hls' }))
  .then(({ channelId, urls }) => console.log(channelId, urls[0]?.url, publishLacks()));
defineShoalPlayer();
const element: ShoalPlayerElement = document.createElement('shoal-player');
element.on('error', ({ code }: ElementEvents['error']) => console.warn(code, element.state));
element.labels = { play: 'Los' };
const manager = createP2PManager({ p2pModule });
const player = createP2PPlayer({ video: element.video });
player.on('statechange', ({ code }) => console.log(STATE_CODES[code].name));
const prompt = (reason: LeaveReason): void => console.warn(reason.kind);
const session = manager.open({ id: 'one', streamInfo: { url: 'https://live.example.com/live/demo.flv' }, player, prompt });
console.log(session.state, isSupported(), supportReasons());
`;

const pageScript = `import { createPlayer } from 'shoal';
const video = document.querySelector('video');
if (video === null) throw new Error('no video');
const player = createPlayer({ url: new URL('/live/demo.flv', location.href).href, video });
addEventListener('pagehide', () => player.destroy());
`;

const publishScript = `import { createPublisher } from './dist/shoal-publisher.js';
const canvas = document.createElement('canvas');
const context = canvas.getContext('2d');
setInterval(() => context.fillRect(Math.random() * 300, 0, 9, 9), 50);
const url = new URL('/publish/live/packed', location.href).href;
const publisher = await createPublisher({ url, source: canvas.captureStream(), audio: false });
publisher.on('stats', ({ arrivedBytes }) => {
  if (arrivedBytes > 0) document.title = publisher.state;
});
`;

const pluginScript = `import { p2pModule, type Refusal, type StreamInfo } from 'shoal/plugin';
const info: StreamInfo = { url: new URL('/live/demo.flv', location.href).href };
const { Log } = p2pModule.XP2PEventEnum;
p2pModule
  .init({ appParams: {}, initParams: { tokenProvider: async () => '' } })
  .then((res: 0) =>
    p2pModule.startP2PService('one', info, {
      msgCallback: (event, subtype) => void (event === Log || console.info(res, subtype)),
      dataCallback: (data: ArrayBuffer) => {
        if (data.byteLength > 0) document.title = 'data';
      },
    }),
  )
  .catch(({ errcode, errmsg }: Refusal) => console.error(errcode, errmsg));
addEventListener('pagehide', () => p2pModule.destroy());
`;

const nativeScript = `import { CVbyteP2P, EventCode } from 'shoal/native';
CVbyteP2P.Configure({ serviceWorker: 'shoal-sw.js' });
if (!(await CVbyteP2P.LoadAndInit('customer'))) throw new Error('not loaded');
const read = async (address: string): Promise<void> => {
  const { body } = await fetch(address);
  const reader = body?.getReader();
  const first = await reader?.read();
  const isFlv = first?.value?.[0] === 0x46 && address.includes('/native/__shoal__/');
  document.title = isFlv ? 'data' : address;
};
const id = await CVbyteP2P.CreateInstance(
  (code, message) => void (code === EventCode.STARTED && read(message)),
  (code, message) => console.error(code, message),
);
CVbyteP2P.PlayURL(id, new URL('/live/demo.flv', location.href).href);
`;

/** Files whose types are looked at. */
const typed = {
  'main.mts': pageScript,
  'plugin.mts': pluginScript,
  'native.mts': nativeScript,
  'parts.mts': partsScript,
};

const webpackScript = (to: string): string => `import webpack from 'webpack';
webpack({ mode: 'production', output: { path: ${JSON.stringify(to)} } }, (error, stats) => {
  if (!error && !stats.hasErrors()) return;
  console.error(error ?? stats.toString());
  process.exitCode = 1;
});
`;
