/**
 * How segments of HLS are vouched for. A segment is any media resource that a playlist names: a media segment, a part
 * of one, or an initialization section. It crosses links in pieces; its sheet is the list of their digests; its seal
 * says name, length and the digest of the sheet. Seals are signed together: those of a playlist by the origin that made
 * it, one at a time by a witness of a stream that comes from somebody else's CDN.
 *
 * In a playlist a tag stands on the line directly before the line that holds the URI (`#EXT-X-PART`, `#EXT-X-MAP`, or the
 * URI of a segment itself), and the signature of all tags is the last line:
 *
 *     #EXTINF:2.000,
 *     #EXT-X-SHOAL-SEAL:61312,<root, base64url>
 *     s12.m4s
 *     #EXT-X-SHOAL-SIGNATURE:/live/demo,<signature, base64url>
 *
 * Players that do not know the tags pass over them.
 */
import { type Fault, fault } from '../errors.ts';
import { ascii, fromBase64Url, toBase64Url, Writer } from './bytes.ts';
import { asRecord, asText, asWhole } from './json.ts';
import {
  HLS_NAME_MAX,
  HLS_PIECE_BYTES,
  HLS_SEALS_MAX,
  HLS_SEGMENT_BYTES_MAX,
  ID_BYTES,
  SIGNATURE_BYTES,
  STREAM_PATH_MAX,
} from './limits.ts';

/** What a seal says of a segment. */
export interface SegmentSeal {
  /** In a playlist the URI as it is written there (with `#first-last` where it is a byte range), at a witness `segmentName`. */
  readonly name: string;
  /** Bytes of the segment. */
  readonly length: number;
  /** Digest of its sheet. */
  readonly root: Uint8Array;
}

/** Seals and the one signature over them. */
export interface SignedSeals {
  /** The stream's path at an origin; `` at a witness, whose names are whole addresses. */
  readonly place: string;
  readonly seals: readonly SegmentSeal[];
  readonly signature: Uint8Array;
}

/** The digests of a segment's pieces, one after the other, and the digest of them all. */
export interface Sheet {
  readonly digests: Uint8Array<ArrayBuffer>;
  readonly root: Uint8Array<ArrayBuffer>;
}

type Digest = (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

const CONTEXT = ascii('shoal hls v1');
const SEAL_TAG = '#EXT-X-SHOAL-SEAL:';
const SIGNATURE_TAG = '#EXT-X-SHOAL-SIGNATURE:';
const text = new TextEncoder();

/** Pieces of a segment. */
export const segmentPieces = (length: number): number => Math.max(1, Math.ceil(length / HLS_PIECE_BYTES));

/** The sheet of a whole segment; `blake3` is the byte core's. */
export const sheetOf = (blake3: Digest, segment: Uint8Array): Sheet => {
  const count = segmentPieces(segment.length);
  const digests = new Uint8Array(count * ID_BYTES);
  for (let piece = 0; piece < count; piece++) {
    const at = piece * HLS_PIECE_BYTES;
    digests.set(blake3(segment.subarray(at, at + HLS_PIECE_BYTES)), piece * ID_BYTES);
  }
  return { digests, root: blake3(digests) };
};

/** The bytes that are signed. */
export const sealedText = (place: string, seals: readonly SegmentSeal[]): Uint8Array<ArrayBuffer> => {
  const writer = new Writer(64 * (seals.length + 1)).bytes(CONTEXT);
  writeText(writer, place);
  for (const { name, length, root } of seals) writeText(writer, name).u32(length).bytes(root);
  return writer.finish();
};

const writeText = (writer: Writer, value: string): Writer => {
  const bytes = text.encode(value);
  return writer.u16(bytes.length).bytes(bytes);
};

/** The line before the line that names a segment. */
export const sealTag = ({ length, root }: Pick<SegmentSeal, 'length' | 'root'>): string =>
  `${SEAL_TAG}${length},${toBase64Url(root)}`;

/** The last line of a playlist with seals. */
export const signatureTag = ({ place, signature }: Pick<SignedSeals, 'place' | 'signature'>): string =>
  `${SIGNATURE_TAG}${place},${toBase64Url(signature)}`;

/** The seals of a playlist, in its order; undefined for a playlist that has none. */
export const readPlaylistSeals = (playlist: string): SignedSeals | Fault | undefined => {
  if (!playlist.includes(SIGNATURE_TAG)) return undefined;
  const seals: SegmentSeal[] = [];
  const lines = playlist.split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    if (line.startsWith(SIGNATURE_TAG)) return signed(line.slice(SIGNATURE_TAG.length), seals);
    if (!line.startsWith(SEAL_TAG)) continue;
    const seal = readSeal(line.slice(SEAL_TAG.length), namedIn(lines[at + 1] ?? ''));
    if (seal === undefined || seals.length >= HLS_SEALS_MAX) return fault('hls/bad-seal', 'playlist');
    seals.push(seal);
  }
  return undefined;
};

