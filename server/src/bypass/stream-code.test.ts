import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { isStreamPath } from '../http/stream-path.ts';
import { codeOfPath, pathOfCode, streamCode } from './stream-code.ts';

test("the seed's own example", () => {
  expect(streamCode({ bizid: 8888, room: '293710', user: '14y2l2c' }, 'main')).toBe(
    '8888_81265058829fd2e50c8ec2ac78d55127',
  );
});

test('camera and screen of one user are two streams', () => {
  const owner = { bizid: 8888, room: '293710', user: '14y2l2c' };
  expect(streamCode(owner, 'aux')).not.toBe(streamCode(owner, 'main'));
});

test('texts are hashed as UTF-8', () => {
  const bytes = Buffer.from([0xe6, 0x88, 0xbf, 0x5f, 0x61, 0x5f, 0x6d, 0x61, 0x69, 0x6e]);
  const digest = createHash('md5').update(bytes).digest('hex');
  expect(streamCode({ bizid: 1, room: '房', user: 'a' }, 'main')).toBe(`1_${digest}`);
});

test('a code is a stream path and comes back from it', () => {
  const code = streamCode({ bizid: 8888, room: 'a b/../c', user: '用户' }, 'aux');
  expect(isStreamPath(pathOfCode(code))).toBe(true);
  expect(codeOfPath(pathOfCode(code))).toBe(code);
  for (const path of ['/live/demo', `/other/${code}`, `/live/${code}/x`, '/live/']) {
    expect(codeOfPath(path)).toBeUndefined();
  }
});
