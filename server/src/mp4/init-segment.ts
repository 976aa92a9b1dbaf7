// The beginning of fragmented MP4: what the tracks are, and no samples.

import { box, fullBox, letters, u16, u32, zeros } from './boxes.ts';
import type { PictureTrack, SoundTrack, Track } from './track.ts';

const UNITY = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
const MOVIE_TIMESCALE = 1000;
const UNDETERMINED = 0x55c4;
const MP3_OBJECT = 0x6b;
const AAC_OBJECT = 0x40;
const DESCRIPTOR_BYTES_MAX = 127;

/** `ftyp` and `moov`. */
export const initSegment = (tracks: readonly Track[]): Buffer =>
  Buffer.concat([
    box('ftyp', letters('iso6'), u32(1), letters('iso6cmfcmp41')),
    box(
      'moov',
      fullBox('mvhd', {}, u32(0, 0, MOVIE_TIMESCALE, 0, 0x10000), u16(0x100), zeros(10), UNITY, zeros(24), u32(3)),
      ...tracks.map(trak),
      box('mvex', ...tracks.map(({ id }) => fullBox('trex', {}, u32(id, 1, 0, 0, 0)))),
    ),
  ]);

const trak = (track: Track): Buffer => {
  const picture = track.of === 'picture';
  const size = picture ? u32(track.width * 0x10000, track.height * 0x10000) : u32(0, 0);
  const handler = picture ? ['vide', 'pictures\0'] : ['soun', 'sound\0'];
  return box(
    'trak',
    fullBox('tkhd', { flags: 3 }, u32(0, 0, track.id, 0, 0), zeros(8), u16(0, 0, picture ? 0 : 0x100, 0), UNITY, size),
    box(
      'mdia',
      fullBox('mdhd', {}, u32(0, 0, track.timescale, 0), u16(UNDETERMINED, 0)),
      fullBox('hdlr', {}, u32(0), letters(handler[0] ?? ''), zeros(12), letters(handler[1] ?? '')),
      box(
        'minf',
        picture ? fullBox('vmhd', { flags: 1 }, zeros(8)) : fullBox('smhd', {}, zeros(4)),
        box('dinf', fullBox('dref', {}, u32(1), fullBox('url ', { flags: 1 }))),
        box(
          'stbl',
          fullBox('stsd', {}, u32(1), track.of === 'picture' ? pictureEntry(track) : soundEntry(track)),
          fullBox('stts', {}, u32(0)),
          fullBox('stsc', {}, u32(0)),
          fullBox('stsz', {}, u32(0, 0)),
          fullBox('stco', {}, u32(0)),
        ),
      ),
    ),
  );
};

const pictureEntry = ({ codec, config, width, height }: PictureTrack): Buffer =>
  box(
    codec === 'avc' ? 'avc1' : 'hvc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(width, height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(24, 0xffff),
    box(codec === 'avc' ? 'avcC' : 'hvcC', config),
  );

const soundEntry = (track: SoundTrack): Buffer =>
  box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(track.channels, 16),
    zeros(4),
    u32(track.timescale < 0x10000 ? track.timescale * 0x10000 : 0),
    fullBox('esds', {}, elementaryStream(track)),
  );

const elementaryStream = ({ codec, config, id }: SoundTrack): Buffer => {
  const specific = codec === 'aac' ? descriptor(5, config.subarray(0, DESCRIPTOR_BYTES_MAX - 40)) : zeros(0);
  const decoder = descriptor(
    4,
    Buffer.concat([Buffer.from([codec === 'aac' ? AAC_OBJECT : MP3_OBJECT, 0x15]), zeros(11), specific]),
  );
  return descriptor(3, Buffer.concat([u16(id), zeros(1), decoder, descriptor(6, Buffer.from([2]))]));
};

const descriptor = (tag: number, body: Buffer): Buffer => Buffer.concat([Buffer.from([tag, body.length]), body]);
