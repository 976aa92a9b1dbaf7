import { expect, it } from 'vitest';
import { cargoCounts, fuzzCounts, lastLineCounts, vitestCounts } from './counts.mjs';

it('adds up what every cargo test binary says', () => {
  const output = [
    'test store::keeps ... ok',
    'test store::drops ... FAILED',
    'test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out',
    'test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out',
  ].join('\n');
  expect(cargoCounts(output)).toEqual({
    passed: 15,
    failed: 2,
    faults: ['store::drops'],
    notRun: ['ignored Rust test'],
  });
});

it('counts fuzz targets that held and planted flaws that were found', () => {
  const output = [
    'seed 7',
    'scan: 4000 cases held in 1.0 s',
    'store: FAILED at case 12: index out of bounds',
    'replay: npm run fuzz -- --target store --seed 19 --cases 1',
    'scan: canary found at case 3',
    'store: CANARY NOT FOUND in 2000 cases: this target sees nothing',
    'seed 7: FAILED',
  ].join('\n');
  expect(fuzzCounts(output)).toEqual({
    passed: 2,
    failed: 2,
    faults: [
      'store: FAILED at case 12: index out of bounds',
      'store: CANARY NOT FOUND in 2000 cases: this target sees nothing',
    ],
    notRun: [],
  });
});

it('reads a Vitest report, and counts a file that broke before its tests', () => {
  const report = {
    testResults: [
      {
        name: 'x.test.ts',
        status: 'failed',
        assertionResults: [
          { status: 'passed', fullName: 'a' },
          { status: 'failed', fullName: 'b', failureMessages: ['Error: no\n    at x'] },
          { status: 'skipped', fullName: 'c' },
        ],
      },
      { name: 'y.test.ts', status: 'failed', message: 'no such import', assertionResults: [] },
      { name: 'z.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'd' }] },
    ],
  };
  expect(vitestCounts(JSON.stringify(report))).toEqual({
    passed: 2,
    failed: 2,
    faults: ['x.test.ts: b: Error: no', 'y.test.ts: no such import'],
    notRun: ['skipped: c'],
  });
});

it('reads the last line of our own programs, and only the last', () => {
  expect(lastLineCounts('1 passed, 9 failed\nFAIL types (1.0 s)\n4 passed, 1 failed\n')).toEqual({
    passed: 4,
    failed: 1,
    faults: ['FAIL types (1.0 s)'],
    notRun: [],
  });
  expect(lastLineCounts('4 passed, 1 failed\nand then it crashed')).toBeUndefined();
});
