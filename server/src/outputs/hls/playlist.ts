// The playlists of HLS: the rolling one of a stream with its low-latency parts, each file vouched for and all of it signed,
// and the one that lists its rates.

import { type SegmentSeal, sealTag, signatureTag } from '../../../../src/wire/hls-seal.ts';
import type { HlsFile, HlsPart, HlsSegment } from './segments.ts';

/** What a playlist is written from. */
export interface PlaylistParts {
  readonly segments: readonly HlsSegment[];
  readonly open: HlsSegment | undefined;
  /** Name of the part that comes next; undefined when none does. */
  readonly nextPart: string | undefined;
  readonly discontinuitySequence: number;
  /** Number of the first listed segment. */
  readonly first: number;
  readonly targetSeconds: number;
  /** Undefined: whole segments only. */
  readonly partSeconds: number | undefined;
  readonly ended: boolean;
  /** Path of the stream. */
  readonly place: string;
  /** Before every name. */
  readonly prefix: string;
  readonly sign: (seals: readonly SegmentSeal[]) => Uint8Array;
}

/** Older segments are listed whole only. */
const SEGMENTS_WITH_PARTS = 3;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** The rolling playlist. */
export const mediaPlaylist = (parts: PlaylistParts): string => {
  const { segments, partSeconds, prefix } = parts;
  const [open, nextPart] = partSeconds === undefined ? [] : [parts.open, parts.nextPart];
  const seals: SegmentSeal[] = [];
  const sealed = ({ name, seal }: HlsFile, line: (name: string) => string): string[] => {
    const written = `${prefix}${name}`;
    seals.push({ ...seal, name: written });
    return [sealTag(seal), line(written)];
  };
  const all = open === undefined ? segments : [...segments, open];
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    `#EXT-X-TARGETDURATION:${parts.targetSeconds}`,
    ...(partSeconds === undefined ? [] : lowLatencyLines(partSeconds)),
    `#EXT-X-MEDIA-SEQUENCE:${parts.first}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${parts.discontinuitySequence}`,
  ];
  for (const [at, segment] of all.entries()) {
    const { map, whole, discontinuity } = segment;
    if (discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (map !== all[at - 1]?.map) lines.push(...sealed(map, (name) => `#EXT-X-MAP:URI="${name}"`));
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.atMs).toISOString()}`);
    if (partSeconds !== undefined && at >= all.length - SEGMENTS_WITH_PARTS) {
      for (const part of segment.parts) lines.push(...sealed(part, (name) => partLine(part, name)));
    }
    if (whole === undefined) continue;
    lines.push(`#EXTINF:${seconds(segment.parts.reduce((sum, { durationMs }) => sum + durationMs, 0))},`);
    lines.push(...sealed(whole, (name) => name));
  }
  if (nextPart !== undefined) lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${prefix}${nextPart}"`);
  if (parts.ended) lines.push('#EXT-X-ENDLIST');
  lines.push(signatureTag({ place: parts.place, signature: parts.sign(seals) }));
  return `${lines.join('\n')}\n`;
};

const lowLatencyLines = (partSeconds: number): readonly string[] => [
  `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=${(3 * partSeconds).toFixed(3)}`,
  `#EXT-X-PART-INF:PART-TARGET=${partSeconds.toFixed(3)}`,
];

const partLine = ({ durationMs, independent }: HlsPart, name: string): string =>
  `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${name}"${independent ? ',INDEPENDENT=YES' : ''}`;

/** One rate of a stream. */
export interface Variant {
  readonly uri: string;
  readonly bitsPerSec: number;
  readonly codecs: string | undefined;
  readonly resolution: string | undefined;
}

/** The playlist of all rates. */
export const multivariantPlaylist = (variants: readonly Variant[]): string =>
  [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...variants.flatMap(({ uri, bitsPerSec, codecs, resolution }) => [
      `#EXT-X-STREAM-INF:BANDWIDTH=${bitsPerSec}${codecs === undefined ? '' : `,CODECS="${codecs}"`}${resolution === undefined ? '' : `,RESOLUTION=${resolution}`}`,
      uri,
    ]),
    '',
  ].join('\n');
