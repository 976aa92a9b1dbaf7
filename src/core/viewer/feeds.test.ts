/**
 * Where substreams come from, as scenes: what a viewer says when parents appear, do well, fail and vanish.
 */
import { describe, expect, test } from 'vitest';
import { Feed } from './feed.ts';
import { FED, heard, JOINED, Scene } from './testing/scene.ts';

const check = (before: string, script: string, words: readonly string[], expected: readonly string[]): void =>
  expect(heard(before, script, words)).toEqual(expected);

describe('from the origin', () => {
  test('everything is asked for at once, and not a second time', () =>
    check('0 start', '50 opened\n50 head K=4\n90 wait', ['open-origin', 'ask-origin mask'], []));

  test('to a neighbour of a lower tree, make before break', () =>
    check(
      JOINED,
      `310 1: status open=0 lag=5 rank=1 have=0..7
       420 1: accept 0
       450 piece 8 from 1
       451 held 8 from origin
       470 piece 9..11 from origin
       650 piece 12 from 1
       700 wait`,
      ['1: sub', 'ask-origin mask'],
      ['310 1: subscribe 0 from=8', '650 ask-origin mask 1,2,3 from=live'],
    ));

  test('to a neighbour that has proved itself after one piece', () =>
    check(
      JOINED,
      `310 1: status open=0,1 lag=5 rank=1 have=0..7
       420 1: accept 0
       425 1: accept 1
       450 piece 8..9 from 1
       500 piece 10..11 from origin
       650 piece 12 from 1
       700 wait`,
      ['ask-origin mask'],
      ['450 ask-origin mask 0,2,3 from=live', '650 ask-origin mask 2,3 from=live'],
    ));

  test('playback makes room for whoever is tried by what was cut after it had been asked', () => {
    const target = (late: string): number => {
      const scene = new Scene({ playout: { kind: 'media', latencyMs: 800 } });
      scene.play(`${JOINED}\n900 playhead 0 350 playing\n910 1: status open=0 lag=5 rank=1 have=0..7`, []);
      scene.play(`1200 1: accept 0\n2190 playhead 1900 2200 playing\n2200 piece 8 ${late} from 1`, []);
      return scene.engine.playout.targetMs;
    };
    expect(target('late=900')).toBeGreaterThan(900);
    expect(target('late=1001')).toBe(800);
  });

  test('not to a tree of higher rank', () =>
    check(JOINED, '310 1: status open=0,1,2,3 lag=5 rank=65000 have=0..7\n900 wait', ['1: sub'], []));

  test('not to somebody who is too late to leave time for a repair', () =>
    check(JOINED, '310 1: status open=0,1,2,3 lag=92 rank=1 have=0..7\n900 wait', ['1: sub'], []));

  test('not to somebody who has no room, or is fed by nobody', () =>
    check(
      JOINED,
      '310 1: status open= lag=5 rank=1 have=0..7\n320 2: status open=0,1,2,3 lag=5 rank=65535 have=0..7\n900 wait',
      ['1: sub', '2: sub'],
      [],
    ));

  test('a refused substream is asked of others, then of the origin again', () =>
    check(
      JOINED,
      '310 applied 0,1\n320 wait\n3000 wait',
      ['ask-origin mask'],
      ['310 ask-origin mask 0,1 from=live', '2905 ask-origin mask 0,1,2,3 from=10'],
    ));
});

describe('a candidate', () => {
  const ASKED = `${JOINED}
    310 1: status open=0 lag=5 rank=1 have=0..7`;

  test('that refuses is left alone for a while', () => check(ASKED, '400 1: refuse 0 full\n1500 wait', ['1: sub'], []));

  test('that does not answer is given up', () => {
    const scene = new Scene();
    scene.play(`${ASKED}\n1900 1: status open=0 lag=5 rank=1 have=0..7`, []);
    expect(scene.engine.feeds.of(0)?.trial).toBeUndefined();
  });

  test('that is below us is not followed', () =>
    check(ASKED, '400 1: accept 0 d a e\n410 wait', ['1: uns'], ['400 1: unsubscribe 0']));

  test('that answers too late is told that it is not wanted', () =>
    check(ASKED, '1900 1: accept 0\n1910 wait', ['1: uns'], ['1505 1: unsubscribe 0', '1900 1: unsubscribe 0']));
});

