/**
 * What the tracker engine hears and says. Plain data. A connection is a number the carrier chooses and never reuses;
 * admission and signatures are the carrier's work, asked for by `admit` and `grant`.
 */
import type { ErrorCode } from '../../errors.ts';
import type { NatKind } from '../../wire/nat.ts';
import type { TrackerAnswer, TrackerRequest, ViewerName, ViewerReport } from '../../wire/tracker.ts';
import type { ClusterInput, ClusterOutput } from './guests.ts';

/** A connection's number. */
export type Connection = number;

/** One fact. */
export type TrackerInput =
  | ClusterInput
  /** `viewer` is a fresh random name, used if the connection joins. */
  | { readonly kind: 'opened'; readonly connection: Connection; readonly address: string; readonly viewer: ViewerName }
  /** A request that decoded well. */
  | { readonly kind: 'said'; readonly connection: Connection; readonly request: TrackerRequest }
  /** Something that is no request. */
  | { readonly kind: 'nonsense'; readonly connection: Connection }
  /** The answer to `admit`. */
  | { readonly kind: 'admitted'; readonly connection: Connection; readonly admitted: boolean }
  | { readonly kind: 'closed'; readonly connection: Connection }
  | { readonly kind: 'wake' };

/** What a tracker says in its own words; `joined` and `renewed` are said by the carrier, which has the keys. */
export type PlainAnswer = Exclude<TrackerAnswer, { readonly kind: 'joined' | 'renewed' }>;

/** What a viewer says for the accounts; the tracker itself learns nothing from it. */
export type Accounting = Extract<TrackerRequest, { readonly kind: 'receipts' | 'proofs' }>;

/** Why the tracker closes a connection. */
export type Dismissal = Extract<ErrorCode, 'tracker/bad-message' | 'tracker/refused' | 'tracker/rate-limited'>;

/** One thing to do. */
export type TrackerOutput =
  | ClusterOutput
  | { readonly kind: 'say'; readonly connection: Connection; readonly answer: PlainAnswer }
  /** May this viewer take part in this stream? */
  | { readonly kind: 'admit'; readonly connection: Connection; readonly path: string; readonly credentials: string }
  /** Sign a token and say `joined`, with these neighbours. */
  | ({ readonly kind: 'joined'; readonly neighbours: readonly ViewerName[] } & Grant)
  /** Sign a token and say `renewed`. */
  | ({ readonly kind: 'renewed' } & Grant)
  /** For the accounts, said by a viewer that has joined. */
  | { readonly kind: 'account'; readonly connection: Connection; readonly request: Accounting }
  /** What was said last is the last; then close. */
  | {
      readonly kind: 'close';
      readonly connection: Connection;
      readonly code: Dismissal;
      readonly retryAfterMs: number;
    };

/** Who a token is for. */
export interface Grant {
  readonly connection: Connection;
  readonly path: string;
  readonly viewer: ViewerName;
  /** Base64url, as the viewer said it. */
  readonly viewerKey: string;
}

/** What is bounded. */
export interface TrackerLimits {
  readonly connectionsPerAddress: number;
  readonly viewersPerStream: number;
  readonly connections: number;
}

/** One stream's viewers, for metrics. */
export interface RoomCount {
  readonly path: string;
  readonly viewers: number;
  /** Sums over the newest reports. */
  /** Viewers by the kind of their NAT; kinds that nobody has are left out. */
  readonly nats: Readonly<Partial<Record<NatKind, number>>>;
  readonly reported: Pick<ViewerReport, 'originBytes' | 'neighbourBytes' | 'uploadedBytes' | 'stalls'>;
}
