import { expect, it } from 'vitest';
import { FlvResume } from './flv-resume.ts';
import { header, row, seen, tag } from './testing/little-flv.ts';

const prelude = [header(), tag('script', 0), tag('video-config', 0), tag('audio-config', 0)];

it('passes the first response on as it is', () => {
  const resume = new FlvResume();
  resume.beginResponse();
  const bytes = row(...prelude, tag('key', 0), tag('sound', 1), tag('picture', 40));
  expect(resume.push(bytes.slice())).toEqual(bytes);
});

it('leaves out of the next what was had already, tag by tag and track by track', () => {
  const resume = new FlvResume();
  resume.beginResponse();
  resume.push(row(...prelude, tag('key', 1000), tag('sound', 1010), tag('picture', 1040), tag('sound', 1033)));
  resume.beginResponse();
  const on = resume.push(
    row(...prelude, tag('key', 1000), tag('sound', 1010), tag('sound', 1033), tag('picture', 1040)),
  );
  expect(on).toHaveLength(0);
  expect(seen(resume.push(row(tag('sound', 1056), tag('picture', 1080))))).toEqual(['sound 1056', 'picture 1080']);
});

it('goes on at the key picture where the next response begins later', () => {
  const resume = new FlvResume();
  resume.beginResponse();
  resume.push(row(...prelude, tag('key', 1000)));
  resume.beginResponse();
  expect(seen(resume.push(row(...prelude, tag('key', 3000), tag('picture', 3040))))).toEqual([
    'key 3000',
    'picture 3040',
  ]);
});

it('carries its own time on where a response is on another scale', () => {
  const resume = new FlvResume();
  resume.beginResponse();
  resume.push(row(...prelude, tag('key', 500_000), tag('picture', 500_040)));
  resume.beginResponse();
  expect(seen(resume.push(row(...prelude, tag('key', 0), tag('picture', 40))))).toEqual([
    'key 500080',
    'picture 500120',
  ]);
});

it('passes a configuration on that has changed', () => {
  const resume = new FlvResume();
  resume.beginResponse();
  resume.push(row(...prelude, tag('key', 1000)));
  resume.beginResponse();
  const changed = tag('video-config', 2000);
  changed[17] = 0x64;
  expect(seen(resume.push(row(header(), tag('script', 0), changed, tag('key', 2000))))).toEqual([
    'video-config 2000',
    'key 2000',
  ]);
});
