import { describe, expect, test } from 'vitest';
import { readTarget } from './request-target.ts';

const media = (query: string) => readTarget(`ipc.flv?${query}`);
const BAD = { kind: 'fault', code: 'device/bad-request' };

describe('a request', () => {
  test('for live wants a known quality, high when none is named', () => {
    expect(media('action=live&channel=2')).toEqual({ kind: 'live', channel: 2, quality: 'high' });
    expect(media('action=live&channel=0&quality=super')).toMatchObject({ quality: 'super' });
    expect(media('action=live&quality=best')).toMatchObject({ ...BAD, detail: 'quality' });
  });

  test('for a recording wants at least five seconds, and may name a type', () => {
    const span = (from: string, to: string) => media(`action=playback&channel=0&start_time=${from}&end_time=${to}`);
    expect(span('100', '105')).toEqual({ kind: 'playback', channel: 0, fromS: 100, toS: 105, type: undefined });
    for (const [from, to] of [
      ['100', '104'],
      ['105', '100'],
      ['-5', '5'],
      ['1e3', '2e3'],
      ['', '9'],
    ] as const)
      expect(span(from, to)).toMatchObject({ ...BAD, detail: 'start_time, end_time' });
    expect(media('action=playback&start_time=1&end_time=9&type=alarm')).toMatchObject({ type: 'alarm' });
  });

  test('for a file wants a name of at most 512 characters and an offset', () => {
    expect(media('action=download&channel=0&file_name=a.mp4')).toMatchObject({ file: 'a.mp4', offset: 0 });
    expect(media(`action=download&file_name=${'a'.repeat(512)}&offset=7`)).toMatchObject({ offset: 7 });
    for (const query of ['', 'file_name=', `file_name=${'a'.repeat(513)}`, 'file_name=a&offset=-1'])
      expect(media(`action=download&${query}`)).toMatchObject(BAD);
  });

  test('for a command wants one of at most 16 KB', () => {
    const command = (cmd: string) => readTarget(`command?action=user_define&channel=0&cmd=${cmd}`);
    expect(command('x'.repeat(16_384))).toMatchObject({ kind: 'command', origin: 'user' });
    for (const cmd of ['', 'x'.repeat(16_385)]) expect(command(cmd)).toMatchObject({ ...BAD, detail: 'cmd' });
    expect(readTarget('command?action=other&cmd=x')).toMatchObject({ ...BAD, detail: 'action' });
  });

  test.each([
    ['channel', 'channel=64'],
    ['channel', 'channel=x'],
    ['user_args', `user_args=${'a'.repeat(1025)}`],
    ['requester', `requester=${'a'.repeat(65)}`],
  ])('with a bad %s is refused', (detail, query) => {
    expect(media(`action=live&${query}`)).toMatchObject({ ...BAD, detail });
  });

  test('for another place is refused', () => {
    for (const target of ['', 'other', '../ipc.flv?action=live', 'ipc.flv', 'ipc.flv?action=format'])
      expect(readTarget(target)).toMatchObject(BAD);
    expect(readTarget('/voice?channel=1')).toEqual({ kind: 'voice', channel: 1 });
  });
});