const signed = (value: string, seals: readonly SegmentSeal[]): SignedSeals | Fault => {
  const comma = value.lastIndexOf(',');
  const place = value.slice(0, Math.max(0, comma));
  const signature = fromBase64Url(value.slice(comma + 1).trim());
  if (comma < 0 || place.length > STREAM_PATH_MAX || signature?.length !== SIGNATURE_BYTES) {
    return fault('hls/bad-seal', 'signature');
  }
  return { place, seals, signature };
};

/** What a line of a playlist names: the URI of a segment, or that of a tag with its byte range. */
const namedIn = (line: string): string | undefined => {
  if (!line.startsWith('#')) return line.trim() === '' ? undefined : line.trim();
  const uri = /[:,]URI="([^"]+)"/.exec(line)?.[1];
  const range = /BYTERANGE="(\d+)@(\d+)"/.exec(line);
  if (uri === undefined || range === null) return uri;
  const first = Number(range[2]);
  return `${uri}#${first}-${first + Number(range[1]) - 1}`;
};

const readSeal = (value: string, name: string | undefined): SegmentSeal | undefined => {
  const [length = '', root = ''] = value.trim().split(',');
  return asSeal({ name, length: /^\d{1,9}$/.test(length) ? Number(length) : -1, root: fromBase64Url(root) });
};

/** A seal, if its fields are within their limits. */
export const asSeal = (seal: {
  readonly name: string | undefined;
  readonly length: number;
  readonly root: Uint8Array | undefined;
}): SegmentSeal | undefined => {
  const { name, length, root } = seal;
  if (name === undefined || name === '' || name.length > HLS_NAME_MAX) return undefined;
  if (root?.length !== ID_BYTES || length < 1 || length > HLS_SEGMENT_BYTES_MAX) return undefined;
  return { name, length, root };
};

/** Rooms in which viewers of HLS meet: those of a server's own streams, and of what it vouches for as a witness. */
const OWN_ROOM = '/hls/own';
const WITNESS_ROOM = '/hls/cdn/';

/** Whose playlist it is: the Shoal server's own, or somebody else's. */
export type HlsPlace = 'own' | 'cdn';

/** What viewers call a segment: its address without query; without host too where it is the server's own. */
export const segmentName = (
  place: HlsPlace,
  address: string,
  range?: { readonly first: number; readonly last: number },
): string => {
  const plain = address.split(/[?#]/, 1)[0] ?? '';
  const name = place === 'cdn' ? plain : plain.replace(/^[a-z]+:\/\/[^/]+/i, '');
  return range === undefined ? name : `${name}#${range.first}-${range.last}`;
};

/** The tracker's room for the viewers of a playlist. */
export const hlsRoom = (place: HlsPlace, address: string): string => {
  const plain = segmentName('cdn', address);
  return place === 'own' ? OWN_ROOM + segmentName('own', address) : WITNESS_ROOM + plain.replace(/^[a-z]+:\/\//i, '');
};

/** What a room is for: a path of the server's own, or host and path of a playlist elsewhere; undefined for other rooms. */
export const readHlsRoom = (
  room: string,
): { readonly place: HlsPlace /** Begins with `/`, or with the host. */; readonly where: string } | undefined => {
  if (room.startsWith(`${OWN_ROOM}/`)) return { place: 'own', where: room.slice(OWN_ROOM.length) };
  if (room.startsWith(WITNESS_ROOM)) return { place: 'cdn', where: room.slice(WITNESS_ROOM.length) };
  return undefined;
};

/** What a witness answers to `GET ?segment=<name>`, as JSON. */
export interface WitnessAnswer {
  readonly name: string;
  readonly length: number;
  /** base64url. */
  readonly root: string;
  readonly signature: string;
}

/** Checks a witness's answer. */
export const readWitnessAnswer = (value: unknown): SignedSeals | Fault => {
  const fields = asRecord(value);
  const length = asWhole(fields?.length, 1, HLS_SEGMENT_BYTES_MAX) ?? -1;
  const root = fromBase64Url(asText(fields?.root, 64) ?? '');
  const signature = fromBase64Url(asText(fields?.signature, 128) ?? '');
  const seal = asSeal({ name: asText(fields?.name, HLS_NAME_MAX), length, root });
  if (seal === undefined || signature?.length !== SIGNATURE_BYTES) return fault('hls/bad-seal', 'witness');
  return { place: '', seals: [seal], signature };
};
