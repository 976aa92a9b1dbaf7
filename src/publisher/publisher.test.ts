// What can be said about publishing before anything is captured, and what is said when capturing fails.

import { expect, it } from 'vitest';
import { captureCamera, captureScreen } from './capture.ts';
import { parsePublisher } from './options.ts';
import { fitSize } from './sending/video-encoding.ts';
import { publishLacks } from './support.ts';

const WISH = {
  width: 640,
  height: 360,
  frameRate: 25,
  sound: true,
  picture: true,
  cameraId: undefined,
  microphoneId: 'mic',
};

it('what a browser throws is one of our codes', async () => {
  const throwing = (name: string) => {
    const refuse = () => Promise.reject(new DOMException('no', name));
    return { getUserMedia: refuse, getDisplayMedia: refuse };
  };
  const codes: Record<string, string> = {};
  for (const name of [
    'NotAllowedError',
    'SecurityError',
    'NotFoundError',
    'OverconstrainedError',
    'NotReadableError',
  ]) {
    const error = await captureCamera(throwing(name), WISH).catch((cause: unknown) => cause);
    codes[name] = (error as { code: string }).code;
    expect(await captureScreen(throwing(name), WISH).catch((cause: unknown) => cause)).toMatchObject({
      code: codes[name],
      detail: name,
    });
  }
  expect(codes).toEqual({
    NotAllowedError: 'publish/no-permission',
    SecurityError: 'publish/no-permission',
    NotFoundError: 'publish/no-device',
    OverconstrainedError: 'publish/no-device',
    NotReadableError: 'publish/device-busy',
  });
  await expect(captureCamera(undefined, WISH)).rejects.toMatchObject({ code: 'support/insecure-context' });
});

it('a browser is asked what it can encode before its user is asked for anything', async () => {
  const answers = (supported: boolean) => ({ isConfigSupported: async () => ({ supported, config: {} as never }) });
  const whole = { Worker: 1, WebAssembly: 1, VideoEncoder: answers(true), AudioEncoder: answers(true) };
  const codes = async (browser: object) => (await publishLacks(browser)).map(({ code }) => code);
  expect(await codes(whole)).toEqual([]);
  expect(await codes({ ...whole, VideoEncoder: answers(false) })).toEqual(['publish/no-encoder']);
  expect(await codes({ ...whole, AudioEncoder: undefined })).toEqual(['publish/no-encoder']);
  const throwing = { isConfigSupported: () => Promise.reject(new TypeError()) };
  expect(await codes({ ...whole, VideoEncoder: throwing })).toEqual(['publish/no-encoder']);
  expect(await codes({ isSecureContext: false })).toEqual([
    'support/insecure-context',
    'support/no-worker',
    'support/no-webassembly',
    'publish/no-encoder',
  ]);
  expect((await publishLacks({}))[0]?.sentence).toMatch(/browser/);
});

it('options have defaults, and the one that makes no sense is named', () => {
  const url = 'https://host/publish/live/a?key=k';
  const { address, video, audio, capture } = parsePublisher({ url });
  expect(address).toBe('wss://host/publish/live/a?key=k');
  expect(video).toMatchObject({ widthMax: 1280, heightMax: 720, frameRate: 30, keyframeSeconds: 2 });
  expect(audio).toEqual({ bitsPerSec: 96_000 });
  expect(capture).toMatchObject({ picture: true, sound: true });
  expect(parsePublisher({ url, source: 'screen' }).video).toMatchObject({ widthMax: 1920, heightMax: 1080 });
  expect(parsePublisher({ url, video: false }).video).toBeUndefined();
  for (const [wrong, detail] of [
    [{ url: 'nowhere' }, 'url'],
    [{ url: 'ftp://host/x' }, 'url'],
    [{ url, source: 'window' }, 'source'],
    [{ url, video: { width: 0 } }, 'video.width'],
    [{ url, video: { frameRate: 29.97 } }, 'video.frameRate'],
    [{ url, video: { maxBitrate: 500_000, minBitrate: 600_000 } }, 'video.minBitrate'],
    [{ url, video: { deviceId: 7 } }, 'video.deviceId'],
    [{ url, audio: { bitrate: 1 } }, 'audio.bitrate'],
    [{ url, audio: false, video: false }, 'video and audio are both off'],
  ] as const) {
    expect(() => parsePublisher(wrong as never)).toThrow(expect.objectContaining({ code: 'options/invalid', detail }));
  }
});

it('pictures are made to fit, in even numbers, upright ones too', () => {
  const wish = { widthMax: 1280, heightMax: 720 };
  expect(fitSize({ width: 640, height: 480 }, wish)).toEqual({ width: 640, height: 480 });
  expect(fitSize({ width: 1920, height: 1080 }, wish)).toEqual({ width: 1280, height: 720 });
  expect(fitSize({ width: 1080, height: 1920 }, wish)).toEqual({ width: 720, height: 1280 });
  expect(fitSize({ width: 641, height: 361 }, wish)).toEqual({ width: 642, height: 362 });
  expect(fitSize({ width: 5000, height: 3 }, wish)).toEqual({ width: 1280, height: 2 });
});
