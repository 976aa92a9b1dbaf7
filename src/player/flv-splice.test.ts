import { expect, it } from 'vitest';
import { FlvSplice } from './flv-splice.ts';
import { FILE_HEADER, readFlv, rowOf, tagOf } from './testing/flv-bytes.ts';

const prelude = (): ArrayBuffer => rowOf(FILE_HEADER, tagOf('script', 0), tagOf('video-config', 0));

it('hands the first run on as it is', () => {
  const splice = new FlvSplice();
  splice.beginRun();
  expect(splice.isFresh).toBe(true);
  const out = [splice.push(prelude()), splice.push(rowOf(tagOf('video', 5000), tagOf('audio', 5010)))];
  expect(readFlv(...out)).toEqual(['header', 'script 0', 'video-config 0', 'video 5000', 'audio 5010']);
  expect(splice.span).toEqual({ firstMs: 5000, newestMs: 5010 });
  expect(splice.isFresh).toBe(false);
});

it('goes on with a later run where the one before ended, without a second file header', () => {
  const splice = new FlvSplice();
  splice.push(prelude());
  splice.push(rowOf(tagOf('video', 5000), tagOf('audio', 5010)));
  splice.beginRun();
  const out = [
    splice.push(prelude()),
    splice.push(rowOf(tagOf('video', 100), tagOf('audio', 90), tagOf('video', 140))),
  ];
  expect(readFlv(...out)).toEqual(['script 5050', 'video-config 5050', 'video 5050', 'audio 5050', 'video 5090']);
  expect(splice.span).toEqual({ firstMs: 100, newestMs: 140 });
});

it('closes a hole within a run, and goes on when the source sets its clock back', () => {
  const splice = new FlvSplice();
  splice.push(prelude());
  const out = splice.push(
    rowOf(tagOf('video', 1000), tagOf('video', 9000), tagOf('audio', 9020), tagOf('video', 20), tagOf('video', 60)),
  );
  expect(readFlv(out)).toEqual(['video 1000', 'video 1040', 'audio 1060', 'video 1100', 'video 1140']);
});

it('drops a header that comes alone, as of a later run', () => {
  const splice = new FlvSplice();
  splice.push(prelude());
  splice.push(rowOf(tagOf('video', 10)));
  splice.beginRun();
  expect(splice.push(rowOf(FILE_HEADER))).toBeUndefined();
  expect(readFlv(splice.push(rowOf(tagOf('video', 3))))).toEqual(['video 50']);
});

it('begins a file anew: nothing before the next run, then all of it', () => {
  const splice = new FlvSplice();
  splice.push(prelude());
  splice.push(rowOf(tagOf('video', 70_000)));
  splice.beginFile();
  expect(splice.push(rowOf(tagOf('video', 70_040)))).toBeUndefined();
  splice.beginRun();
  expect(splice.isFresh).toBe(true);
  expect(readFlv(splice.push(prelude()), splice.push(rowOf(tagOf('video', 70_080))))).toEqual([
    'header',
    'script 0',
    'video-config 0',
    'video 70080',
  ]);
});

it('keeps times above 24 bits', () => {
  const splice = new FlvSplice();
  splice.push(prelude());
  splice.push(rowOf(tagOf('video', 0x0fff_ffff)));
  splice.beginRun();
  splice.push(prelude());
  expect(readFlv(splice.push(rowOf(tagOf('video', 1))))).toEqual([`video ${0x0fff_ffff + 40}`]);
});
