import { expect, it } from 'vitest';
import { PUBLISH_ANSWER_BYTES_MAX, PUBLISH_TEXT_BYTES_MAX } from './limits.ts';
import {
  decodePublishAnswer,
  decodePublishRequest,
  encodePublish,
  isSession,
  type PublishAnswer,
  publishAddress,
} from './publish.ts';

it('reads what it wrote', () => {
  const answers: PublishAnswer[] = [
    { kind: 'accepted' },
    { kind: 'received', bytes: 123_456 },
    { kind: 'refused', code: 'publish/taken' },
  ];
  for (const answer of answers) expect(decodePublishAnswer(encodePublish(answer))).toEqual(answer);
  expect(decodePublishRequest(encodePublish({ kind: 'finish' }))).toEqual({ kind: 'finish' });
});

it('takes anything else for a fault', () => {
  const fault = expect.objectContaining({ kind: 'fault', code: 'publish/bad-message' });
  const bad = [
    '',
    'x',
    '[]',
    '{}',
    '{"kind":"received"}',
    '{"kind":"received","bytes":-1}',
    '{"kind":"received","bytes":1.5}',
    '{"kind":"refused","code":"made/up"}',
    '{"kind":"refused"}',
  ];
  for (const text of bad) expect(decodePublishAnswer(text)).toEqual(fault);
  for (const text of [...bad, '{"kind":"accepted"}']) expect(decodePublishRequest(text)).toEqual(fault);
  const long = (most: number) => `{"kind":"finish","x":"${'a'.repeat(most)}"}`;
  expect(decodePublishRequest(long(10))).toEqual({ kind: 'finish' });
  expect(decodePublishRequest(long(PUBLISH_TEXT_BYTES_MAX))).toEqual(fault);
  expect(decodePublishAnswer(`{"kind":"accepted","x":"${'a'.repeat(PUBLISH_ANSWER_BYTES_MAX)}"}`)).toEqual(fault);
});

it('writes addresses with a key that may hold anything', () => {
  expect(publishAddress('/live/door', '')).toBe('/publish/live/door');
  expect(publishAddress('/live/door', 'a&b=c')).toBe('/publish/live/door?key=a%26b%3Dc');
});

it('knows a session when it sees one', () => {
  expect(['AAAAAAAAAAAAAAAAAAAAAA', 'short', 'AAAAAAAAAAAAAAAAAAAAA!'].map(isSession)).toEqual([true, false, false]);
});
