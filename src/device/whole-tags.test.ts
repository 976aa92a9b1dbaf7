import { expect, test } from 'vitest';
import { WholeTags } from './whole-tags.ts';

const HEADER = [0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];
const tag = (...body: number[]): number[] => [
  9,
  0,
  body.length >> 8,
  body.length & 255,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  ...body,
  0,
  0,
  0,
  11,
];

const feed = (tags: WholeTags, bytes: readonly number[], step: number): number[] => {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; at += step) out.push(...tags.push(Uint8Array.from(bytes.slice(at, at + step))));
  return out;
};

test.each([1, 2, 5, 13, 1000])('bytes cut every %i come out whole and in order', (step) => {
  const all = [...HEADER, ...tag(1, 2, 3), ...tag(), ...tag(...Array.from({ length: 300 }, (_, at) => at % 256))];
  expect(feed(new WholeTags(), [...all, 9, 0, 0, 50, 7], step)).toEqual(all);
});

test('after a break in the middle of a tag another stream follows cleanly', () => {
  const tags = new WholeTags();
  const first = [...HEADER, ...tag(1), ...tag(2, 3, 4).slice(0, 13)];
  const second = [...HEADER, ...tag(5)];
  const out = feed(tags, first, 7);
  tags.reset();
  out.push(...feed(tags, second, 4));
  expect(out).toEqual([...HEADER, ...tag(1), ...second]);
});

test('what is no FLV passes as it is', () => {
  const tags = new WholeTags();
  expect(feed(tags, [1, 2, 3, 4, 5], 2)).toEqual([1, 2, 3, 4, 5]);
  expect(tags.isFlv).toBe(false);
});

test('a header that promises gigabytes is refused instead of being waited for', () => {
  const header = [...HEADER];
  header.splice(5, 4, 0x7f, 0xff, 0xff, 0xff);
  expect(() => new WholeTags().push(Uint8Array.from(header))).toThrow(/FLV header/);
});
