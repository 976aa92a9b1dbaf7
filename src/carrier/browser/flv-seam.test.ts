import { beforeEach, describe, expect, it } from 'vitest';
import { flvTags } from '../flv-tags.ts';
import { bufferOf, FLV_START, type TagOf, tagsOf } from '../testing/flv-bytes.ts';
import { FlvSeam } from './flv-seam.ts';

const SETTINGS = [
  { kind: 'picture-settings', ms: 0 },
  { kind: 'sound-settings', ms: 0 },
] as const satisfies readonly TagOf[];

const prelude = (mark = 0): ArrayBuffer =>
  bufferOf(...FLV_START, ...tagsOf(...SETTINGS.map((one) => ({ ...one, mark }))));

/** A group of pictures of 40 ms with sound between them; each is marked with its place. */
const group = (fromMs: number, count: number, mark = 0): TagOf[] =>
  Array.from({ length: count }, (_, at): TagOf[] => [
    { kind: at === 0 ? 'keyframe' : 'picture', ms: fromMs + at * 40, mark: (mark + at) & 255 },
    { kind: 'sound', ms: fromMs + at * 40 + 7 },
  ]).flat();

let seam: FlvSeam;

/** What goes on of buffers, as track and time of each tag. */
const onOf = (...buffers: readonly ArrayBuffer[]): string[] =>
  buffers.flatMap((each) => {
    const { verdict, buffers: on } = seam.push(each);
    if (verdict !== 'goes-on') return [verdict];
    return on.flatMap((one) => [...flvTags(new DataView(one), 0)].map(({ track, ms }) => `${track} ${ms}`));
  });

const pushTags = (...tags: readonly TagOf[]): string[] => onOf(bufferOf(...tagsOf(...tags)));

beforeEach(() => {
  seam = new FlvSeam();
  seam.begin();
  seam.push(prelude());
  pushTags(...group(70_000, 10));
  pushTags(...group(70_400, 5, 10));
});

describe('another epoch', () => {
  it('of the same source goes on where this one stopped, and nothing is played twice', () => {
    seam.interrupt();
    expect(onOf(prelude())).toEqual(['waits']);
    expect(pushTags(...group(70_400, 4, 10))).toEqual([]);
    expect(pushTags(...group(70_400, 7, 10).slice(8))).toEqual([
      'video 70600',
      'audio 70607',
      'video 70640',
      'audio 70647',
    ]);
    expect(seam.offsetMs).toBe(0);
  });

  it('whose times begin anew is moved to the end of this one, sound and picture alike', () => {
    seam.interrupt();
    expect([...onOf(prelude()), ...pushTags(...group(0, 2))]).toEqual([
      'waits',
      'video 70600',
      'audio 70607',
      'video 70640',
      'audio 70647',
    ]);
    expect(seam.offsetMs).toBe(70_600);
    expect(pushTags({ kind: 'picture', ms: 80 })).toEqual(['video 70680']);
  });

  it('that is ahead a little leaves no hole', () => {
    seam.interrupt();
    expect([...onOf(prelude()), ...pushTags(...group(71_000, 1, 40))]).toEqual(['waits', 'video 70600', 'audio 70607']);
  });

  it('with the same picture much earlier is not waited for', () => {
    pushTags(...group(80_000, 200, 1));
    seam.interrupt();
    expect([...onOf(prelude()), ...pushTags(...group(70_400, 1, 10))]).toEqual(['waits', 'video 88000', 'audio 88007']);
  });

  it('with the same time and another picture is not taken for the same', () => {
    seam.interrupt();
    expect([...onOf(prelude()), ...pushTags(...group(70_400, 1, 99))]).toEqual(['waits', 'video 70600', 'audio 70607']);
  });

  it('follows another: times are those of the one before', () => {
    for (const fromMs of [0, 500]) {
      seam.interrupt();
      seam.push(prelude());
      pushTags(...group(fromMs, 3));
    }
    expect(seam.offsetMs).toBe(70_720 - 500);
    seam.interrupt();
    seam.push(prelude());
    expect(pushTags(...group(500, 4))).toEqual(['video 70840', 'audio 70847']);
  });

  it('with other settings, or that does not begin with a whole picture, is a run of its own, with all of its bytes', () => {
    for (const [start, tags] of [
      [prelude(1), group(0, 1)],
      [prelude(), group(0, 2).slice(2)],
    ] as const) {
      seam.interrupt();
      const kept = start.slice(0);
      expect(onOf(start)).toEqual(['waits']);
      const { verdict, buffers } = seam.push(bufferOf(...tagsOf(...tags)));
      expect(verdict).toBe('other-run');
      expect(buffers.map(({ byteLength }) => byteLength)).toEqual([kept.byteLength, tags.length * 21]);
      expect(seam.isJoining).toBe(false);
    }
  });

  it('that never begins is not waited for without end', () => {
    seam.interrupt();
    seam.push(prelude());
    const said = Array.from({ length: 64 }, () => seam.push(bufferOf(...tagsOf({ kind: 'sound', ms: 0 }))).verdict);
    expect(said.filter((verdict) => verdict === 'other-run')).toHaveLength(1);
  });
});

it('lets a run pass as it is', () => {
  const buffer = bufferOf(...tagsOf(...group(70_600, 3)));
  expect(seam.push(buffer).buffers).toEqual([buffer]);
  expect(pushTags({ kind: 'picture', ms: 3 })).toEqual(['video 3']);
});
