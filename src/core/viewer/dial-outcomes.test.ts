import { describe, expect, test } from 'vitest';
import { DIALS_PER_REPORT_MAX } from '../../wire/limits.ts';
import type { TrackerRequest } from '../../wire/tracker.ts';
import { DialOutcomes } from './dial-outcomes.ts';
import { nameOf, Scene } from './testing/scene.ts';
import { ViewerEngine } from './viewer-engine.ts';

const START = `
  0 start
  10 opened
  10 head K=4
  20 joined a b
`;

const totalsAfter = (script: string, start = START): { reached: number; missed: number } => {
  const scene = new Scene();
  scene.play(start, []);
  scene.play(script, []);
  return scene.engine.membership.outcomes.totals;
};

describe('a dial of our own', () => {
  test('that leads to a link has reached', () => expect(totalsAfter('30 link 1 b')).toEqual({ reached: 1, missed: 0 }));

  test('whose transport fails has missed', () => expect(totalsAfter('30 lost 1')).toEqual({ reached: 0, missed: 1 }));

  test('that nobody answers has missed', () =>
    expect(totalsAfter('9000 wait\n10500 wait')).toEqual({ reached: 0, missed: 1 }));

  test('that gives way to the dial of the other side is neither', () =>
    expect(totalsAfter('30 signal b 77 offer', START.replace('joined a b', 'joined c b'))).toEqual({
      reached: 0,
      missed: 0,
    }));

  test('that is lost after it was a link has reached all the same', () =>
    expect(totalsAfter('30 link 1 b\n40 lost 1')).toEqual({ reached: 1, missed: 0 }));
});

test('a dial of somebody else is theirs to tell of', () =>
  expect(totalsAfter('30 signal b 77 offer\n40 link 1 b', START.replace(' b\n', '\n'))).toEqual({
    reached: 0,
    missed: 0,
  }));

test('names are told once, as many as fit, and totals stay', () => {
  const outcomes = new DialOutcomes();
  outcomes.reached('a');
  outcomes.missed('b');
  expect(outcomes.take()).toEqual({ reached: ['a'], missed: ['b'] });
  expect(outcomes.take()).toEqual({});
  for (let dial = 0; dial < 100; dial++) outcomes.missed(`${dial}`);
  expect(outcomes.take().missed?.length).toBe(DIALS_PER_REPORT_MAX);
  expect(outcomes.totals).toEqual({ reached: 1, missed: 101 });
});

test('a viewer that was reached is not missed for a second dial of the same moment', () => {
  const outcomes = new DialOutcomes();
  outcomes.reached('a');
  outcomes.missed('a');
  expect(outcomes.take()).toEqual({ reached: ['a'] });
});

describe('the kind of our NAT', () => {
  const policy = { mode: 'on', uploadBytesPerSec: 1e6, neighbours: 16 } as const;
  const said: TrackerRequest[] = [];
  let joined: unknown;
  const engine = new ViewerEngine({ seed: 1, policy, playout: { kind: 'clock', delayMs: 1000 } });
  const tell = (now: number, input: Parameters<ViewerEngine['handle']>[1]): void => {
    said.length = 0;
    engine.handle(now, input);
    for (let output = engine.poll(); output !== undefined; output = engine.poll()) {
      if (output.kind === 'tell-tracker') said.push(output.request);
      if (output.kind === 'join-tracker') joined = output.nat;
    }
  };

  test('goes into the join, and into a report at once when it becomes another', () => {
    tell(0, { kind: 'start' });
    tell(1, { kind: 'nat', nat: 'cone' });
    tell(2, { kind: 'tracker-opened' });
    expect(joined).toBe('cone');
    const grant = { stream: '', token: '', expiresInMs: 900_000, tokenKeys: [], neighbours: [] };
    tell(3, { kind: 'tracker-said', answer: { kind: 'joined', viewer: nameOf('a'), ...grant } });
    tell(300, { kind: 'wake' });
    tell(400, { kind: 'nat', nat: 'symmetric' });
    expect(said).toMatchObject([{ kind: 'report', nat: 'symmetric' }]);
    tell(500, { kind: 'nat', nat: 'symmetric' });
    expect(said).toEqual([]);
  });
});
