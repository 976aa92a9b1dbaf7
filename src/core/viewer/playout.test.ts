import { describe, expect, test } from 'vitest';
import { heard, Scene } from './testing/scene.ts';

const MEDIA = { playout: { kind: 'media', latencyMs: 400 } } as const;
const ALONE = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
`;
const PLAYED = ['run', 'play', 'skip', 'ended', 'state', 'evict'];

describe('pieces are played', () => {
  test('in order, from the newest keyframe on', () =>
    expect(
      heard(
        ALONE,
        '60 piece 3..7 from origin\n70 piece 8..9 from origin\n80 piece 11 from origin\n90 piece 10 from origin',
        PLAYED,
      ),
    ).toEqual(['70 run', '70 play 8', '70 state playing', '70 play 9', '90 play 10', '90 play 11']));

  test('to the last one', () =>
    expect(heard(ALONE, '60 piece 0..1 from origin\n70 piece 2 last from origin', PLAYED).slice(-3)).toEqual([
      '70 play 2',
      '70 ended',
      '70 state ended',
    ]));

  test('not while the page has paused; then from the newest keyframe', () =>
    expect(
      heard(
        `${ALONE}\n60 piece 0..3 from origin`,
        '70 pause\n80 piece 4..9 from origin\n90 resume\n95 piece 10 from origin',
        PLAYED,
      ),
    ).toEqual(['90 run', '90 play 8', '90 play 9', '95 play 10']));
});

describe('a hole', () => {
  test('is passed by at its deadline by a viewer without a screen', () => {
    const said = heard(`${ALONE}\n60 piece 0..3 from origin`, '100 piece 5..6 late=0 from origin\n1200 wait', PLAYED);
    expect(said).toEqual(['1065 skip', '1065 play 5', '1065 play 6']);
  });

  test('is counted once, under its cause', () => {
    const scene = new Scene();
    scene.play(`${ALONE}\n60 piece 0..3 from origin\n100 piece 5..6 late=0 from origin\n1900 wait`, []);
    expect(scene.engine.view.counters.missed).toEqual({
      'no-parent': 0,
      'parent-late': 0,
      'origin-late': 1,
      'not-connected': 0,
    });
  });

  test('is waited for while the picture stands, and left at the next keyframe that is there', () => {
    const before = `${ALONE}\n60 piece 0..3 from origin\n400 piece 5..7 from origin\n500 playhead 0 200 playing`;
    const said = heard(
      before,
      '800 piece 8..11 from origin\n900 playhead 200 200 stalled\n1000 wait\n1700 wait',
      ['skip', 'play'],
      MEDIA,
    );
    expect(said.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'skip',
      'play 8',
      'play 9',
      'play 10',
      'play 11',
    ]);
    expect(Number(said[0]?.split(' ')[0])).toBeGreaterThanOrEqual(1_300);
  });
});

describe('another epoch', () => {
  test('starts afresh at its own keyframe, with sequences that begin again', () =>
    expect(
      heard(
        `${ALONE}\n60 piece 0..9 from origin`,
        '70 head K=4 epoch=2\n80 piece 1..2 from origin\n90 piece 0 from origin',
        ['epoch', ...PLAYED],
      ),
    ).toEqual(['70 epoch', '90 run', '90 play 0', '90 play 1', '90 play 2']));

  test('that is older is not believed', () =>
    expect(heard(`${ALONE}\n60 head K=4 epoch=3`, '70 head K=4 epoch=2', ['epoch'])).toEqual([]));
});

test('after a sleep, on from a keyframe that has not been played', () => {
  const scene = new Scene();
  scene.play(`${ALONE}\n60 piece 0..9 from origin`, []);
  scene.now = 20_000;
  scene.handle({ kind: 'wake' });
  expect(scene.play('20010 piece 10..15 from origin\n20020 piece 16..17 from origin', PLAYED)).toEqual([
    '20020 run',
    '20020 play 16',
    '20020 play 17',
  ]);
});

describe('distance to live', () => {
  const rates = (shown: number): string[] =>
    heard(`${ALONE}\n60 piece 0..63 late=0 from origin`, `100 playhead ${shown} 3150 playing`, ['rate', 'seek'], MEDIA);

  test('is left alone when it is as wished', () => expect(rates(2_790)).toEqual([]));
  test('is made up for by speed', () => expect(rates(1_790).map((line) => line.split(' ')[1])).toEqual(['rate']));
  test('is regained by slowing down a little', () => {
    const [said = ''] = rates(2_990);
    expect(Number(said.split(' ')[2])).toBeGreaterThanOrEqual(0.95);
    expect(Number(said.split(' ')[2])).toBeLessThan(1);
  });
  test('is jumped over only when it is far off', () =>
    expect(rates(-500).map((line) => line.split(' ')[1])).toEqual(['seek']));
});

describe('a source that is late', () => {
  /** Pieces on time, then from 5 s on `lostMs` later than their timestamps say, and a playhead with `aheadMs` before it. */
  const rates = (lostMs: number, aheadMs: number): string[] => {
    const scene = new Scene(MEDIA);
    scene.play(ALONE, []);
    const said: string[] = [];
    for (let sequence = 0; sequence < 200; sequence++) {
      const at = 60 + sequence * 50 + (sequence < 100 ? 0 : lostMs);
      const playhead = sequence % 5 === 4 ? `\n${at} playhead ${sequence * 50 - aheadMs} ${sequence * 50} playing` : '';
      said.push(...scene.play(`${at} piece ${sequence} late=0 from origin${playhead}`, ['rate']));
    }
    return said.map((line) => line.split(' ').slice(1).join(' '));
  };

  test('is not run after: there is nothing behind the buffer', () => expect(rates(800, 350)).toEqual([]));
  test('but what it makes up for is', () => expect(rates(0, 900)[0]).toMatch(/^rate 1\.\d/));
  test('is given time where the buffer is thin', () => expect(rates(800, 20)[0]).toMatch(/^rate 0\.\d/));
});

describe('a buffer that gets thin', () => {
  /** Pieces that come `lateMs` after their cut, and four times a second a playhead that has `aheadMs` left. */
  const playing = (seconds: number, aheadMs: number, lateMs = 400 - aheadMs): Scene => {
    const scene = new Scene(MEDIA);
    scene.play(ALONE, []);
    for (let sequence = 0; sequence < seconds * 20; sequence++) {
      const at = 60 + sequence * 50;
      scene.play(`${at} piece ${sequence} late=${lateMs} from origin`, []);
      if (sequence % 5 === 4) scene.play(`${at} playhead ${sequence * 50 - aheadMs} ${sequence * 50} playing`, []);
    }
    return scene;
  };

  test('moves the playhead back before it runs dry', () => {
    expect(playing(5, 350).engine.playout.targetMs).toBe(400);
    expect(playing(5, 100).engine.playout.targetMs).toBeGreaterThan(400);
  });

  test('but not when the run has only just begun', () => expect(playing(2, 100).engine.playout.targetMs).toBe(400));

  test('nor when it is the source that is silent', () => {
    const scene = playing(5, 350);
    scene.play('6500 playhead 5000 5050 playing\n6750 playhead 5040 5050 playing', []);
    expect(scene.engine.playout.targetMs).toBe(400);
  });
});

describe('the distance aimed at', () => {
  /** A second of pieces that had been cut before we came, then for some seconds pieces that come `lateMs` after their cut. */
  const target = (seconds: number, lateMs: number): number => {
    const scene = new Scene(MEDIA);
    scene.play(ALONE, []);
    for (let sequence = 0; sequence < seconds * 20; sequence++) {
      const at = 60 + sequence * 50;
      const late = sequence < 20 ? 1_000 : lateMs;
      scene.play(`${at} piece ${sequence} late=${late} from origin`, []);
      if (sequence % 5 === 4) scene.play(`${at} playhead ${sequence * 50 - 350} ${sequence * 50} playing`, []);
    }
    return scene.engine.playout.targetMs;
  };

  test('makes room for pieces that usually come late', () => expect(target(8, 390)).toBeGreaterThan(600));
  test('not for those that had been cut before they were asked for', () => expect(target(8, 20)).toBe(400));
});

test('a silent source is nobody’s fault, and comes back', () =>
  expect(
    heard(`${ALONE}\n60 piece 0..3 from origin`, '4000 wait\n4100 piece 4 from origin', ['state', 'fault']),
  ).toEqual(['3105 state source-outage', '3105 fault source/outage', '4100 state playing']));

test('pieces behind the playhead are given up in time, and not promised any more', () => {
  const scene = new Scene();
  scene.play(ALONE, []);
  for (let sequence = 0; sequence < 800; sequence++)
    scene.play(`${60 + sequence * 50} piece ${sequence} from origin`, []);
  expect(scene.said.some((line) => line.includes('evict'))).toBe(true);
  const { pieces } = scene.engine.view;
  expect(pieces.newest - pieces.oldest).toBeLessThan(400);
  expect(pieces.has(pieces.oldest - 1)).toBe(false);
});

test('a stall that a neighbour caused is the mesh’s, one of the origin is not', () => {
  const scene = new Scene(MEDIA);
  scene.play(`${ALONE}\n60 piece 0..7 from origin\n100 joined a b\n300 link 1 b`, []);
  scene.play('310 1: status open=0,1,2,3 lag=5 rank=1 have=0..7\n320 playhead 0 350 playing', []);
  scene.play('400 piece 9..10 from origin\n410 playhead 350 350 stalled\n420 playhead 350 700 playing', []);
  expect(scene.engine.view.counters).toMatchObject({ stalls: 1, meshStalls: 0 });
  scene.play('560 1: accept 0\n560 1: accept 1\n560 1: accept 2\n560 1: accept 3', []);
  scene.play('580 piece 8..15 from origin\n600 piece 16..19 from 1\n640 piece 20..23 from 1', []);
  expect(scene.engine.feeds.all().map((feed) => feed.source)).toEqual([1, 1, 1, 1]);
  scene.play('700 piece 25..27 from 1\n710 playhead 1200 1200 stalled', []);
  expect(scene.engine.view.counters).toMatchObject({ stalls: 2, meshStalls: 1 });
});
