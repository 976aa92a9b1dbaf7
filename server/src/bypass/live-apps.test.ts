import { describe, expect, test } from 'vitest';
import { appsOf, embeddedApp, readApps } from './live-apps.ts';

const only = (fields: object) => appsOf([{ bizid: 8888, ...fields }]).get(8888);

describe('the apps of a file', () => {
  test('a number is enough: everything automatic, all formats, nothing reported', () => {
    expect(only({})).toMatchObject({
      bypass: 'auto',
      record: 'auto',
      formats: 7,
      manualFormats: 4,
      isManualReported: false,
      screenshotSeconds: 0,
      callback: undefined,
      roomSecret: undefined,
    });
  });

  test('where recording is by hand nothing is recorded by itself', () => {
    expect(only({ record: 'manual' })).toMatchObject({ formats: 0, manualFormats: 4 });
  });

  test('everything can be said', () => {
    const all = {
      appid: 5,
      roomSecret: 'r',
      apiSecret: 'a',
      bypass: 'manual',
      record: 'auto',
      formats: 2,
      manualFormats: 7,
      manualReported: true,
      screenshotSeconds: 30,
      retentionDays: 3,
      pushesMax: 9,
      callback: { url: 'https://example.com/hook', key: 'k', ack: 'status' },
      playUrl: 'https://live.example.com/',
      rtmpUrl: 'rtmp://live.example.com',
    };
    const { manualReported, ...rest } = all;
    expect(only(all)).toMatchObject({ ...rest, isManualReported: manualReported, playUrl: 'https://live.example.com' });
  });

  test.each([
    ['no bizid', [{}], 'no bizid'],
    ['a bizid twice', [{ bizid: 1 }, { bizid: 1 }], 'twice'],
    ['a field there is not', [{ bizid: 1, secret: 'x' }], 'secret'],
    ['a switch that is none', [{ bizid: 1, bypass: 'on' }], 'bypass wants auto or manual'],
    ['formats there are not', [{ bizid: 1, formats: 8 }], 'formats wants'],
    ['a callback without a key', [{ bizid: 1, callback: { url: 'http://x' } }], 'callback wants'],
    ['a callback to a file', [{ bizid: 1, callback: { url: 'file:///x', key: 'k' } }], 'callback wants'],
    ['an address that is none', [{ bizid: 1, playUrl: 'live' }], 'playUrl wants'],
    ['an empty secret', [{ bizid: 1, apiSecret: '' }], 'apiSecret wants'],
    ['no list', {}, 'not a JSON list'],
  ])('are refused with a sentence: %s', (_what, value, detail) =>
    expect(() => appsOf(value)).toThrow(
      expect.objectContaining({ code: 'server/bad-config', detail: expect.stringContaining(detail) }),
    ),
  );
});

test('none, an open one to try, and a file that is not there', () => {
  expect(readApps(undefined).size).toBe(0);
  expect(readApps('embedded').get(8888)).toBe(embeddedApp);
  expect(() => readApps('/nowhere/apps.json')).toThrow(expect.objectContaining({ code: 'server/bad-config' }));
});
