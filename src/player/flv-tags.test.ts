import { expect, it } from 'vitest';
import { FlvTags } from './flv-tags.ts';
import { FILE_HEADER, readFlv, rowOf, tagOf } from './testing/flv-bytes.ts';

it('finds whole tags however the response is cut', () => {
  const whole = new Uint8Array(rowOf(FILE_HEADER, tagOf('script', 0), tagOf('video', 5), tagOf('audio', 9)));
  for (const step of [1, 2, 7, 13, 40, whole.length]) {
    const tags = new FlvTags();
    const out: (ArrayBuffer | undefined)[] = [];
    for (let at = 0; at < whole.length; at += step) out.push(tags.push(whole.subarray(at, at + step)));
    expect(readFlv(...out)).toEqual(['header', 'script 0', 'video 5', 'audio 9']);
  }
});

it('refuses what is no FLV, and a tag without end', () => {
  expect(() => new FlvTags().push(new TextEncoder().encode('<!doctype html>'))).toThrow(/no FLV header/);
  const tags = new FlvTags();
  tags.push(FILE_HEADER);
  tags.push(Uint8Array.from([9, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0]));
  expect(() => tags.push(new Uint8Array(9 * 1024 * 1024))).toThrow(/endless tag/);
});
