import { afterEach, beforeEach, expect, it } from 'vitest';
import { MachineWatch } from './machine-watch.ts';

const ENDED_AT = 1_000_000;
let machine: MachineWatch;

beforeEach(() => {
  machine = new MachineWatch();
});
afterEach(() => machine.stop());

it('excuses nothing while the machine runs', () => {
  machine.noteLateness({ at: ENDED_AT - 100, lateMs: 150 });
  expect(machine.excuses({ endedAt: ENDED_AT, gapMs: 400 })).toBe(false);
});

it('excuses a pause during which, or shortly before which, the machine stood still', () => {
  machine.noteLateness({ at: ENDED_AT - 1300, lateMs: 120 });
  machine.noteLateness({ at: ENDED_AT - 100, lateMs: 120 });
  expect(machine.excuses({ endedAt: ENDED_AT, gapMs: 400 })).toBe(true);
  expect(machine.excuses({ endedAt: ENDED_AT, gapMs: 250 }), 'too long before').toBe(false);
  expect(machine.excuses({ endedAt: ENDED_AT - 200, gapMs: 400 }), 'after it').toBe(false);
});
