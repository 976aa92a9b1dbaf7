import { describe, expect, test } from 'vitest';
import { FED, heard, Scene } from './testing/scene.ts';

/** A piece of substream 1 does not come; others show it. */
const HOLE = `${FED}
  700 piece 18..19 from 1
  701 piece 16 from 1`;
const WORDS = ['1: want', '2: want', 'ask-origin want', 'skip'];

describe('a hole', () => {
  test('is asked of a neighbour that holds the piece, then of its parent, then of the origin', () =>
    expect(heard(HOLE, '720 2: status open= lag=4 rank=1 have=0..20\n1000 wait', WORDS)).toEqual([
      '758 2: want 17',
      '833 1: want 17',
      '908 ask-origin want 17',
    ]));

  test('is filled by whoever was asked, and counts as a repair', () => {
    const scene = new Scene();
    scene.play(`${HOLE}\n720 2: status open= lag=4 rank=1 have=0..20\n800 piece 17 from 2\n900 wait`, []);
    expect(scene.engine.view.counters.repairsFromNeighbours).toBe(1);
    expect(scene.engine.holes).toBe(0);
  });

  test('is told to children, who wait', () =>
    expect(
      heard(`${FED}\n660 2: subscribe 1 from=16\n700 piece 18..19 from 1\n701 piece 16 from 1`, '800 wait', [
        '2: missing',
      ]),
    ).toEqual(['758 2: missing 17']));

  test('our parent has too is left to it until the playhead comes near', () =>
    expect(heard(HOLE, '702 1: missing 17\n1800 wait', WORDS)).toEqual(['1496 ask-origin want 17', '1671 skip']));

  test('is not asked of a neighbour when the origin is about to be asked', () =>
    expect(heard(HOLE, '702 1: missing 17\n1400 2: status open= lag=4 rank=1 have=0..20\n1800 wait', WORDS)).toEqual([
      '1496 ask-origin want 17',
      '1671 skip',
    ]));

  test('our parent has too, before we noticed, is left to it as well', () =>
    expect(heard(FED, '690 1: missing 17\n700 piece 18..19 from 1\n701 piece 16 from 1\n1300 wait', WORDS)).toEqual(
      [],
    ));

  test('a parent cannot fill is asked of the origin at once', () =>
    expect(heard(HOLE, '730 1: absent 17\n830 wait', WORDS)).toEqual(['758 ask-origin want 17']));

  test('the origin cannot fill is asked of it again a little later, and not for ever', () => {
    const asks = heard(HOLE, '860 absent 17\n1200 absent 17\n1450 absent 17\n1650 wait', ['ask-origin want']);
    expect(asks.length).toBe(3);
    expect(asks[0]).toBe('833 ask-origin want 17');
    expect(Number(asks[1]?.split(' ')[0])).toBeGreaterThanOrEqual(1060);
  });

  test('of a viewer that has paused is not asked of the origin', () =>
    expect(heard(HOLE, '702 pause\n1600 wait', ['ask-origin want'])).toEqual([]));
});

test('a hole from before the origin became the source is asked of it, for it sends what comes after', () =>
  expect(
    heard(
      `${FED}
       700 piece 18..19 from 1
       701 piece 16 from 1
       710 piece 20..23 from 1`,
      '720 1: drop 1 congested\n725 applied 1\n1400 wait',
      ['ask-origin want', 'ask-origin mask'],
    ),
  ).toEqual(['720 ask-origin mask 1 from=25', '758 ask-origin want 17']));

test('a neighbour that has room is asked before one that has none', () =>
  expect(
    heard(
      HOLE.replace('joined a b c', 'joined a b c d').replace('300 link 2 c', '300 link 2 c\n  300 link 3 d'),
      `720 2: status open= lag=4 rank=1 have=0..20
       721 3: status open=0 lag=4 rank=1 have=0..20
       800 wait`,
      [...WORDS, '3: want'],
    ),
  ).toEqual(['758 3: want 17']));

