/**
 * Viewer and tracker: JSON texts over one WebSocket. Signalling payloads are opaque to the tracker; it checks who says
 * what to whom, sizes and rates, and never looks inside.
 */
import { type ErrorCode, errorCodes, type Fault, fault } from '../errors.ts';
import { fromBase64Url, fromHex } from './bytes.ts';
import { asList, asRecord, asText, asWhole, parseJson } from './json.ts';
import {
  DIALS_PER_REPORT_MAX,
  EPOCH_BYTES,
  ID_BYTES,
  NEIGHBOURS_PER_ANSWER_MAX,
  PROOFS_MAX,
  SIGNAL_BYTES_MAX,
  SIGNATURE_BYTES,
  STREAM_PATH_MAX,
  TOKEN_BYTES,
  TRACKER_MESSAGE_BYTES_MAX,
  VIEWER_ID_BYTES,
} from './limits.ts';
import { asNatKind, type NatKind } from './nat.ts';
import { NONCE_BYTES, PROOF_BYTES, RECEIPTS_BYTES_MAX } from './receipts.ts';

/** A viewer's id as text: 16 lower-case hexadecimal digits, so that a viewer has one name. */
export type ViewerName = string;

/** What a viewer counts and reports every few seconds; all are totals since it joined. */
export interface ViewerReport {
  readonly originBytes: number;
  readonly neighbourBytes: number;
  readonly uploadedBytes: number;
  readonly playedBytes: number;
  readonly stalls: number;
  /** Neighbours now, and children that would be accepted now. */
  readonly neighbours: number;
  readonly slots: number;
}

/** What a viewer says. */
export type TrackerRequest =
  | {
      readonly kind: 'join';
      readonly version: number;
      /** The stream's path on the origin, such as `/live/demo`. */
      readonly path: string;
      /** What the viewer is admitted by: the query of its stream URL, or ''. */
      readonly credentials: string;
      /** Public half of the key that signs its hellos, base64url. */
      readonly viewerKey: string;
      /** False when its policy forbids uploading. */
      readonly uploads: boolean;
      /** Absent: not known (yet). */
      readonly nat?: NatKind;
      /** True when it signs receipts and can show what it holds. */
      readonly receipts?: true;
    }
  | { readonly kind: 'renew' }
  /** More neighbours, please. */
  | { readonly kind: 'more'; readonly count: number }
  | { readonly kind: 'signal'; readonly to: ViewerName; readonly dial: number; readonly data: string }
  | {
      readonly kind: 'report';
      readonly report: ViewerReport;
      /** Absent: as it was. */
      readonly nat?: NatKind;
      /** Viewers dialled since the last report: a link came to be, or could not be made. */
      readonly reached?: readonly ViewerName[];
      readonly missed?: readonly ViewerName[];
    }
  /** What the links brought (receipts.ts), base64url, and the viewer key's signature. */
  | { readonly kind: 'receipts'; readonly body: string; readonly signature: string }
  /** Answers `prove`: a proof for each piece, base64url, or '' for one that is not held. */
  | { readonly kind: 'proofs'; readonly nonce: string; readonly proofs: readonly string[] }
  | { readonly kind: 'leave' };

/** A token key viewers accept, base64url. */
export interface TokenKey {
  readonly id: number;
  readonly key: string;
}

/** What a tracker says. */
export type TrackerAnswer =
  | {
      readonly kind: 'joined';
      readonly viewer: ViewerName;
      /** Stream id, hexadecimal. */
      readonly stream: string;
      readonly token: string;
      readonly expiresInMs: number;
      readonly tokenKeys: readonly TokenKey[];
      readonly neighbours: readonly ViewerName[];
      /** True where receipts are wanted. */
      readonly receipts?: true;
    }
  | {
      readonly kind: 'renewed';
      readonly token: string;
      readonly expiresInMs: number;
      readonly tokenKeys: readonly TokenKey[];
    }
  | { readonly kind: 'neighbours'; readonly neighbours: readonly ViewerName[] }
  /** Show that these pieces are held. */
  | {
      readonly kind: 'prove';
      readonly nonce: string;
      /** Hexadecimal. */
      readonly epoch: string;
      readonly sequences: readonly number[];
    }
  | { readonly kind: 'signal'; readonly from: ViewerName; readonly dial: number; readonly data: string }
  /** A signal could not be delivered. */
  | { readonly kind: 'gone'; readonly viewer: ViewerName }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly retryAfterMs: number };

const COUNT_MAX = Number.MAX_SAFE_INTEGER;

