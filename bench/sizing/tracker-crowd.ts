/**
 * Viewers of a tracker that do nothing but what every viewer does there: they join, report, and where accounts are kept
 * hand in receipts and answer challenges.
 */
import { randomBytes } from 'node:crypto';
import { KeyedViewer } from '../../server/src/accounts/testing/keyed-viewer.ts';
import { TrackerClient } from '../../server/src/testing/tracker-client.ts';
import { fromBase64Url, toBase64Url } from '../../src/wire/bytes.ts';
import { PROTOCOL_VERSION } from '../../src/wire/version.ts';
import type { ByteCore } from '../../wasm/abi.ts';

/** Reports come every five seconds; every third brings receipts of so many neighbours. */
const REPORT_MS = 5000;
const HAND_IN_EVERY = 3;
const NEIGHBOURS = 6;

/** A crowd at a tracker. */
export interface Crowd {
  /** Messages said and heard so far. */
  readonly said: number;
  readonly heard: number;
  close(): void;
}

interface Member {
  readonly client: TrackerClient;
  readonly self: KeyedViewer;
  stream: string;
  wants: boolean;
  total: number;
}

/** Joins so many, evenly over a reporting interval. */
export const gatherCrowd = async (core: ByteCore, url: string, path: string, count: number): Promise<Crowd> => {
  const members: Member[] = [];
  const state = { said: 0, heard: 0, rounds: 0 };
  for (let n = 0; n < count; n++) members.push(await join(core, url, path, state));
  const timers = members.map((member, at) =>
    setInterval(() => report(member, members, at, state), REPORT_MS + (at % 100)),
  );
  return {
    get said() {
      return state.said;
    },
    get heard() {
      return state.heard;
    },
    close: () => {
      for (const timer of timers) clearInterval(timer);
      for (const { client } of members) client.socket.terminate();
    },
  };
};

interface Counts {
  said: number;
  heard: number;
}

const join = async (core: ByteCore, url: string, path: string, counts: Counts): Promise<Member> => {
  const self = new KeyedViewer(core, new Uint8Array(randomBytes(32)));
  const client = new TrackerClient(url);
  const member: Member = { client, self, stream: '', wants: false, total: 0 };
  client.socket.on('message', () => {
    counts.heard += 1;
    const last = client.inbox.all.at(-1);
    // What was answered need not be kept.
    if (member.stream !== '') client.inbox.all.length = 0;
    if (last?.kind !== 'prove') return;
    counts.said += 1;
    client.say(self.show(last, () => undefined));
  });
  await client.opened;
  const viewerKey = toBase64Url(self.key);
  client.say({
    kind: 'join',
    version: PROTOCOL_VERSION,
    path,
    credentials: '',
    viewerKey,
    uploads: true,
    receipts: true,
  });
  const { token, stream, receipts } = await client.answer('joined');
  self.token = fromBase64Url(token) ?? self.token;
  return Object.assign(member, { stream, wants: receipts === true });
};

const report = (member: Member, all: readonly Member[], at: number, counts: Counts): void => {
  member.total += 1;
  const bytes = member.total * 500_000;
  counts.said += 1;
  member.client.say({
    kind: 'report',
    report: {
      originBytes: bytes,
      neighbourBytes: bytes,
      uploadedBytes: bytes,
      playedBytes: bytes,
      stalls: 0,
      neighbours: 8,
      slots: 4,
    },
  });
  if (!member.wants || (member.total + at) % HAND_IN_EVERY !== 0) return;
  const others = Array.from({ length: NEIGHBOURS }, (_, n) => all[(at + n + 1) % all.length]).filter(
    (other) => other !== undefined,
  );
  counts.said += 1;
  member.client.say(
    member.self.handIn(
      member.stream,
      others.map(({ self }) => ({ other: self, received: bytes, sent: bytes })),
    ),
  );
};
