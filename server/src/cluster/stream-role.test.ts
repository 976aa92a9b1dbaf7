import { expect, test } from 'vitest';
import { type RoleEvent, StreamRole } from './stream-role.ts';

const A = { node: 'a', url: 'http://a' };
const B = { node: 'b', url: 'http://b' };

const play = (events: readonly RoleEvent[], cutsHere = true) => {
  const role = new StreamRole(() => cutsHere);
  const orders = events.map((event) => role.decide(event));
  return { state: role.state, last: orders.at(-1) };
};

const opened = { kind: 'opened' } as const;
const answered = (holder: Extract<RoleEvent, { kind: 'answered' }>['holder']) =>
  ({ kind: 'answered', holder }) as const;

test('who gets the lease cuts, the others relay from the holder', () => {
  expect(play([opened])).toEqual({ state: 'asking', last: [{ kind: 'ask' }] });
  expect(play([opened, answered('us')])).toEqual({ state: 'cutting', last: [{ kind: 'cut' }] });
  expect(play([opened, answered(A)])).toEqual({ state: 'relaying', last: [{ kind: 'relay', holder: A }] });
});

test('a holder that is gone is asked for until its lease has run out', () => {
  const relaying = [opened, answered(A), { kind: 'stranded' }] as const;
  expect(play(relaying)).toEqual({ state: 'stranded', last: [{ kind: 'ask' }] });
  expect(play([...relaying, answered(A)])).toEqual({ state: 'stranded', last: [{ kind: 'ask-soon' }] });
  expect(play([...relaying, answered(A), { kind: 'fed' }]).state).toBe('relaying');
  expect(play([...relaying, answered(A), answered('us')])).toEqual({ state: 'cutting', last: [{ kind: 'cut' }] });
  expect(play([...relaying, answered(B)])).toEqual({
    state: 'relaying',
    last: [{ kind: 'relay', holder: B }, { kind: 'ask-soon' }],
  });
});

test('without the store everybody goes on as before; alone is only who has nobody', () => {
  for (const [before, state] of [
    [answered('us'), 'cutting'],
    [answered(A), 'relaying'],
  ] as const) {
    expect(play([opened, before, answered('unknown')])).toEqual({ state, last: [] });
  }
  expect(play([opened, answered('unknown')])).toEqual({ state: 'alone', last: [{ kind: 'cut' }] });
  expect(play([opened, answered('unknown')], false)).toEqual({ state: 'asking', last: [] });
  expect(play([opened, answered(A), { kind: 'stranded' }, answered('unknown')])).toEqual({
    state: 'alone',
    last: [{ kind: 'cut' }],
  });
});

test('when the store is back, who was alone keeps cutting or makes way, and the holder outdoes its epoch', () => {
  const alone = [opened, answered('unknown'), { kind: 'store-back' }] as const;
  expect(play(alone).last).toEqual([{ kind: 'ask' }]);
  expect(play([...alone, answered('us')])).toEqual({ state: 'cutting', last: [] });
  expect(play([...alone, answered(A)])).toEqual({
    state: 'relaying',
    last: [
      { kind: 'outdo', holder: A },
      { kind: 'relay', holder: A },
    ],
  });
});

test('a relay that is fed does not take the lease from its holder, who has to find it free', () => {
  const fed = [opened, answered(A), { kind: 'store-back' }] as const;
  expect(play(fed).last).toEqual([{ kind: 'look' }]);
  expect(play([...fed, answered('nobody')])).toEqual({ state: 'relaying', last: [] });
  expect(play([opened, answered('us'), { kind: 'store-back' }]).last).toEqual([{ kind: 'ask' }]);
});

test('a lease that is given up is taken by a relay, one that was lost is respected', () => {
  expect(play([opened, answered(A), { kind: 'freed' }]).last).toEqual([{ kind: 'ask' }]);
  expect(play([opened, answered('us'), { kind: 'freed' }]).last).toEqual([]);
  expect(play([opened, answered('us'), { kind: 'deposed', holder: A }])).toEqual({
    state: 'relaying',
    last: [{ kind: 'relay', holder: A }],
  });
  expect(play([opened, answered(A), { kind: 'moved', holder: B }])).toEqual({
    state: 'relaying',
    last: [{ kind: 'relay', holder: B }],
  });
  expect(play([opened, answered('us'), { kind: 'moved', holder: B }]).last).toEqual([]);
});

test('a publisher decides who cuts; a stream without source here waits for one elsewhere', () => {
  expect(play([opened, answered(A), { kind: 'published' }]).last).toEqual([{ kind: 'seize' }]);
  expect(play([opened, answered('nobody')], false)).toEqual({ state: 'asking', last: [{ kind: 'ask-soon' }] });
});
