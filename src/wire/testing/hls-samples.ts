/**
 * One good example, and where it matters an extreme one, of everything that is said about segments of HLS.
 */
import type { HlsMessage } from '../hls-link.ts';
import { HLS_DIGESTS_MAX, HLS_KEYS_MAX, HLS_WANT_MAX, ID_BYTES } from '../limits.ts';
import { counting, linkMessages } from './samples.ts';

const KEY = '0123456789abcdef';
const keys = (count: number): string[] => Array.from({ length: count }, (_, at) => at.toString(16).padStart(16, '0'));

const sheetOf = (name: string, signature: Uint8Array, count: number): HlsMessage => ({
  kind: 'sheet',
  key: KEY,
  sheet: {
    signed: {
      place: signature.length > 0 ? '' : '/live/demo',
      seals: [{ name, length: 8193, root: counting(32, 5) }],
      signature,
    },
    first: 0,
    digests: counting(ID_BYTES * count, 7),
  },
});

/** Every kind of message. */
export const hlsMessages: readonly HlsMessage[] = [
  ...linkMessages.filter((message) => message.kind === 'hello' || message.kind === 'status' || message.kind === 'bye'),
  { kind: 'held', keys: keys(1) },
  { kind: 'held', keys: keys(HLS_KEYS_MAX) },
  { kind: 'dropped', keys: keys(2) },
  { kind: 'claim', key: KEY },
  { kind: 'ask-sheet', key: KEY },
  sheetOf('/live/demo/hls/1.m4s', new Uint8Array(0), 2),
  sheetOf('https://cdn.example/film/1.ts#0-8192', counting(64, 9), HLS_DIGESTS_MAX),
  { kind: 'some', key: KEY, first: 0, pieces: counting(3) },
  { kind: 'some', key: KEY, first: 0xffff, pieces: new Uint8Array(0) },
  { kind: 'want', key: KEY, pieces: [0] },
  { kind: 'want', key: KEY, pieces: Array.from({ length: HLS_WANT_MAX }, (_, at) => at * 1000) },
  { kind: 'absent', key: KEY, pieces: [3, 4] },
];
