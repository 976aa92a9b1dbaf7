// Reads how many tests passed and failed out of what each runner leaves behind.

/**
 * What a stage of `npm test` did. `notRun` holds a reason for each test that was left out.
 * @typedef {{ passed: number, failed: number, notRun: string[] }} Counts
 */

/**
 * Adds up cargo's lines `test result: ok. 3 passed; 0 failed; 1 ignored; ...`.
 * @param {string} output
 * @returns {Counts}
 */
export function cargoCounts(output) {
  const counts = empty();
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    for (let count = Number(ignored); count > 0; count -= 1) counts.notRun.push('ignored Rust test');
  }
  return counts;
}

/**
 * Reads what the fuzz program says of each target and of each planted flaw, which it must find.
 * @param {string} output
 * @returns {Counts}
 */
export function fuzzCounts(output) {
  const passed = output.match(/^\w+: (?:\d+ cases held|canary found)/gm) ?? [];
  const failed = output.match(/^\w+: (?:FAILED|CANARY NOT FOUND)/gm) ?? [];
  return { passed: passed.length, failed: failed.length, notRun: [] };
}

/**
 * Reads Vitest's JSON report; a file that broke before its first test counts as one failure.
 * @param {string} report
 * @returns {Counts}
 */
export function vitestCounts(report) {
  const counts = empty();
  for (const file of JSON.parse(report).testResults) {
    if (file.status === 'failed' && file.assertionResults.every(passedOrLeftOut)) counts.failed += 1;
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') counts.failed += 1;
      else counts.notRun.push(`${test.status}: ${test.fullName}`);
    }
  }
  return counts;
}

/**
 * @param {{ status: string }} test
 */
function passedOrLeftOut(test) {
  return test.status !== 'failed';
}

/**
 * Reads the last line `N passed, N failed` of a program of ours.
 * @param {string} output
 * @returns {Counts | undefined}
 */
export function lastLineCounts(output) {
  const match = /(\d+) passed, (\d+) failed\s*$/.exec(output);
  return match ? { passed: Number(match[1]), failed: Number(match[2]), notRun: [] } : undefined;
}

/** @returns {Counts} */
export function empty() {
  return { passed: 0, failed: 0, notRun: [] };
}
