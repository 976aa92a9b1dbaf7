// Reads how many tests passed and failed out of what each runner leaves behind.

/**
 * What a stage of `npm test` did. `faults` says what failed, as far as the runner names it; `notRun` holds a reason for
 * each test that was left out.
 * @typedef {{ passed: number, failed: number, faults: string[], notRun: string[] }} Counts
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
  for (const [, name] of output.matchAll(/^test (\S+) \.\.\. FAILED$/gm)) counts.faults.push(`${name}`);
  return counts;
}

/**
 * Reads what the fuzz program says of each target and of each planted flaw, which it must find.
 * @param {string} output
 * @returns {Counts}
 */
export function fuzzCounts(output) {
  const passed = output.match(/^\w+: (?:\d+ cases held|canary found)/gm) ?? [];
  const faults = output.match(/^\w+: (?:FAILED|CANARY NOT FOUND).*$/gm) ?? [];
  return { passed: passed.length, failed: faults.length, faults, notRun: [] };
}

/**
 * Reads Vitest's JSON report; a file that broke before its first test counts as one failure.
 * @param {string} report
 * @returns {Counts}
 */
export function vitestCounts(report) {
  const counts = empty();
  for (const file of JSON.parse(report).testResults) {
    if (file.status === 'failed' && file.assertionResults.every(passedOrLeftOut)) {
      counts.failed += 1;
      counts.faults.push(`${file.name}: ${firstLine(file.message)}`);
    }
    for (const test of file.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') {
        counts.failed += 1;
        counts.faults.push(`${file.name}: ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`);
      } else counts.notRun.push(`${test.status}: ${test.fullName}`);
    }
  }
  return counts;
}

/**
 * @param {string | undefined} text
 */
function firstLine(text = '') {
  return text.split('\n', 1)[0];
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
  if (match === null) return undefined;
  const faults = output.match(/^FAIL .*$/gm) ?? [];
  return { passed: Number(match[1]), failed: Number(match[2]), faults, notRun: [] };
}

/** @returns {Counts} */
export function empty() {
  return { passed: 0, failed: 0, faults: [], notRun: [] };
}
