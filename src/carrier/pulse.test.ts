import { expect, test } from 'vitest';
import { CALL_SILENT_BEATS } from '../wire/limits.ts';
import { Pulse } from './pulse.ts';

const make = () => {
  const said: string[] = [];
  let tick: () => void = () => undefined;
  let state: 'stopped' | 'running' = 'stopped';
  const pulse = new Pulse({ beat: () => said.push('beat'), silent: () => said.push('silent') }, (_, call) => {
    state = 'running';
    tick = () => state === 'running' && call();
    return () => {
      state = 'stopped';
    };
  });
  pulse.start();
  return { pulse, said, turn: (times: number) => Array.from({ length: times }, () => tick()), state: () => state };
};

test('a side that says nothing is taken for gone once, and no beat follows', () => {
  const { said, turn, state } = make();
  turn(CALL_SILENT_BEATS);
  expect(said).toEqual(Array.from({ length: CALL_SILENT_BEATS }, () => 'beat'));
  turn(4);
  expect(said.slice(CALL_SILENT_BEATS)).toEqual(['silent']);
  expect(state()).toBe('stopped');
});

test('whatever is heard begins the count anew', () => {
  const { pulse, said, turn } = make();
  for (let round = 0; round < 5; round++) {
    turn(CALL_SILENT_BEATS);
    pulse.heard();
  }
  expect(said).not.toContain('silent');
});

test('nothing follows a stop', () => {
  const { pulse, said, turn } = make();
  pulse.stop();
  turn(20);
  expect(said).toEqual([]);
});