/** Writes either side's message. */
export const encodeTrackerMessage = (message: TrackerRequest | TrackerAnswer): string => JSON.stringify(message);

const viewerName = (value: unknown): ViewerName | undefined => {
  const text = asText(value, VIEWER_ID_BYTES * 2);
  return text?.length === VIEWER_ID_BYTES * 2 && /^[0-9a-f]*$/.test(text) ? text : undefined;
};

const base64Of = (value: unknown, bytes: number): string | undefined => {
  const text = asText(value, Math.ceil((bytes * 4) / 3));
  return text !== undefined && fromBase64Url(text)?.length === bytes ? text : undefined;
};

const bad = (field: string): Fault => fault('tracker/bad-message', field);

/** Reads what a viewer says. */
export const decodeTrackerRequest = (text: string): TrackerRequest | Fault => {
  if (text.length > TRACKER_MESSAGE_BYTES_MAX) return bad('size');
  const fields = asRecord(parseJson(text));
  switch (fields?.kind) {
    case 'join':
      return readJoin(fields);
    case 'renew':
      return { kind: 'renew' };
    case 'leave':
      return { kind: 'leave' };
    case 'more': {
      const count = asWhole(fields.count, 1, NEIGHBOURS_PER_ANSWER_MAX);
      return count === undefined ? bad('count') : { kind: 'more', count };
    }
    case 'signal': {
      const to = viewerName(fields.to);
      const dial = asWhole(fields.dial, 0, 0xffff_ffff);
      const data = asText(fields.data, SIGNAL_BYTES_MAX);
      if (to === undefined || dial === undefined || data === undefined) return bad('signal');
      return { kind: 'signal', to, dial, data };
    }
    case 'report':
      return readReportRequest(fields);
    case 'receipts': {
      const body = asText(fields.body, Math.ceil((RECEIPTS_BYTES_MAX * 4) / 3));
      const signature = base64Of(fields.signature, SIGNATURE_BYTES);
      if (body === undefined || fromBase64Url(body) === undefined || signature === undefined) return bad('receipts');
      return { kind: 'receipts', body, signature };
    }
    case 'proofs': {
      const nonce = base64Of(fields.nonce, NONCE_BYTES);
      const proofs = asList(fields.proofs, PROOFS_MAX, (proof) => (proof === '' ? '' : base64Of(proof, PROOF_BYTES)));
      return nonce === undefined || proofs === undefined ? bad('proofs') : { kind: 'proofs', nonce, proofs };
    }
    default:
      return bad('kind');
  }
};

const readJoin = (fields: Readonly<Record<string, unknown>>): TrackerRequest | Fault => {
  const version = asWhole(fields.version, 0, 0xff);
  const path = asText(fields.path, STREAM_PATH_MAX);
  const credentials = asText(fields.credentials, 2000);
  const viewerKey = base64Of(fields.viewerKey, ID_BYTES);
  const uploads = fields.uploads;
  if (version === undefined) return bad('version');
  if (path === undefined || !path.startsWith('/')) return bad('path');
  if (credentials === undefined) return bad('credentials');
  if (viewerKey === undefined) return bad('viewerKey');
  if (typeof uploads !== 'boolean') return bad('uploads');
  const nat = asNatKind(fields.nat);
  if (fields.nat !== undefined && nat === undefined) return bad('nat');
  const receipts = readReceipts(fields);
  if (receipts === undefined) return bad('receipts');
  const known = nat === undefined ? {} : { nat };
  return { kind: 'join', version, path, credentials, viewerKey, uploads, ...known, ...receipts };
};

/** A member that is true or absent; undefined when it is anything else. */
const readReceipts = (fields: Readonly<Record<string, unknown>>): { readonly receipts?: true } | undefined => {
  if (fields.receipts === undefined) return {};
  return fields.receipts === true ? { receipts: true } : undefined;
};

/** A list that may be absent. */
const viewerNames = (value: unknown): ViewerName[] | undefined =>
  value === undefined ? [] : asList(value, DIALS_PER_REPORT_MAX, viewerName);

const readReportRequest = (fields: Readonly<Record<string, unknown>>): TrackerRequest | Fault => {
  const report = readReport(fields.report);
  const nat = asNatKind(fields.nat);
  const reached = viewerNames(fields.reached);
  const missed = viewerNames(fields.missed);
  if (report === undefined) return bad('report');
  if (fields.nat !== undefined && nat === undefined) return bad('nat');
  if (reached === undefined || missed === undefined) return bad('dials');
  return {
    kind: 'report',
    report,
    ...(nat === undefined ? {} : { nat }),
    ...(fields.reached === undefined ? {} : { reached }),
    ...(fields.missed === undefined ? {} : { missed }),
  };
};

