import { beforeEach, expect, it } from 'vitest';
import { type HlsRun, playHls } from './hls-player.ts';

/** A browser that gives pages no MediaSource and plays HLS itself, as Node gives none. */
class NativeVideo extends EventTarget {
  src = '';
  currentTime = 0;
  duration = Number.POSITIVE_INFINITY;
  readonly error = { message: 'broken' };
  readonly seekable = { length: 1, end: () => 30 };
  loads = 0;

  removeAttribute(name: 'src'): void {
    this[name] = '';
  }

  load(): void {
    this.loads += 1;
  }
}

let video: NativeVideo;
let said: string[];
beforeEach(() => {
  video = new NativeVideo();
  said = [];
});

const play = (): Promise<HlsRun> =>
  playHls(
    { video: video as unknown as HTMLVideoElement, url: 'https://live.example/live/demo.m3u8' },
    {
      failed: ({ code, detail }) => said.push(`${code} ${detail}`),
      troubled: ({ code }) => said.push(code),
      ended: () => said.push('ended'),
    },
  );

it('hands the address to the element where hls.js has nothing to work with', async () => {
  const run = await play();
  expect(run).toMatchObject({ by: 'native', latencyMs: undefined });
  expect(video.src).toBe('https://live.example/live/demo.m3u8');
  run.toLiveEdge();
  expect(video.currentTime).toBe(30);
});

it('leaves a film where it is', async () => {
  video.duration = 100;
  (await play()).toLiveEdge();
  expect(video.currentTime).toBe(0);
});

it('says what the element says, until it is destroyed', async () => {
  const run = await play();
  video.dispatchEvent(new Event('error'));
  video.dispatchEvent(new Event('ended'));
  run.destroy();
  video.dispatchEvent(new Event('error'));
  expect(said).toEqual(['media/playback-failed broken', 'ended']);
  expect([video.src, video.loads]).toEqual(['', 1]);
});
