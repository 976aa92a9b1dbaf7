import { expect, it } from 'vitest';
import { bodyOf, readTags, writeMs } from './flv-tags.ts';
import { row, seen, tag } from './testing/little-flv.ts';

it('knows what tags are', () => {
  const bytes = row(
    tag('script', 0),
    tag('video-config', 0),
    tag('audio-config', 0),
    tag('key', 40),
    tag('sound', 41),
    tag('picture', 80),
  );
  expect(seen(bytes)).toEqual(['script 0', 'video-config 0', 'audio-config 0', 'key 40', 'sound 41', 'picture 80']);
});

it('knows enhanced FLV: configuration, key pictures, pictures, Opus', () => {
  const enhanced = (kind: number, first: number) => {
    const bytes = tag(kind === 9 ? 'key' : 'sound', 0, 8);
    bytes[11] = first;
    return bytes;
  };
  const bytes = row(enhanced(9, 0x90), enhanced(9, 0x91), enhanced(9, 0xa3), enhanced(8, 0x90), enhanced(8, 0x91));
  expect(readTags(bytes, 0).map(({ content }) => content)).toEqual([
    'video-config',
    'key',
    'picture',
    'audio-config',
    'sound',
  ]);
});

it('reads and writes times beyond 24 bits', () => {
  const bytes = tag('key', 0x1234_5678);
  const [one] = readTags(bytes, 0);
  if (one === undefined) throw new TypeError('no tag');
  expect(one.ms).toBe(0x1234_5678);
  writeMs(bytes, one, 0xfedc_ba98);
  expect(readTags(bytes, 0)[0]?.ms).toBe(0xfedc_ba98);
  expect(bodyOf(bytes, one)[0]).toBe(0x17);
});

it('ends at what is cut off, and never throws', () => {
  const bytes = row(tag('key', 0), tag('picture', 40));
  for (let length = 0; length < bytes.length; length++) {
    expect(readTags(bytes.slice(0, length), 0).length).toBe(length < tag('key', 0).length ? 0 : 1);
  }
  for (let at = 0; at < 200; at++) {
    const noise = Uint8Array.from({ length: 64 }, (_, place) => (at * 31 + place * 17) & 0xff);
    for (const { end } of readTags(noise, 0)) expect(end).toBeLessThanOrEqual(noise.length);
  }
});
