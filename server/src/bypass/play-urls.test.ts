import { expect, test } from 'vitest';
import { playUrls, SOURCE_RATE } from './play-urls.ts';

const code = '8888_81265058829fd2e50c8ec2ac78d55127';
const bases = { web: 'http://8888.liveplay.example.com', rtmp: 'rtmp://8888.liveplay.example.com' };

test("the seed's three addresses: rtmp without an ending, .flv, .m3u8", () => {
  expect(playUrls(code, bases, { encode: [], rates: [SOURCE_RATE] })).toEqual([
    { encode: 'flv', rateType: 0, url: `http://8888.liveplay.example.com/live/${code}.flv` },
    { encode: 'hls', rateType: 0, url: `http://8888.liveplay.example.com/live/${code}.m3u8` },
    { encode: 'rtmp', rateType: 0, url: `rtmp://8888.liveplay.example.com/live/${code}` },
  ]);
});

test('only the forms that are wanted, and only what the server puts out', () => {
  const wanted = { encode: ['hls', 'rtmp'] as const, rates: [SOURCE_RATE] };
  expect(playUrls(code, { ...bases, rtmp: undefined }, wanted).map(({ encode }) => encode)).toEqual(['hls']);
});

test('each quality of the ladder has addresses of its own', () => {
  const rates = [SOURCE_RATE, { rateType: 10, suffix: '_550' }];
  const urls = playUrls(code, bases, { encode: ['flv'], rates });
  expect(urls.map(({ rateType, url }) => [rateType, url.endsWith(`${code}_550.flv`)])).toEqual([
    [0, false],
    [10, true],
  ]);
});
