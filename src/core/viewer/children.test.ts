import { describe, expect, test } from 'vitest';
import { ANCESTORS_MAX } from '../../wire/limits.ts';
import { FED, heard, JOINED, nameOf, Scene } from './testing/scene.ts';

describe('a subscription', () => {
  test('is accepted with the last pieces, and then gets every new one until it is ended', () =>
    expect(
      heard(
        JOINED,
        `310 1: subscribe 0 from=4
         320 piece 8..11 from origin
         330 1: unsubscribe 0
         340 piece 12 from origin`,
        ['1: acc', 'push'],
      ),
    ).toEqual(['310 1: accept 0', '310 push 4 to 1', '320 push 8 to 1']));

  test('of what is not there, or of a root of lower rank, is refused', () =>
    expect(heard(JOINED, '311 2: subscribe 0 from=8 rank=0\n312 2: subscribe 9 from=8', ['2: ref', '2: acc'])).toEqual([
      '311 2: refuse 0 loop',
      '312 2: refuse 9 not-held',
    ]));

  test('of an ancestor is refused', () =>
    expect(
      heard(`${FED}\n655 1: ancestors 0 c`, '660 2: subscribe 0 from=8\n661 1: subscribe 1 from=8', [
        '1: ref',
        '2: ref',
      ]),
    ).toEqual(['660 2: refuse 0 loop', '661 1: refuse 1 loop']));

  test('below a chain that is too long is refused', () => {
    const chain = 'efghijklmnop'.slice(0, ANCESTORS_MAX).split('').join(' ');
    expect(heard(`${FED}\n655 1: ancestors 0 ${chain}`, '660 2: subscribe 0 from=8', ['2: '])).toEqual([
      '660 2: refuse 0 loop',
    ]);
  });

  test('is refused by who may not upload', () =>
    expect(heard(JOINED, '310 1: subscribe 0 from=4', ['1: '], { policy: { mode: 'download-only' } })).toEqual([
      '310 1: refuse 0 policy',
    ]));

  test('repeated gains nothing: no more catch-up than a stream', () => {
    const again = Array.from({ length: 400 }, (_, at) => `${310 + at} 1: subscribe 0 from=0`).join('\n');
    expect(heard(JOINED, again, ['push']).length).toBeLessThanOrEqual(110);
  });

  test('is refused when the budget is used up', () => {
    const scene = new Scene();
    scene.play(`0 start\n50 opened\n50 head K=4\n60 piece 0..7 from origin\n100 joined a b c d e f g h i`, []);
    const letters = 'bcdefghi';
    for (const [at, letter] of [...letters].entries()) scene.play(`300 link ${at + 1} ${letter}`, []);
    const asked = [...letters].flatMap((_, at) =>
      [0, 1, 2, 3].map((substream) => `600 ${at + 1}: subscribe ${substream} from=8`),
    );
    const said = scene.play(asked.join('\n'), ['1:', '2:', '3:', '4:', '5:', '6:', '7:', '8:']);
    expect(said.filter((line) => line.includes('accept')).length).toBe(scene.engine.budget.slots);
    expect(said.filter((line) => line.endsWith('full')).length).toBe(32 - scene.engine.budget.slots);
  });
});

test('children are told when the viewers above change, and once', () =>
  expect(
    heard(FED, '655 2: subscribe 0 from=16\n660 1: ancestors 0 e f\n670 wait\n680 lost 1', ['2: acc', '2: anc']),
  ).toEqual(['655 2: accept 0 b d', '660 2: ancestors 0 b e f', '680 2: ancestors 0']));

/** What children say from time to time, so that they are known to live. */
const NOTHING_HELD = 'status open= lag=5 rank=9 have=0..0';
const HEARD = [1_500, 2_700].map((at) => `${at} 1: ${NOTHING_HELD}\n${at} 2: ${NOTHING_HELD}`).join('\n');

test('a child that says nothing any more loses its places, and the other keeps its own', () =>
  expect(
    heard(
      `${JOINED}\n305 1: subscribe 0 from=8\n305 1: subscribe 1 from=8\n305 2: subscribe 0 from=8`,
      `1500 2: ${NOTHING_HELD}\n2600 2: ${NOTHING_HELD}\n2700 piece 8 from origin`,
      ['1: drop', '2: drop', 'push'],
    ).map((line) => line.replace(/^\d+ /, '')),
  ).toEqual(['1: drop 0 congested', '1: drop 1 congested', 'push 8 to 2']));

