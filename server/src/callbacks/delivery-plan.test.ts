import { expect, test } from 'vitest';
import {
  DeliveryPlan,
  SCHEDULES,
  UNDER_WAY_MAX,
  UNDER_WAY_PER_APP_MAX,
  WAITING_MAX,
  type Waiting,
} from './delivery-plan.ts';
import { pushEvent, screenshotEvent } from './testing/events.ts';

const waiting = (id: number, over: Partial<Waiting> = {}): Waiting => ({
  id,
  bizid: 1,
  event: pushEvent({ stream_id: `s${id}` }),
  failures: 0,
  dueMs: 0,
  ...over,
});

/** Fails the callback at each attempt and returns when the attempts were. */
const attemptsOf = (one: Waiting): number[] => {
  const plan = new DeliveryPlan(SCHEDULES);
  plan.add(one);
  const at: number[] = [];
  for (let next = plan.wakeupMs(); next < Number.POSITIVE_INFINITY; next = plan.wakeupMs()) {
    const taken = plan.take(next);
    if (taken === undefined) throw new Error('due and not there');
    at.push(next);
    plan.settle(taken.id, false, next);
  }
  return at;
};

test('a push that is never acknowledged is sent 1 + 12 times, a minute apart', () => {
  expect(attemptsOf(waiting(1))).toEqual(Array.from({ length: 13 }, (_, n) => n * 60_000));
});

test('a screenshot is sent 1 + 5 times, two minutes apart', () => {
  const one = waiting(1, { event: screenshotEvent() });
  expect(attemptsOf(one)).toEqual(Array.from({ length: 6 }, (_, n) => n * 120_000));
});

test('what is acknowledged is forgotten', () => {
  const plan = new DeliveryPlan(SCHEDULES);
  plan.add(waiting(1));
  expect(plan.take(0)?.id).toBe(1);
  expect(plan.settle(1, true, 0)).toBe('done');
  expect(plan.all()).toEqual([]);
  expect(plan.wakeupMs()).toBe(Number.POSITIVE_INFINITY);
});

test('of one stream one is under way at a time, so that a cut does not overtake its push', () => {
  const plan = new DeliveryPlan(SCHEDULES);
  plan.add(waiting(1, { event: pushEvent({ stream_id: 's', event_type: 1 }) }));
  plan.add(waiting(2, { event: pushEvent({ stream_id: 's', event_type: 0 }) }));
  expect(plan.take(0)?.id).toBe(1);
  expect(plan.take(0)).toBeUndefined();
  plan.settle(1, true, 0);
  expect(plan.take(0)?.id).toBe(2);
});

test('one app that hangs leaves room for the others, and all together have a limit', () => {
  const plan = new DeliveryPlan(SCHEDULES);
  for (let id = 1; id <= 10; id++) plan.add(waiting(id));
  for (let app = 2; app <= 40; app++) for (let n = 0; n < 10; n++) plan.add(waiting(app * 100 + n, { bizid: app }));
  const taken = new Map<number, number>();
  for (let next = plan.take(0); next !== undefined; next = plan.take(0)) {
    taken.set(next.bizid, (taken.get(next.bizid) ?? 0) + 1);
  }
  expect(taken.get(1)).toBe(UNDER_WAY_PER_APP_MAX);
  expect([...taken.values()].reduce((sum, count) => sum + count, 0)).toBe(UNDER_WAY_MAX);
  expect(Math.max(...taken.values())).toBe(UNDER_WAY_PER_APP_MAX);
  expect(plan.wakeupMs()).toBe(Number.POSITIVE_INFINITY);
});

test('beyond its room the oldest goes, but none that is under way', () => {
  const plan = new DeliveryPlan(SCHEDULES);
  for (let id = 1; id <= WAITING_MAX; id++) expect(plan.add(waiting(id))).toBeUndefined();
  expect(plan.take(0)?.id).toBe(1);
  expect(plan.add(waiting(WAITING_MAX + 1))?.id).toBe(2);
  expect(plan.all().length).toBe(WAITING_MAX);
});
