import { describe, expect, test } from 'vitest';
import { random } from '../../wasm/testing/random.ts';
import { toBase64Url } from './bytes.ts';
import {
  DIALS_PER_REPORT_MAX,
  NEIGHBOURS_PER_ANSWER_MAX,
  SIGNAL_BYTES_MAX,
  STREAM_PATH_MAX,
  TRACKER_MESSAGE_BYTES_MAX,
} from './limits.ts';
import { isFault } from './testing/fuzz.ts';
import { trackerAnswers, trackerRequests } from './testing/json-samples.ts';
import { counting } from './testing/samples.ts';
import { decodeTrackerAnswer, decodeTrackerRequest, encodeTrackerMessage } from './tracker.ts';

const bad = { kind: 'fault', code: 'tracker/bad-message' };
/** Values no field is ever meant to have. */
const WRONG: readonly unknown[] = [null, {}, [[]], -1, 1.5, 1e300, 'x'.repeat(40_000), false, ['x'], { length: 1 }];

/** Fields that may be absent, by kind of message. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = { join: ['nat'], report: ['nat', 'reached', 'missed'] };

/** Each message once per field and wrong value, as text. */
const spoilt = (message: { readonly kind: string }): string[] =>
  Object.keys(message).flatMap((field) => {
    const wrong = OPTIONAL[message.kind]?.includes(field) === true ? WRONG : [undefined, ...WRONG];
    return wrong.map((value) => JSON.stringify({ ...message, [field]: value }));
  });

test.each(trackerRequests.map((request) => [request.kind, request] as const))(
  'request %s is read back',
  (_kind, request) => expect(decodeTrackerRequest(encodeTrackerMessage(request))).toEqual(request),
);

test.each(trackerAnswers.map((answer) => [answer.kind, answer] as const))('answer %s is read back', (_kind, answer) =>
  expect(decodeTrackerAnswer(encodeTrackerMessage(answer))).toEqual(answer),
);

test('members nobody knows are left out, so that later versions may add some', () => {
  expect(decodeTrackerRequest('{"kind":"renew","later":1}')).toEqual({ kind: 'renew' });
  expect(decodeTrackerAnswer('{"kind":"gone","viewer":"0011223344556677","why":[]}')).toEqual({
    kind: 'gone',
    viewer: '0011223344556677',
  });
});

test('a join says whether its viewer signs receipts, or nothing', () => {
  const [join] = trackerRequests;
  const said = (receipts: unknown) => decodeTrackerRequest(JSON.stringify({ ...join, receipts }));
  expect(said(true)).toEqual({ ...join, receipts: true });
  expect(said(undefined)).toEqual(join);
  expect(said(1)).toMatchObject(bad);
});

test('a join is answered with or without a wish for receipts', () => {
  const [joined] = trackerAnswers;
  const told = (receipts: unknown) => decodeTrackerAnswer(JSON.stringify({ ...joined, receipts }));
  expect(told(true)).toEqual({ ...joined, receipts: true });
  expect(told(undefined)).toEqual(joined);
  expect(told(false)).toMatchObject(bad);
  expect(told('true')).toMatchObject(bad);
});