test('a repair of what was still coming makes the next hole be given longer', () => {
  const next = (afterwards: string): string[] =>
    heard(
      `${HOLE}\n720 2: status open= lag=4 rank=1 have=0..20\n800 piece 17 from 2\n${afterwards}`,
      '900 piece 22..23 from 1\n901 piece 20 from 1\n902 2: status open= lag=4 rank=1 have=0..24\n1100 wait',
      ['2: want'],
    );
  const [usual] = next('810 wait');
  const [patient] = next('810 held 17 from 1');
  expect(usual).toMatch(/2: want 21/);
  expect(patient).toMatch(/2: want 21/);
  expect(Number.parseInt(patient ?? '', 10)).toBeGreaterThanOrEqual(Number.parseInt(usual ?? '', 10) + 15);
});

describe('nobody is believed to', () => {
  test('lack what it was not to send, or what cannot exist yet', () =>
    expect(heard(FED, '700 2: absent 17\n701 1: absent 4000000\n702 1: missing 4000000\n1500 wait', WORDS)).toEqual(
      [],
    ));
});

test('three late pieces in a row are enough: the parent is left', () =>
  expect(
    heard(
      FED,
      `700 piece 18..19 from 1
       701 piece 16 from 1
       900 piece 22..23 from 1
       901 piece 20 from 1
       1100 piece 26..27 from 1
       1101 piece 24 from 1
       1300 wait`,
      ['1: uns', 'ask-origin mask'],
    ),
  ).toEqual(['1108 1: unsubscribe 1', '1108 ask-origin mask 1 from=17']));

test('a parent that is late and silent is left at the first late piece', () => {
  const scene = new Scene();
  scene.play(`${FED}\n660 2: status open=1 lag=6 rank=1 have=0..15`, []);
  const said = scene.play('1560 piece 18..19 from 2\n1561 piece 16 from 2\n1640 wait', ['1: uns']);
  expect(said.length).toBeGreaterThan(0);
});

test('holes at the beginning of an epoch are filled: its first keyframe among them', () =>
  expect(heard(FED, '700 head K=4 epoch=2 from 1\n720 piece 2..4 from 1\n900 wait', WORDS)).toEqual([
    '795 1: want 0,1',
    '870 ask-origin want 0,1',
  ]));

test('after a sleep nothing of before is asked for', () => {
  const scene = new Scene();
  scene.play(HOLE, []);
  scene.now = 30_000;
  scene.handle({ kind: 'wake' });
  expect(scene.engine.holes).toBe(0);
});

test('a parent that says again and again that it misses what it should send is excused four times, then left', () => {
  const script: string[] = [];
  for (let round = 0; round < 9; round++) {
    const first = 16 + round * 4;
    const at = 700 + round * 200;
    script.push(`${at} piece ${first + 2}..${first + 3} from 1`, `${at + 1} piece ${first} from 1`);
    script.push(`${at + 2} 1: missing ${first + 1}`);
  }
  const left = (rounds: number): string[] =>
    heard(FED, [...script.slice(0, rounds * 3), `${700 + rounds * 200 + 100} wait`].join('\n'), ['1: unsubscribe 1']);
  expect(left(5)).toEqual([]);
  expect(left(9)).toHaveLength(1);
});

describe('nothing comes at all', () => {
  /** Statuses go on, pieces do not: by what the other neighbour says it holds. */
  const mute = (have: string): string =>
    Array.from(
      { length: 12 },
      (_, at) =>
        `${700 + at * 300} 1: status open= lag=4 rank=0 have=0..15\n${705 + at * 300} 2: status open= lag=4 rank=1 have=${have}`,
    ).join('\n');

  test('though another neighbour has what follows: whoever should send it is left, and the origin takes over', () => {
    const scene = new Scene();
    scene.play(FED, []);
    const said = scene.play(`${mute('0..40')}\n4500 wait`, ['want', 'ask-origin mask']);
    expect(said).toEqual(['3180 ask-origin mask 0,1,2,3 from=16']);
    expect(scene.engine.feeds.all().map(({ source }) => source)).not.toContain(1);
  });

  test('to a viewer that has paused: it looks for nothing', () => {
    const scene = new Scene();
    scene.play(`${FED}\n690 pause`, []);
    expect(scene.play(`${mute('0..40')}\n4500 wait`, ['want', 'ask-origin mask'])).toEqual([]);
  });

  test('to anybody: the source is silent, and nobody is blamed', () => {
    const scene = new Scene();
    scene.play(FED, []);
    expect(scene.play(`${mute('0..15')}\n4500 wait`, ['want'])).toEqual([]);
    expect(scene.engine.feeds.all().map(({ source }) => source)).toEqual([1, 1, 1, 1]);
  });
});
