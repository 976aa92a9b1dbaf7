import { expect, it } from 'vitest';
import { ShoalError } from '../errors.ts';
import { createLog } from '../log/log.ts';
import { openDiary } from './diary.ts';
import type { ParsedOptions } from './options.ts';

const open = (given: Partial<ParsedOptions>) =>
  openDiary({
    log: undefined,
    debug: undefined,
    credentials: '',
    codes: undefined,
    place: { origin: 'https://a.example', path: '/live/a' },
    ...given,
  });

it('shows none of the secrets a player is given, early or late', () => {
  const diary = open({
    credentials: 't=early-secret',
    codes: { kind: 'given', code: 'the-code', key: 'the-content-key' },
  });
  diary.keepQuery('t=later-secret&n=1');
  diary.say('early-secret the-code the-content-key');
  diary.failed(new ShoalError('origin/refused', { detail: 'later-secret' }));
  expect(diary.log.entries()).toHaveLength(2);
  expect(diary.log.text()).not.toMatch(/early-secret|the-code|the-content-key|later-secret/);
});

it('lets `debug` hear its own lines only, without secrets and whatever the level, until the player is gone', () => {
  const log = createLog();
  const heard: string[] = [];
  const one = open({ log, debug: (line) => heard.push(line) });
  const other = open({ log });
  const two = open({ log, place: { origin: 'https://a.example', path: '/live/b' } });
  one.say('of one');
  two.say('of two');
  log.level = 'off';
  one.say('at https://a.example/?t=me');
  other.say('of another of the same stream');
  log.level = 'info';
  one.close();
  one.say('late');
  expect(heard).toEqual(['of one', 'at https://a.example/?t=[redacted]']);
  expect(log.entries().map(({ from, text }) => `${from}: ${text}`)).toEqual([
    'player /live/a: of one',
    'player /live/b: of two',
    'player /live/a: late',
  ]);
});

it('grades errors by what they end', () => {
  const diary = open({});
  diary.failed(new ShoalError('origin/unreachable'));
  diary.failed(new ShoalError('key/denied'));
  expect(diary.log.entries().map(({ level }) => level)).toEqual(['warn', 'error']);
});
