import { describe, expect, test } from 'vitest';
import { heard, Scene, WALL_ZERO } from './testing/scene.ts';

const OPEN = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
`;

/** A neighbour of lower trees feeds everything, and the origin nothing. */
const FED_BY_ONE = `
  0 start
  40 joined a b
  50 opened
  50 head K=4
  55 applied 0,1,2,3
  60 piece 0..7 from origin
  100 link 1 b
  310 1: status open=0,1,2,3 lag=5 rank=0 have=0..7
  ${Array.from({ length: 80 }, (_, at) => `${320 + at * 50} piece ${8 + at} from 1\n${330 + at * 50} 1: accept ${at % 4}`).join('\n')}`;

describe('the connection to the origin', () => {
  test('is reopened with growing pauses while it fails', () => {
    const scene = new Scene();
    const opened: number[] = [];
    scene.play('0 start', []);
    for (let round = 0; round < 6; round++) {
      const at = Math.ceil(scene.now) + 1;
      const [said = ''] = scene.play(`${at} closed\n${at + 25_000} wait`, ['open-origin']);
      opened.push(Number(said.split(' ')[0]) - at);
    }
    expect(opened[0]).toBeLessThan(600);
    expect(opened.at(-1)).toBeGreaterThan(4 * (opened[0] ?? 0));
    expect(Math.max(...opened)).toBeLessThanOrEqual(15_000 * 1.4);
  });

  test('that worked and fed the viewer is reopened almost at once, and only once so soon', () => {
    const pauses = reopenings('5000 closed', '12000 opened\n12500 closed');
    expect(Math.max(...pauses.first)).toBeLessThanOrEqual(150);
    expect(spreadOf(pauses.first)).toBeGreaterThan(100);
    expect(Math.min(...pauses.second)).toBeGreaterThanOrEqual(240);
    expect(spreadOf(pauses.second)).toBeGreaterThan(250);
  });

  test('is reopened later by those whom neighbours feed, over a longer time, so that a crowd is no rush', () => {
    const { first } = reopenings('5000 closed', '', FED_BY_ONE);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(240);
    expect(spreadOf(first)).toBeGreaterThan(250);
  });

  test('that breaks again and again is not hurried to', () => {
    const { first } = reopenings('500 closed', '');
    expect(Math.min(...first)).toBeGreaterThanOrEqual(240);
  });

  test('that says when to come back is not hurried to', () => {
    const scene = new Scene();
    scene.play(`${OPEN}\n5000 wait`, []);
    scene.handle({ kind: 'origin-closed', code: 'origin/overloaded', retryAfterMs: 3_000 });
    const [said = ''] = scene.play('12000 wait', ['open-origin']);
    expect(Number(said.split(' ')[0]) - 5_000).toBeGreaterThanOrEqual(1_800);
  });

  test('asks for the time a few times at once, then seldom', () => {
    const asked = heard(OPEN, '40000 wait', ['ask-origin clock']);
    expect(asked.length).toBeLessThanOrEqual(7);
    expect(asked.length).toBeGreaterThanOrEqual(4);
  });

  test('believes a time only in answer to its newest question', () => {
    const scene = new Scene();
    scene.play(`${OPEN}\n200 wait`, []);
    const { clock } = scene.engine.view;
    const before = clock.wall(scene.now);
    scene.handle({ kind: 'origin-said', frame: { kind: 'clock', stampMs: 99_999, wallMs: WALL_ZERO * 2 } });
    expect(clock.wall(scene.now)).toBe(before);
  });

  test('is asked for no more substreams while it says that it is loaded, but for what would be missing', () => {
    const scene = new Scene();
    scene.play(`${OPEN}\n60 piece 0..7 from origin`, []);
    scene.handle({ kind: 'origin-said', frame: { kind: 'load', percent: 95, retryAfterMs: 5_000 } });
    expect(scene.engine.feeds.canAskOrigin(100)).toBe(false);
    expect(scene.play('100 piece 9..11 from origin\n1050 wait', ['ask-origin want', 'ask-origin mask'])).toEqual([
      '840 ask-origin want 8',
    ]);
  });

  test('that refuses the viewer is a failure, which ends when it lets it in after all', () =>
    expect(
      heard(OPEN, '60 closed refused\n5000 opened\n5010 piece 0..3 from origin', ['state', 'fault origin']),
    ).toEqual(['60 fault origin/refused', '60 state failed', '5010 state playing']));
});

/** How long fifty viewers wait before they open the connection again, after the one breach and after the next. */
const reopenings = (
  first: string,
  second: string,
  before = OPEN,
): { readonly first: number[]; readonly second: number[] } => {
  const pauses = { first: [] as number[], second: [] as number[] };
  for (let seed = 1; seed <= 50; seed++) {
    const scene = new Scene({ seed });
    scene.play(before, []);
    for (const [at, breach] of [first, second].entries()) {
      if (breach === '') continue;
      scene.play(breach, []);
      const closedAt = scene.now;
      const [said = ''] = scene.play(`${Math.ceil(closedAt) + 6_000} wait`, ['open-origin']);
      pauses[at === 0 ? 'first' : 'second'].push(Number(said.split(' ')[0]) - closedAt);
    }
  }
  return pauses;
};

const spreadOf = (pauses: readonly number[]): number => Math.max(...pauses) - Math.min(...pauses);
