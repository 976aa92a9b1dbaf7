import { describe, expect, test } from 'vitest';
import { toBase64Url } from './bytes.ts';
import {
  hlsRoom,
  readHlsRoom,
  readPlaylistSeals,
  readWitnessAnswer,
  type SegmentSeal,
  sealedText,
  sealTag,
  segmentName,
  segmentPieces,
  sheetOf,
  signatureTag,
} from './hls-seal.ts';
import { HLS_PIECE_BYTES } from './limits.ts';
import { counting } from './testing/samples.ts';

const root = counting(32, 1);
const signature = counting(64, 2);
const seal = (name: string, length = 1000): SegmentSeal => ({ name, length, root });

describe('the seals of a playlist', () => {
  const playlist = [
    '#EXTM3U',
    sealTag(seal('i.mp4', 700)),
    '#EXT-X-MAP:URI="i.mp4"',
    sealTag(seal('s1.0.m4s', 10)),
    '#EXT-X-PART:DURATION=0.3,URI="s1.0.m4s",INDEPENDENT=YES',
    sealTag(seal('s1.m4s', 20)),
    '#EXT-X-PART:DURATION=0.3,URI="s1.m4s",BYTERANGE="20@40"',
    '#EXTINF:2.000,',
    sealTag(seal('s1.m4s')),
    's1.m4s',
    signatureTag({ place: '/live/demo', signature }),
    '',
  ].join('\r\n');

  test('are read in order, with the range of a part that has one', () => {
    expect(readPlaylistSeals(playlist)).toEqual({
      place: '/live/demo',
      seals: [seal('i.mp4', 700), seal('s1.0.m4s', 10), seal('s1.m4s#40-59', 20), seal('s1.m4s')],
      signature,
    });
  });

  test('are absent where nothing is signed', () => {
    expect(readPlaylistSeals('#EXTM3U\n#EXTINF:2,\ns1.m4s\n')).toBeUndefined();
  });

  test.each([
    ['a root that is too short', playlist.replace(toBase64Url(root), 'AAAA')],
    ['a length of nothing', playlist.replace('SEAL:700', 'SEAL:0')],
    ['a length that is no number', playlist.replace('SEAL:700', 'SEAL:1e3')],
    ['a tag before nothing', playlist.replace('#EXT-X-MAP:URI="i.mp4"', '')],
    ['a short signature', playlist.replace(toBase64Url(signature), 'AAAA')],
  ])('are refused for %s', (_what, text) => {
    expect(readPlaylistSeals(text)).toMatchObject({ kind: 'fault', code: 'hls/bad-seal' });
  });
});

test('what is signed differs in every field', () => {
  const texts = [
    sealedText('', [seal('a')]),
    sealedText('a', []),
    sealedText('/x', [seal('a')]),
    sealedText('', [seal('b')]),
    sealedText('', [seal('a', 1001)]),
    sealedText('', [{ ...seal('a'), root: counting(32, 9) }]),
    sealedText('', [seal('a'), seal('a')]),
  ].map(toBase64Url);
  expect(new Set(texts).size).toBe(texts.length);
});

test('a sheet has one digest for each piece, the last one shorter', () => {
  const lengths: number[] = [];
  const digest = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    lengths.push(bytes.length);
    return new Uint8Array(32);
  };
  const { digests } = sheetOf(digest, new Uint8Array(HLS_PIECE_BYTES * 2 + 5));
  expect(digests.length).toBe(96);
  expect(lengths).toEqual([HLS_PIECE_BYTES, HLS_PIECE_BYTES, 5, 96]);
  expect([0, 1, HLS_PIECE_BYTES, HLS_PIECE_BYTES + 1].map(segmentPieces)).toEqual([1, 1, 1, 2]);
});

test('names leave out what differs between viewers', () => {
  const address = 'https://cdn.example:8443/film/s1.ts?token=secret#x';
  expect(segmentName('cdn', address)).toBe('https://cdn.example:8443/film/s1.ts');
  expect(segmentName('own', address)).toBe('/film/s1.ts');
  expect(segmentName('own', address, { first: 0, last: 99 })).toBe('/film/s1.ts#0-99');
});

test('rooms say what they are for', () => {
  const address = 'https://cdn.example/film/index.m3u8?token=secret';
  expect(readHlsRoom(hlsRoom('own', address))).toEqual({ place: 'own', where: '/film/index.m3u8' });
  expect(readHlsRoom(hlsRoom('cdn', address))).toEqual({ place: 'cdn', where: 'cdn.example/film/index.m3u8' });
  expect(readHlsRoom('/live/demo')).toBeUndefined();
});

test.each([
  ['no object', 'x'],
  ['no name', { length: 1, root: toBase64Url(root), signature: toBase64Url(signature) }],
  ['a length of nothing', { name: 'n', length: 0, root: toBase64Url(root), signature: toBase64Url(signature) }],
  ['a short root', { name: 'n', length: 1, root: 'AAAA', signature: toBase64Url(signature) }],
  ['a short signature', { name: 'n', length: 1, root: toBase64Url(root), signature: 'AAAA' }],
])('a witness that answers %s is not believed', (_what, answer) => {
  expect(readWitnessAnswer(answer)).toMatchObject({ kind: 'fault', code: 'hls/bad-seal' });
});
