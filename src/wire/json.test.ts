import { describe, expect, test } from 'vitest';
import { asList, asNumber, asRecord, asText, asWhole, parseJson } from './json.ts';

const OTHERS: readonly unknown[] = [undefined, null, true, 0, 1.5, Number.NaN, '', 'text', [], [1], {}, () => 1, 10n];

describe('guards take what they name and nothing else', () => {
  test('records', () => {
    expect(OTHERS.filter((value) => asRecord(value) !== undefined)).toEqual([{}]);
  });

  test('texts up to their length', () => {
    expect(OTHERS.filter((value) => asText(value, 3) !== undefined)).toEqual(['']);
    expect([asText('abc', 3), asText('abcd', 3)]).toEqual(['abc', undefined]);
  });

  test('numbers within their bounds', () => {
    expect(OTHERS.filter((value) => asNumber(value, -10, 10) !== undefined)).toEqual([0, 1.5]);
    expect([asNumber(2, 2, 3), asNumber(3, 2, 3), asNumber(1.9, 2, 3), asNumber(3.1, 2, 3)]).toEqual([
      2,
      3,
      undefined,
      undefined,
    ]);
    expect(asNumber(Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(asNumber(Number.POSITIVE_INFINITY, 0, 10)).toBeUndefined();
  });

  test('whole numbers within their bounds', () => {
    expect(OTHERS.filter((value) => asWhole(value, -10, 10) !== undefined)).toEqual([0]);
    expect(asWhole(2 ** 53, 0, Number.MAX_VALUE)).toBeUndefined();
    expect(asWhole('5', 0, 10)).toBeUndefined();
  });

  test('lists of nothing but good members, up to their length', () => {
    const texts = (value: unknown, most: number): string[] | undefined =>
      asList(value, most, (each) => asText(each, 5));
    expect(texts(['a', 'b'], 2)).toEqual(['a', 'b']);
    expect(texts([], 0)).toEqual([]);
    expect(texts(['a', 'b'], 1)).toBeUndefined();
    expect(texts(['a', 5], 2)).toBeUndefined();
    expect(texts({ length: 1, 0: 'a' }, 2)).toBeUndefined();
  });

  test('a list too long is refused before its members are looked at', () => {
    let looked = 0;
    asList(new Array(1000).fill(1), 999, () => looked++);
    expect(looked).toBe(0);
  });
});

describe('parsing', () => {
  test('gives the value, or undefined for what is no JSON', () => {
    expect(parseJson('{"a":[1,null]}')).toEqual({ a: [1, null] });
    for (const text of ['', '{', 'undefined', "{'a':1}", '[1,]', '\u0000', '{"a":1}x'])
      expect(parseJson(text)).toBeUndefined();
  });

  test('survives nesting as deep as a message can be', () => {
    const deep = 200_000;
    expect(() => parseJson('['.repeat(deep))).not.toThrow();
    expect(() => parseJson('['.repeat(deep) + ']'.repeat(deep))).not.toThrow();
    expect(() => parseJson('{"a":'.repeat(deep))).not.toThrow();
  });

  test('keeps a member called __proto__ a member', () => {
    const value = asRecord(parseJson('{"__proto__":{"kind":"join"}}'));
    expect(value?.kind).toBeUndefined();
  });
});
