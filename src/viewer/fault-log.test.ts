import { expect, test } from 'vitest';
import type { ViewerNotice } from './face.ts';
import { FaultLog } from './fault-log.ts';

const record = (): { log: FaultLog; notices: ViewerNotice[] } => {
  const notices: ViewerNotice[] = [];
  return { log: new FaultLog((notice) => notices.push(notice)), notices };
};

test('the first fault of a code is told at once', () => {
  const { log, notices } = record();
  log.add(0, 'link/flood', 'pieces');
  log.add(1, 'link/bad-piece', 'someone');
  expect(notices).toEqual([
    { kind: 'fault', code: 'link/flood', detail: 'pieces', count: 1 },
    { kind: 'fault', code: 'link/bad-piece', detail: 'someone', count: 1 },
  ]);
});

test('repeated ones are told once a second, with how many there were', () => {
  const { log, notices } = record();
  for (let now = 0; now <= 2500; now += 10) log.add(now, 'link/flood', `at ${now}`);
  expect(notices.map((notice) => notice.kind === 'fault' && [notice.detail, notice.count])).toEqual([
    ['at 0', 1],
    ['at 1000', 100],
    ['at 2000', 100],
  ]);
});

test('a flood of faults is no flood of notices', () => {
  const { log, notices } = record();
  for (let count = 0; count < 100_000; count++) log.add(500, 'wire/short', 'x');
  expect(notices.length).toBe(1);
});