const readReport = (value: unknown): ViewerReport | undefined => {
  const fields = asRecord(value);
  const originBytes = asWhole(fields?.originBytes, 0, COUNT_MAX);
  const neighbourBytes = asWhole(fields?.neighbourBytes, 0, COUNT_MAX);
  const uploadedBytes = asWhole(fields?.uploadedBytes, 0, COUNT_MAX);
  const playedBytes = asWhole(fields?.playedBytes, 0, COUNT_MAX);
  const stalls = asWhole(fields?.stalls, 0, COUNT_MAX);
  const neighbours = asWhole(fields?.neighbours, 0, 1000);
  const slots = asWhole(fields?.slots, 0, 10_000);
  if (originBytes === undefined || neighbourBytes === undefined || uploadedBytes === undefined) return undefined;
  if (playedBytes === undefined || stalls === undefined || neighbours === undefined || slots === undefined)
    return undefined;
  return { originBytes, neighbourBytes, uploadedBytes, playedBytes, stalls, neighbours, slots };
};

/** Reads what a tracker says. */
export const decodeTrackerAnswer = (text: string): TrackerAnswer | Fault => {
  if (text.length > TRACKER_MESSAGE_BYTES_MAX) return bad('size');
  const fields = asRecord(parseJson(text));
  switch (fields?.kind) {
    case 'joined':
      return readJoined(fields);
    case 'renewed': {
      const grant = readGrant(fields);
      return grant === undefined ? bad('renewed') : { kind: 'renewed', ...grant };
    }
    case 'neighbours': {
      const neighbours = asList(fields.neighbours, NEIGHBOURS_PER_ANSWER_MAX, viewerName);
      return neighbours === undefined ? bad('neighbours') : { kind: 'neighbours', neighbours };
    }
    case 'prove': {
      const nonce = base64Of(fields.nonce, NONCE_BYTES);
      const epoch = asText(fields.epoch, EPOCH_BYTES * 2);
      const sequences = asList(fields.sequences, PROOFS_MAX, (each) => asWhole(each, 0, 0xffff_ffff));
      if (nonce === undefined || epoch === undefined || sequences === undefined) return bad('prove');
      return { kind: 'prove', nonce, epoch, sequences };
    }
    case 'signal': {
      const from = viewerName(fields.from);
      const dial = asWhole(fields.dial, 0, 0xffff_ffff);
      const data = asText(fields.data, SIGNAL_BYTES_MAX);
      if (from === undefined || dial === undefined || data === undefined) return bad('signal');
      return { kind: 'signal', from, dial, data };
    }
    case 'gone': {
      const viewer = viewerName(fields.viewer);
      return viewer === undefined ? bad('gone') : { kind: 'gone', viewer };
    }
    case 'refused': {
      const code = errorCodes.find((known) => known === fields.code) ?? 'tracker/refused';
      return { kind: 'refused', code, retryAfterMs: asWhole(fields.retryAfterMs, 0, 3_600_000) ?? 0 };
    }
    default:
      return bad('kind');
  }
};

const readTokenKey = (value: unknown): TokenKey | undefined => {
  const fields = asRecord(value);
  const id = asWhole(fields?.id, 0, 0xffff_ffff);
  const key = base64Of(fields?.key, ID_BYTES);
  return id === undefined || key === undefined ? undefined : { id, key };
};

const readGrant = (fields: Readonly<Record<string, unknown>>) => {
  const token = base64Of(fields.token, TOKEN_BYTES);
  const expiresInMs = asWhole(fields.expiresInMs, 0, 86_400_000);
  const tokenKeys = asList(fields.tokenKeys, 8, readTokenKey);
  if (token === undefined || expiresInMs === undefined || tokenKeys === undefined) return undefined;
  return { token, expiresInMs, tokenKeys };
};

const readJoined = (fields: Readonly<Record<string, unknown>>): TrackerAnswer | Fault => {
  const viewer = viewerName(fields.viewer);
  const stream = asText(fields.stream, ID_BYTES * 2);
  const grant = readGrant(fields);
  const neighbours = asList(fields.neighbours, NEIGHBOURS_PER_ANSWER_MAX, viewerName);
  if (viewer === undefined || grant === undefined || neighbours === undefined) return bad('joined');
  if (stream === undefined || fromHex(stream)?.length !== ID_BYTES) return bad('joined stream');
  const receipts = readReceipts(fields);
  if (receipts === undefined) return bad('joined receipts');
  return { kind: 'joined', viewer, stream, ...grant, neighbours, ...receipts };
};
