import { describe, expect, test } from 'vitest';
import { FED, heard, JOINED, nameOf, Scene } from './testing/scene.ts';

const START = `
  0 start
  10 opened
  10 head K=4
`;
const WORDS = ['dial', 'hang-up', 'tell-tracker signal', 'signal'];

describe('when two viewers dial each other at once', () => {
  test('the lower name keeps its dial', () =>
    expect(heard(START, '20 joined a b\n30 signal b 77 offer', WORDS)).toEqual(['20 dial 1 b']));

  test('the higher one gives its own up and answers', () =>
    expect(heard(START, '20 joined c b\n30 signal b 77 offer', WORDS)).toEqual([
      '20 dial 1 b',
      '30 hang-up 1 idle',
      '30 dial 2 b answering',
      '30 signal 2 offer',
    ]));
});

describe('a dial', () => {
  test('goes on under its number', () =>
    expect(heard(`${START}\n20 joined a\n30 signal b 77 offer`, '40 signal b 77 more', WORDS)).toEqual([
      '40 signal 1 more',
    ]));

  test('that has ended is not begun again by what is still under way', () =>
    expect(
      heard(
        `${START}\n20 joined a\n30 signal b 77 offer\n40 lost 1`,
        '50 signal b 77 late\n60 signal b 78 anew',
        WORDS,
      ),
    ).toEqual(['60 dial 2 b answering', '60 signal 2 anew']));

  test('that nobody answers is given up', () => {
    const scene = new Scene();
    scene.play(`${START}\n20 joined a b`, []);
    const dial = scene.engine.membership.dialling;
    expect(dial).toBe(1);
    expect(scene.play('9000 wait\n10500 wait', ['hang-up'])).toEqual(['10180 hang-up 1 idle']);
  });

  test('by somebody we know already is declined', () =>
    expect(heard(JOINED, '400 signal b 5 offer', WORDS)).toEqual(['400 tell-tracker signal b no']));

  test('is declined when there is no room', () =>
    expect(heard(`${START}\n20 joined a b`, '30 signal c 5 offer', WORDS, { policy: { neighbours: 1 } })).toEqual([
      '30 tell-tracker signal c no',
    ]));

  test('under way is hung up when sharing is switched off', () =>
    expect(heard(`${START}\n20 joined a b`, '30 share off\n40 link 1 b', ['hang-up', 'close-tracker'])).toEqual([
      '30 hang-up 1 leaving',
      '30 close-tracker',
      '40 hang-up 1 too-many-links',
    ]));
});

test('a link that proves to be somebody else is refused', () =>
  expect(heard(`${START}\n20 joined a b`, '30 link 1 z', ['hang-up'])).toEqual(['30 hang-up 1 too-many-links']));

test('who sends a piece that does not verify is told, left and not met again', () =>
  expect(
    heard(FED, '700 bad from 1\n710 signal b 5 offer', [
      '1: bye',
      'hang-up',
      'fault',
      'tell-tracker signal',
      'ask-origin mask',
    ]),
  ).toEqual([
    '700 1: bye bad-behaviour',
    '700 fault link/bad-piece',
    '700 hang-up 1 bad-behaviour',
    '700 ask-origin mask 0,1,2,3 from=16',
    '710 tell-tracker signal b no',
  ]));

test('links outlive the tracker, which is asked again and may give another name', () => {
  const scene = new Scene();
  scene.play(FED, []);
  const said = scene.play('700 tracker-closed\n3000 joined z', ['open-tracker', 'hang-up', 'join-tracker']);
  expect(said.map((line) => line.split(' ')[1])).toEqual(['open-tracker', 'join-tracker']);
  expect(scene.engine.view.neighbours.count).toBe(2);
  expect([scene.engine.view.isUs(nameOf('a')), scene.engine.view.isUs(nameOf('z'))]).toEqual([true, true]);
});

test('more neighbours are asked for, less and less often while none are there', () => {
  const asked = heard(START, '20 joined a\n60000 wait', ['tell-tracker more']).map((line) =>
    Number(line.split(' ')[0]),
  );
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.length).toBeLessThan(14);
  expect((asked.at(-1) ?? 0) - (asked.at(-2) ?? 0)).toBeGreaterThan((asked[1] ?? 0) - (asked[0] ?? 0));
});

test('names of strangers are not kept for ever', () => {
  const scene = new Scene();
  scene.play(`${START}\n20 joined a`, []);
  for (let round = 0; round < 2_000; round++) scene.engine.membership.ban(`${round}`.padStart(16, '0'));
  expect(scene.play('30 signal b 5 offer', ['dial'])).toEqual(['30 dial 1 b answering']);
});
