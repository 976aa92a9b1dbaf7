import { expect, test } from 'vitest';
import { credentialsOf, isStreamPath, readStreamAsk } from './stream-path.ts';

test('knows the forms of a stream', () => {
  expect(readStreamAsk('/live/demo.flv')).toEqual({ kind: 'plain', path: '/live/demo' });
  expect(readStreamAsk('/live/demo.pieces')).toEqual({ kind: 'pieces', path: '/live/demo' });
  expect(readStreamAsk('/live/demo/head')).toEqual({ kind: 'head', path: '/live/demo' });
  expect(readStreamAsk('/live/demo.m3u8')).toEqual({ kind: 'hls', path: '/live/demo', name: undefined });
  expect(readStreamAsk('/live/demo/hls/12-ab_c.3.m4s')).toEqual({
    kind: 'hls',
    path: '/live/demo',
    name: '12-ab_c.3.m4s',
  });
  expect(readStreamAsk('/a/b/c/01a1fd0133b8704c7d83/42')).toEqual({
    kind: 'piece',
    path: '/a/b/c',
    epoch: '01a1fd0133b8704c7d83',
    sequence: 42,
  });
});

test.each([
  '/../etc/passwd.flv',
  '/live/../x.flv',
  '/live//x.flv',
  '/live/.hidden.flv',
  '/live/%2e%2e/x.flv',
  '/live/a b.flv',
  '/live/x\\y.flv',
  '/@evil.example/x.flv',
  '//evil.example/x.flv',
  '/.flv',
  `/${'a'.repeat(201)}.flv`,
  '/a/a/a/a/a/a/a/a/a.flv',
  '/live/demo/01a1fd0133b8704c7d83/007',
  '/live/demo/01A1FD0133B8704C7D83/7',
  '/live/demo.mp4',
  '/live/../x.m3u8',
  '/live/demo/hls/../head',
  `/live/demo/hls/${'a'.repeat(101)}`,
])('%s names no stream', (path) => {
  expect(readStreamAsk(path)).toBeUndefined();
});

test('a path must be plain', () => {
  expect(isStreamPath('/live/demo-1_a~.x')).toBe(true);
  expect(isStreamPath('live/demo')).toBe(false);
  expect(isStreamPath('/live/demo?x')).toBe(false);
  expect(isStreamPath('/live/demo\n')).toBe(false);
});

test('credentials are what is not ours', () => {
  expect(
    credentialsOf(
      new URLSearchParams('mask=3&from=live&token=t%20x&code=c&tag=a&substreams=1&u=2&_HLS_msn=1&_HLS_part=2'),
    ),
  ).toBe('token=t+x&u=2');
});
