// What a URL asks for. A path is taken apart once, here, and only what is spelled plainly passes.

import { STREAM_PATH_MAX } from '../../../src/wire/limits.ts';

/** What can be asked of a stream. */
export type StreamAsk =
  | { readonly kind: 'plain'; readonly path: string }
  | { readonly kind: 'pieces'; readonly path: string }
  | { readonly kind: 'piece'; readonly path: string; readonly epoch: string; readonly sequence: number }
  | { readonly kind: 'key'; readonly path: string; readonly epoch: string; readonly generation: number }
  | { readonly kind: 'head'; readonly path: string }
  /** `name` is undefined for `<stream>.m3u8`, else what stands below `<stream>/hls/`. */
  | { readonly kind: 'hls'; readonly path: string; readonly name: string | undefined };

const SEGMENT = '[A-Za-z0-9_~-][A-Za-z0-9._~-]*';
const PATH = new RegExp(`^(?:/${SEGMENT}){1,8}$`);

/** Whether a text may name a stream: plain segments, nothing encoded, nothing hidden, no way up. */
export const isStreamPath = (path: string): boolean => path.length <= STREAM_PATH_MAX && PATH.test(path);

const FORMS: readonly (readonly [RegExp, (match: RegExpExecArray) => StreamAsk])[] = [
  [/^(.+)\.flv$/, ([, path = '']) => ({ kind: 'plain', path })],
  [/^(.+)\.pieces$/, ([, path = '']) => ({ kind: 'pieces', path })],
  [
    /^(.+)\/([0-9a-f]{20})\/(0|[1-9]\d{0,9})$/,
    ([, path = '', epoch = '', sequence]) => ({ kind: 'piece', path, epoch, sequence: Number(sequence) }),
  ],
  [/^(.+)\/hls\/([\w.-]{1,100})$/, ([, path = '', name]) => ({ kind: 'hls', path, name })],
  [/^(.+)\.m3u8$/, ([, path = '']) => ({ kind: 'hls', path, name: undefined })],
  [
    /^(.+)\/([0-9a-f]{20})\/key\/(0|[1-9]\d{0,4})$/,
    ([, path = '', epoch = '', generation]) => ({ kind: 'key', path, epoch, generation: Number(generation) }),
  ],
  [/^(.+)\/head$/, ([, path = '']) => ({ kind: 'head', path })],
];

/** What a URL path asks of a stream, or undefined when it asks for something else. */
export const readStreamAsk = (path: string): StreamAsk | undefined => {
  for (const [form, make] of FORMS) {
    const match = form.exec(path);
    if (match === null) continue;
    const ask = make(match);
    if (isStreamPath(ask.path)) return ask;
  }
  return undefined;
};

/** Query names that are ours; the rest is what a viewer is admitted by. */
const OWN_NAMES = ['mask', 'substreams', 'from', 'code', 'keys', 'tag', '_HLS_msn', '_HLS_part', '_HLS_skip'];

/** The part of a query that a viewer is admitted by. */
export const credentialsOf = (query: URLSearchParams): string => {
  const rest = new URLSearchParams(query);
  for (const name of OWN_NAMES) rest.delete(name);
  return rest.toString();
};
