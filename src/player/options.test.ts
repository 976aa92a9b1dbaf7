import { expect, it } from 'vitest';
import { FakeMedia } from '../carrier/testing/fake-media.ts';
import { type PlayerOptions, parseCredentials, parseOptions, parseVideo } from './options.ts';

const video = new FakeMedia() as unknown as HTMLVideoElement;
const url = 'https://live.example/a/b.flv?x=1';
const parse = (options: Readonly<Record<string, unknown>>) => {
  const given = { url, video, ...options } as unknown as PlayerOptions;
  parseVideo(given);
  return parseOptions(given, 'https://page.example/dir/');
};

it('fills in what is not said', () => {
  expect(parse({})).toMatchObject({
    url,
    kind: 'flv',
    place: { origin: 'https://live.example', path: '/a/b' },
    credentials: 'x=1',
    codes: undefined,
    service: undefined,
    sharing: 'on',
    uploadBytesPerSec: Number.POSITIVE_INFINITY,
    neighbours: 16,
    metered: 'respect',
    whenHidden: 'relay',
    latencyMs: 600,
    autoplay: true,
    storeBytes: 24 * 1024 * 1024,
  });
});

it('resolves addresses against the page and trims them', () => {
  expect(parse({ url: ' /live/x.m3u8 ' })).toMatchObject({ url: 'https://page.example/live/x.m3u8', kind: 'hls' });
  expect(parse({ codeUrl: '../code' }).codes).toEqual({ kind: 'service', address: 'https://page.example/code' });
  expect(parse({ service: 'https://s.example/shoal.json' }).service).toBe('https://s.example/shoal.json');
});

it('reads keys in both spellings', () => {
  const bytes = new Uint8Array(32).fill(7);
  const keys = parse({ originKeys: ['07'.repeat(32), 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc'] }).originKeys;
  expect(keys).toEqual([bytes, bytes]);
});

it('takes the address as src too, but not two of them', () => {
  expect(parse({ url: undefined, src: url } as unknown as Partial<PlayerOptions>)).toMatchObject({ url });
  expect(parse({ src: url })).toMatchObject({ url });
});

it.each([
  ['src', { src: 'https://live.example/other.flv' }],
  ['url', { url: 'ftp://x/y.flv' }],
  ['url', { url: 'https://x/y.mp4' }],
  ['url', { url: 7 }],
  ['url', { url: `https://x/${'y'.repeat(200)}.flv` }],
  ['video', { video: {} }],
  ['video', { video: null }],
  ['codeUrl', { codeUrl: 'javascript:alert(1)' }],
  ['code', { code: { code: 'c', key: '***' } }],
  ['service', { service: '' }],
  ['originKeys', { originKeys: [] }],
  ['originKeys', { originKeys: ['abc'] }],
  ['sharing', { sharing: true }],
  ['uploadCapKbps', { uploadCapKbps: -1 }],
  ['neighbours', { neighbours: 1.5 }],
  ['metered', { metered: 'yes' }],
  ['whenHidden', { whenHidden: 'stop' }],
  ['latencyMs', { latencyMs: 10 }],
  ['iceServers', { iceServers: [{ urls: 'http://x' }] }],
  ['autoplay', { autoplay: 'muted' }],
  ['memoryMb', { memoryMb: 1 }],
  ['consent', { consent: true }],
  ['tokenProvider', { tokenProvider: 'token' }],
  ['debug', { debug: true }],
])('refuses a wrong %s and names it', (option, wrong) => {
  expect(() => parse(wrong)).toThrow(
    expect.objectContaining({ code: 'options/invalid', detail: expect.stringContaining(option) }),
  );
});

it('refuses what are no options at all', () => {
  expect(() => parseOptions(undefined as unknown as PlayerOptions, 'https://x/')).toThrow(
    expect.objectContaining({ code: 'options/invalid' }),
  );
});

it('reads credentials with and without a question mark and a term', () => {
  expect(parseCredentials('?a=1')).toEqual({ query: 'a=1', renewInMs: undefined });
  expect(parseCredentials({ query: 'a=1', renewInMs: 5000 })).toEqual({ query: 'a=1', renewInMs: 5000 });
  for (const wrong of [undefined, 7, { query: 1 }, { query: 'a', renewInMs: 1 }]) {
    expect(() => parseCredentials(wrong)).toThrow(expect.objectContaining({ code: 'options/invalid' }));
  }
});
