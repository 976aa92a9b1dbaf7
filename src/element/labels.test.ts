import { expect, it } from 'vitest';
import { type ErrorCode, errorCodes } from '../errors.ts';
import { englishLabels, headlineOf, isTrouble } from './labels.ts';

it.each<[ErrorCode, string]>([
  ['origin/not-found', englishLabels.notLive],
  ['source/outage', englishLabels.notLive],
  ['origin/unreachable', englishLabels.unreachable],
  ['origin/refused', englishLabels.refused],
  ['key/denied', englishLabels.refused],
  ['token/expired', englishLabels.refused],
  ['support/policy', englishLabels.blockedByPage],
  ['support/no-media-source', englishLabels.unsupported],
  ['media/unsupported-codec', englishLabels.unsupported],
  ['options/invalid', englishLabels.badOptions],
  ['core/trap', englishLabels.failed],
])('puts %s in words', (code, headline) => {
  expect(headlineOf(code, englishLabels)).toBe(headline);
});

it('has a headline for every error there is, and counts no fatal one as a passing trouble', () => {
  for (const code of errorCodes) expect(headlineOf(code, englishLabels)).not.toBe('');
  expect(errorCodes.filter(isTrouble)).not.toContain('origin/refused');
});