describe('a parent', () => {
  test('that stops is replaced by the origin from what is missing', () =>
    check(FED, '700 1: drop 2 congested\n701 wait', ['ask-origin mask'], ['700 ask-origin mask 2 from=18']));

  test('whose link is lost: the other neighbour is asked, and the origin where that one refuses', () =>
    check(
      `${FED}\n690 2: status open=0,1,2,3 lag=6 rank=1 have=0..15`,
      '700 lost 1\n720 2: accept 0\n720 2: refuse 1 full\n730 wait\n910 wait',
      ['2: sub', 'ask-origin mask'],
      [
        '700 2: subscribe 0 from=16',
        '700 2: subscribe 1 from=17',
        '700 2: subscribe 2 from=18',
        '700 2: subscribe 3 from=19',
        '905 ask-origin mask 1 from=17',
      ],
    ));

  test('below which we find ourselves is left', () =>
    check(FED, '690 1: ancestors 0 d a\n691 wait', ['1: uns'], ['690 1: unsubscribe 0']));

  test('below which we find an older name of ours is left too', () =>
    check(
      `${FED}\n660 tracker-closed\n670 joined z`,
      '690 1: ancestors 0 d a\n691 wait',
      ['1: uns'],
      ['690 1: unsubscribe 0'],
    ));

  test('that says nothing for long is left for the origin', () => {
    const scene = new Scene();
    scene.play(FED, []);
    const said = scene.play('2600 wait', ['1: uns', 'ask-origin mask']);
    expect(said.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      '1: unsubscribe 0',
      '1: unsubscribe 1',
      '1: unsubscribe 2',
      '1: unsubscribe 3',
      'ask-origin mask 0,1,2,3 from=16',
    ]);
  });

  test('is changed for a clearly earlier one of the same tree, and for one of a lower tree', () => {
    const scene = new Scene();
    scene.play(`${FED}\n1000 piece 16..19 late=400 from 1\n1200 piece 20..23 late=400 from 1`, []);
    scene.play('1210 1: status open= lag=40 rank=5 have=0..23', []);
    expect(scene.play('1800 2: status open=0,1,2,3 lag=38 rank=5 have=0..23\n2100 wait', ['2: sub'])).toEqual([]);
    scene.play('2110 piece 24..27 late=400 from 1', []);
    scene.play('2120 2: status open=0,1,2,3 lag=10 rank=5 have=0..27\n2450 wait', []);
    expect(scene.said.some((line) => line.includes('2: subscribe'))).toBe(true);
  });

  test('is changed in one step for a neighbour that has proved itself, else only once that has sent something', () => {
    const changed = (proof: string): string[] => {
      const scene = new Scene();
      scene.play(`${FED}\n${proof}\n1000 piece 16..19 late=400 from 1\n1200 piece 20..23 late=400 from 1`, []);
      scene.play('1210 1: status open= lag=40 rank=5 have=0..23\n2110 piece 24..27 late=400 from 1', []);
      const asked = scene.play('2120 2: status open=0,1,2,3 lag=10 rank=5 have=0..27\n2450 wait', ['2: subscribe']);
      const [substream] = /\d(?= from)/.exec(asked[0] ?? '') ?? [];
      return scene.play(`2460 2: accept ${substream}`, ['1: unsubscribe']);
    };
    expect(changed('660 wait')).toEqual([]);
    expect(changed('660 held 8..11 from 2')).toHaveLength(1);
  });
});

test('without the mesh everything comes from the origin; with it again, trees are joined again', () =>
  check(
    FED,
    '700 share off\n710 link 9 z\n800 share on\n810 wait',
    ['1: bye', '2: bye', 'hang-up', 'close-tracker', 'open-tracker', 'ask-origin mask'],
    [
      '700 1: bye leaving',
      '700 hang-up 1 leaving',
      '700 2: bye leaving',
      '700 hang-up 2 leaving',
      '700 close-tracker',
      '700 ask-origin mask 0,1,2,3 from=16',
      '710 hang-up 9 too-many-links',
      '800 open-tracker',
    ],
  ));

test('the connection to the origin comes back and asks only for what nobody feeds', () =>
  check(
    FED,
    '700 1: drop 1 full\n720 closed\n1600 wait',
    ['open-origin', 'ask-origin mask'],
    ['700 ask-origin mask 1 from=17', '1145 open-origin 1 from=16'],
  ));

test('a source that was slow at first and has been quick for some seconds is a quick one', () => {
  const feed = new Feed(0, 1, 0);
  for (let sequence = 0; sequence < 40; sequence++) feed.heard(sequence, 900, 'new');
  for (let sequence = 40; sequence < 48; sequence++) feed.heard(sequence, 90, 'new');
  expect(feed.lag.at(0.95)).toBe(90);
});

test('a parent whose pieces usually come too late to be mended is left, though each is as late as the one before', () => {
  const lines = Array.from({ length: 24 }, (_, at) => `${1_100 + at * 50} piece ${20 + at} late=930 from 1`);
  expect(heard(FED, lines.join('\n'), ['1: unsubscribe 0'])).toHaveLength(1);
  const early = lines.map((line) => line.replace('930', '600'));
  expect(heard(FED, early.join('\n'), ['1: unsubscribe 0'])).toEqual([]);
});
