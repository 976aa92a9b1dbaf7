import { expect, it } from 'vitest';
import { type FlvChunk, FlvTail } from './flv-tail.ts';
import { header, row, seen, tag } from './testing/little-flv.ts';

const tailOf = () => {
  const chunks: FlvChunk[] = [];
  return { chunks, tail: new FlvTail((chunk) => chunks.push(chunk)) };
};
const prelude = [tag('script', 0), tag('video-config', 0), tag('audio-config', 0)];

it('lets a newcomer begin at the newest key picture, with header and configuration', () => {
  const { tail } = tailOf();
  tail.push(row(header(), ...prelude));
  expect(tail.isReady).toBe(false);
  tail.push(row(tag('key', 1000), tag('sound', 1001), tag('picture', 1040)));
  tail.push(row(tag('picture', 1080), tag('key', 2000), tag('picture', 2040)));
  expect(seen(...tail.opening())).toEqual([
    'header',
    'script 0',
    'video-config 0',
    'audio-config 0',
    'key 2000',
    'picture 2040',
  ]);
  expect(tail.videoConfig?.[6]).toBe(0x42);
});

it('cuts what it passes on where a decoder can begin, and loses nothing', () => {
  const { chunks, tail } = tailOf();
  const bytes = row(header(), ...prelude, tag('key', 0), tag('picture', 40), tag('key', 80));
  tail.push(bytes.slice());
  expect(chunks.map(({ isKey }) => isKey)).toEqual([false, true, true]);
  expect(row(...chunks.map((chunk) => chunk.bytes))).toEqual(bytes.slice(header().length));
});

it('repeats the configuration at the present time for somebody who missed something', () => {
  const { tail } = tailOf();
  tail.push(row(header(), ...prelude, tag('key', 5000), tag('picture', 5040)));
  expect(seen(...tail.again())).toEqual([
    'script 5040',
    'video-config 5040',
    'audio-config 5040',
    'key 5000',
    'picture 5040',
  ]);
});

it('lets a newcomer begin anywhere in a stream that is sound alone, promised or not', () => {
  const honest = tailOf().tail;
  honest.push(row(header(false), tag('audio-config', 0), tag('sound', 0)));
  expect(honest.isReady).toBe(true);
  const wrong = tailOf().tail;
  wrong.push(row(header(true), tag('audio-config', 0), tag('sound', 0), tag('sound', 1000)));
  expect(wrong.isReady).toBe(false);
  wrong.push(tag('sound', 2000) as Uint8Array<ArrayBuffer>);
  expect(wrong.isReady).toBe(true);
});

it('does not take sound for a beginning while pictures are on their way', () => {
  const { tail } = tailOf();
  tail.push(row(header(), ...prelude, tag('sound', 0), tag('sound', 2000)));
  expect(tail.isReady).toBe(false);
  tail.push(tag('key', 2040) as Uint8Array<ArrayBuffer>);
  expect(tail.isReady).toBe(true);
});

it('keeps no more than it may of a stream whose key pictures are far apart', () => {
  const { tail } = tailOf();
  tail.push(row(header(), ...prelude, tag('key', 0)));
  const megabyte = 1024 * 1024;
  for (let at = 1; at <= 17; at++) tail.push(row(tag('picture', at * 40, megabyte)));
  expect(tail.isReady).toBe(false);
  tail.push(row(tag('key', 9000)));
  expect(seen(...tail.opening())).toHaveLength(5);
});
