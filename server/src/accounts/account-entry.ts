// What is counted: one entry for each app, stream and hour. Everything is a sum, so that processes can add to one entry
// without asking each other.

/** What an entry is about. */
export interface AccountKey {
  readonly app: string;
  /** Path of the stream. */
  readonly stream: string;
  /** Unix time at which the hour begins, ms. */
  readonly hour: number;
}

/** The sums. */
export const AMOUNTS = ['originBytes', 'neighbourBytes', 'claimedBytes', 'wantedBytes', 'viewers', 'viewerMs'] as const;
export type Amount = (typeof AMOUNTS)[number];

/** Most viewers at once within one minute of the hour, as the sum over processes: `minute0` to `minute59`. */
export type MinuteName = `minute${number}`;

/** Sums of one entry, or what is added to them. What is absent counts as 0. */
export type Amounts = Readonly<Partial<Record<Amount | MinuteName, number>>>;

/** One entry. */
export interface AccountEntry {
  readonly key: AccountKey;
  readonly amounts: Amounts;
}

/** One entry as it is shown. */
export interface AccountRow {
  readonly app: string;
  readonly stream: string;
  /** ISO 8601, UTC. */
  readonly hour: string;
  /** Bytes the server's sockets sent to viewers. */
  readonly originBytes: number;
  /** Bytes viewers had from each other, signed by both ends and shown to be held. */
  readonly neighbourBytes: number;
  /** Bytes both ends signed for, before the checks. */
  readonly claimedBytes: number;
  /** Bytes of the plain stream that all viewers together watched. */
  readonly wantedBytes: number;
  /** Viewers that were there at some time of the hour. */
  readonly viewers: number;
  readonly viewerSeconds: number;
  /** Most viewers at once. */
  readonly peak: number;
  /** The part of the wanted bytes that the server did not send. */
  readonly offload: number;
}

/** Length of an hour, ms. */
export const HOUR_MS = 3_600_000;

/** The hour a time lies in. */
export const hourOf = (wallMs: number): number => Math.floor(wallMs / HOUR_MS) * HOUR_MS;

/** The minute of its hour a time lies in. */
export const minuteOf = (wallMs: number): MinuteName => `minute${Math.floor((wallMs % HOUR_MS) / 60_000)}`;

/** Whether a text names a sum. */
export const isAmount = (name: string): name is Amount | MinuteName =>
  (AMOUNTS as readonly string[]).includes(name) || /^minute([0-9]|[1-5][0-9])$/.test(name);

/** A key as a text, for maps. */
export const textOfKey = ({ app, stream, hour }: AccountKey): string => `${hour} ${app} ${stream}`;

/** Both together. */
export const sumOf = (one: Amounts, other: Amounts): Amounts => {
  const sum: Partial<Record<Amount | MinuteName, number>> = { ...one };
  for (const [name, amount] of Object.entries(other)) {
    if (isAmount(name)) sum[name] = (sum[name] ?? 0) + (amount ?? 0);
  }
  return sum;
};

/** An entry as it is shown. */
export const rowOf = ({ key, amounts }: AccountEntry): AccountRow => {
  const { originBytes = 0, neighbourBytes = 0, claimedBytes = 0, wantedBytes = 0, viewers = 0, viewerMs = 0 } = amounts;
  const minutes = Object.entries(amounts).filter(([name]) => name.startsWith('minute'));
  return {
    app: key.app,
    stream: key.stream,
    hour: new Date(key.hour).toISOString(),
    originBytes,
    neighbourBytes,
    claimedBytes,
    wantedBytes,
    viewers,
    viewerSeconds: Math.round(viewerMs / 1000),
    peak: Math.max(0, ...minutes.map(([, count]) => count ?? 0)),
    offload: wantedBytes === 0 ? 0 : Math.max(0, Number((1 - originBytes / wantedBytes).toFixed(4))),
  };
};
