// The addresses a stream code is played by. The server composes them, so that a rule that changes changes in one place.

import { type Encode, encodes, type PushUrl } from '../../../src/wire/room.ts';
import { pathOfCode } from './stream-code.ts';

/** Where viewers reach the outputs: no slash at the end; undefined for what this server does not put out. */
export interface PlayBases {
  /** `http(s)://host[:port][/prefix]`. */
  readonly web: string;
  /** `rtmp://host[:port]`. */
  readonly rtmp: string | undefined;
}

/** A quality of the ladder; 0 is the stream as it came in. */
export interface RateType {
  readonly rateType: number;
  /** What its name ends with, such as `_550`; empty for the stream as it came in. */
  readonly suffix: string;
}

const ENDINGS: Readonly<Record<Encode, string>> = { rtmp: '', flv: '.flv', hls: '.m3u8' };

/** The stream as it came in. */
export const SOURCE_RATE: RateType = { rateType: 0, suffix: '' };

/** The addresses of a code in the wanted forms, or in all. */
export const playUrls = (
  code: string,
  bases: PlayBases,
  wanted: { readonly encode: readonly Encode[]; readonly rates: readonly RateType[] },
): PushUrl[] =>
  wanted.rates.flatMap(({ rateType, suffix }) =>
    encodes
      .filter((encode) => wanted.encode.length === 0 || wanted.encode.includes(encode))
      .flatMap((encode) => {
        const base = encode === 'rtmp' ? bases.rtmp : bases.web;
        const url = `${base}${pathOfCode(code)}${suffix}${ENDINGS[encode]}`;
        return base === undefined ? [] : [{ encode, rateType, url }];
      }),
  );