test('a piece is not pushed back, nor to a child that has said it holds it', () =>
  expect(
    heard(
      `${JOINED}\n305 1: subscribe 0 from=8\n305 2: subscribe 0 from=8`,
      `${HEARD}\n3400 2: status open= lag=5 rank=9 have=0..8\n3410 piece 8 from 1\n3420 piece 12 from origin`,
      ['push'],
    ),
  ).toEqual(['3420 push 12 to 1,2']));

test('a new child is sent even what it holds: it may be comparing us with its present source', () =>
  expect(
    heard(
      `${JOINED}\n305 2: subscribe 0 from=8 rank=65000`,
      '310 2: status open= lag=5 rank=9 have=0..8\n320 piece 8 from origin',
      ['push'],
    ),
  ).toEqual(['320 push 8 to 2']));

test('a new child that has left its parent for us is not sent what it holds', () =>
  expect(
    heard(
      `${JOINED}\n305 2: subscribe 0 from=8`,
      '310 2: status open= lag=5 rank=9 have=0..8\n320 piece 8 from origin',
      ['push'],
    ),
  ).toEqual([]));

test('a child with too much in flight is told that a piece is absent, and in the end let go', () => {
  const scene = new Scene();
  scene.play(`${JOINED}\n305 1: subscribe 0 from=8`, []);
  const lines = Array.from({ length: 90 }, (_, at) => `${400 + at * 30} piece ${8 + at * 4} late=5 from origin`);
  const said = scene.play(lines.join('\n'), ['1: absent', '1: drop']);
  expect(said[0]).toMatch(/1: absent \d+$/);
  expect(said.at(-1)).toMatch(/1: drop 0 congested$/);
});

test('a child of every substream gets all of a keyframe, though it cannot have said yet that anything came', () => {
  const subscribed = [0, 1, 2, 3].map((substream) => `305 1: subscribe ${substream} from=8`).join('\n');
  const said = heard(`${JOINED}\n${subscribed}`, '400 piece 8..31 late=5 from origin', ['1: absent', 'push']);
  expect(said.filter((line) => line.includes('push'))).toHaveLength(24);
  expect(said.filter((line) => line.includes('absent'))).toEqual([]);
});

test('the cap of the page holds for every piece that leaves', () => {
  const scene = new Scene({ policy: { uploadBytesPerSec: 60_000 } });
  scene.play(`${JOINED}\n305 1: subscribe 0 from=8\n305 1: subscribe 1 from=8\n306 2: subscribe 0 from=8`, []);
  const lines = Array.from({ length: 400 }, (_, at) => {
    const status = at % 40 === 0 ? `${400 + at * 25} 1: ${NOTHING_HELD}\n${400 + at * 25} 2: ${NOTHING_HELD}\n` : '';
    return `${status}${400 + at * 25} piece ${8 + at} late=5 from origin`;
  });
  scene.play(lines.join('\n'), []);
  expect(scene.engine.view.counters.uploadedBytes).toBeLessThanOrEqual(60_000 * 11);
  expect(scene.engine.view.counters.uploadedBytes).toBeGreaterThan(60_000 * 2);
});

test('substreams that another epoch does not have keep no children', () => {
  const scene = new Scene();
  scene.play(
    `0 start\n50 opened\n50 head K=6\n60 piece 0..7 from origin\n100 joined a b\n300 link 1 b\n305 1: subscribe 5 from=8`,
    [],
  );
  expect(scene.engine.children.count).toBe(1);
  expect(scene.play('400 head K=4 epoch=2', ['1: drop'])).toEqual(['400 1: drop 5 not-held']);
  expect(scene.engine.children.count).toBe(0);
});

test('a lost link takes its subscriptions along', () => {
  const scene = new Scene();
  scene.play(`${JOINED}\n305 1: subscribe 0 from=8\n306 1: subscribe 1 from=8\n310 lost 1`, []);
  expect(scene.engine.children.count).toBe(0);
  expect(scene.engine.view.neighbours.of(nameOf('b'))).toBeUndefined();
});
