import { beforeEach, expect, it } from 'vitest';
import { FlvReader } from './flv-reader.ts';
import { TagQueue } from './tag-queue.ts';
import { bodies, flvHeader, flvTag } from './testing/flv-bytes.ts';

let reader: FlvReader;
let queue: TagQueue;

beforeEach(() => {
  reader = new FlvReader();
  queue = new TagQueue();
});

const put = (...parts: readonly Buffer[]): void => queue.put(reader.push(Buffer.concat(parts)));
const kindsOf = (flv: ArrayBuffer | undefined): string[] =>
  flv === undefined
    ? ['nothing']
    : new FlvReader().push(Buffer.concat([flvHeader(), Buffer.from(flv)])).tags.map(({ kind }) => kind);
const firstKinds = (): string[] => {
  const flv = queue.takeFirst();
  return flv === undefined ? ['nothing'] : new FlvReader().push(new Uint8Array(flv)).tags.map(({ kind }) => kind);
};

const config = [flvTag('script', [2, 0]), flvTag('video', bodies.videoConfig), flvTag('audio', bodies.audioConfig)];
const keyframe = flvTag('video', bodies.keyframe);
const frame = flvTag('video', bodies.frame);

it('begins with the header, what goes before a picture, and a keyframe', () => {
  put(flvHeader(), ...config, frame, flvTag('audio', bodies.audio));
  expect(firstKinds()).toEqual(['nothing']);
  put(keyframe, frame);
  expect(firstKinds()).toEqual(['script', 'video-config', 'audio-config', 'keyframe', 'video']);
  put(frame);
  expect(kindsOf(queue.take())).toEqual(['video']);
  expect(queue.take()).toBeUndefined();
  expect(queue.bytes).toBe(0);
});

it('begins with any sample where the file has sound alone', () => {
  put(flvHeader(4), flvTag('audio', bodies.audioConfig), flvTag('audio', bodies.audio));
  expect(firstKinds()).toEqual(['audio-config', 'audio']);
});

it('leaves out what is older than the newest keyframe, and counts it', () => {
  put(flvHeader(), ...config, keyframe, frame, keyframe, frame, keyframe, frame);
  const before = queue.bytes;
  queue.skip();
  expect(queue.dropped).toBe(before - queue.bytes);
  expect(firstKinds()).toEqual(['script', 'video-config', 'audio-config', 'keyframe', 'video']);
});

it('waits for the next keyframe when there is none to begin with', () => {
  put(flvHeader(), ...config, keyframe, frame, frame);
  queue.skip();
  expect(queue.bytes).toBe(0);
  put(frame);
  expect(firstKinds()).toEqual(['nothing']);
  put(keyframe);
  expect(firstKinds()).toEqual(['script', 'video-config', 'audio-config', 'keyframe']);
});

it('belongs to one file at a time', () => {
  put(flvHeader(), ...config, keyframe, frame);
  put(flvHeader(), flvTag('video', bodies.videoConfig));
  expect(queue.bytes).toBe(frame.length - 1);
  put(keyframe);
  expect(firstKinds()).toEqual(['video-config', 'keyframe']);
});