describe('refuses', () => {
  test('a field that is absent or of another type, in every request', () => {
    for (const request of trackerRequests) {
      for (const text of spoilt(request)) {
        if (!text.includes('"uploads":false'))
          expect(decodeTrackerRequest(text), text.slice(0, 200)).toMatchObject(bad);
      }
    }
  });

  test('a field that is absent or of another type, in every answer but a refusal', () => {
    for (const answer of trackerAnswers.filter((each) => each.kind !== 'refused')) {
      for (const text of spoilt(answer)) {
        expect(decodeTrackerAnswer(text), text.slice(0, 200)).toMatchObject(bad);
      }
    }
  });

  test('what is no object, no JSON, or of no kind', () => {
    for (const text of [
      '',
      'null',
      '[]',
      '"join"',
      '{}',
      '{"kind":7}',
      '{"kind":"joined"}',
      '{"kind":"toString"}',
      'x'.repeat(100),
    ]) {
      expect(decodeTrackerRequest(text)).toMatchObject(bad);
    }
    for (const text of ['', 'null', '[]', '{}', '{"kind":"join"}', '{"kind":"constructor"}']) {
      expect(decodeTrackerAnswer(text)).toMatchObject(bad);
    }
  });

  test('a message above the size limit before parsing it, and nesting up to it', () => {
    const padded = (length: number): string => {
      const text = '{"kind":"renew","pad":""}';
      return text.replace('""', `"${'x'.repeat(length - text.length)}"`);
    };
    expect(decodeTrackerRequest(padded(TRACKER_MESSAGE_BYTES_MAX))).toEqual({ kind: 'renew' });
    expect(decodeTrackerRequest(padded(TRACKER_MESSAGE_BYTES_MAX + 1))).toMatchObject({ ...bad, detail: 'size' });
    expect(decodeTrackerAnswer(padded(TRACKER_MESSAGE_BYTES_MAX + 1))).toMatchObject({ ...bad, detail: 'size' });
    expect(decodeTrackerRequest('['.repeat(TRACKER_MESSAGE_BYTES_MAX))).toMatchObject(bad);
    expect(decodeTrackerRequest('{"kind":'.repeat(4000))).toMatchObject(bad);
  });

  test('a viewer under a second name', () => {
    const named = (viewer: string): string => JSON.stringify({ kind: 'gone', viewer });
    expect(decodeTrackerAnswer(named('00ff00ff00ff00ff'))).toMatchObject({ kind: 'gone' });
    for (const name of ['00FF00FF00FF00FF', '00ff00ff00ff00f', '00ff00ff00ff00ff0', '00ff00ff00ff00fg', '']) {
      expect(decodeTrackerAnswer(named(name))).toMatchObject(bad);
    }
  });

  test('lists, paths and signals above their limits, and takes them at their limits', () => {
    const neighbours = (count: number): string =>
      JSON.stringify({ kind: 'neighbours', neighbours: new Array<string>(count).fill('0011223344556677') });
    expect(decodeTrackerAnswer(neighbours(NEIGHBOURS_PER_ANSWER_MAX))).toMatchObject({ kind: 'neighbours' });
    expect(decodeTrackerAnswer(neighbours(NEIGHBOURS_PER_ANSWER_MAX + 1))).toMatchObject(bad);
    const more = (count: number): string => JSON.stringify({ kind: 'more', count });
    expect(decodeTrackerRequest(more(NEIGHBOURS_PER_ANSWER_MAX))).toMatchObject({ kind: 'more' });
    for (const count of [0, NEIGHBOURS_PER_ANSWER_MAX + 1, 1.5])
      expect(decodeTrackerRequest(more(count))).toMatchObject(bad);
    const dials = (count: number): string[] => new Array<string>(count).fill('0011223344556677');
    const report = trackerRequests.find(({ kind }) => kind === 'report');
    for (const outcome of ['reached', 'missed']) {
      const told = (count: number): string => JSON.stringify({ ...report, [outcome]: dials(count) });
      expect(decodeTrackerRequest(told(DIALS_PER_REPORT_MAX))).toMatchObject({ kind: 'report' });
      expect(decodeTrackerRequest(told(DIALS_PER_REPORT_MAX + 1))).toMatchObject({ ...bad, detail: 'dials' });
    }
    const join = (path: string): string => JSON.stringify({ ...trackerRequests[0], path });
    expect(decodeTrackerRequest(join(`/${'a'.repeat(STREAM_PATH_MAX - 1)}`))).toMatchObject({ kind: 'join' });
    expect(decodeTrackerRequest(join(`/${'a'.repeat(STREAM_PATH_MAX)}`))).toMatchObject({ ...bad, detail: 'path' });
    expect(decodeTrackerRequest(join('live/demo'))).toMatchObject({ ...bad, detail: 'path' });
    const signal = (data: string): string => JSON.stringify({ kind: 'signal', to: '0011223344556677', dial: 1, data });
    expect(decodeTrackerRequest(signal('x'.repeat(SIGNAL_BYTES_MAX)))).toMatchObject({ kind: 'signal' });
    expect(decodeTrackerRequest(signal('"'.repeat(SIGNAL_BYTES_MAX)))).toMatchObject({ kind: 'signal' });
    expect(decodeTrackerRequest(signal('x'.repeat(SIGNAL_BYTES_MAX + 1)))).toMatchObject(bad);
  });

  test('a key of another length', () => {
    const join = (viewerKey: string): string => JSON.stringify({ ...trackerRequests[0], viewerKey });
    for (const length of [0, 31, 33])
      expect(decodeTrackerRequest(join(toBase64Url(counting(length))))).toMatchObject(bad);
    expect(decodeTrackerRequest(join(`${toBase64Url(counting(32)).slice(0, -1)}*`))).toMatchObject(bad);
  });
});

test('a refusal is understood even when its reason or wait is not', () => {
  expect(decodeTrackerAnswer('{"kind":"refused"}')).toEqual({
    kind: 'refused',
    code: 'tracker/refused',
    retryAfterMs: 0,
  });
  expect(decodeTrackerAnswer('{"kind":"refused","code":"made/up","retryAfterMs":-5}')).toEqual({
    kind: 'refused',
    code: 'tracker/refused',
    retryAfterMs: 0,
  });
});

test('thousands of broken texts end in a message or a fault', () => {
  const dice = random(21);
  const texts = [...trackerRequests, ...trackerAnswers].map(encodeTrackerMessage);
  for (let run = 0; run < 5000; run++) {
    const text = texts[dice.below(texts.length)] ?? '';
    const at = dice.below(text.length);
    const noise = ['', '"', '{', '}', '[', '\\', '\u0000', '9e999', 'null', '\ud800'][dice.below(10)] ?? '';
    const broken = text.slice(0, at) + noise + text.slice(at + dice.below(4));
    for (const read of [decodeTrackerRequest(broken), decodeTrackerAnswer(broken)]) {
      if (isFault(read)) expect(read.code).toBe('tracker/bad-message');
      else expect(typeof read.kind).toBe('string');
    }
  }
});
