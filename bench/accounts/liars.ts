/**
 * Viewers that lie about what they had from each other, each in its own way, over real sockets. What an app is credited
 * with for them is what was made up.
 */
import { randomBytes } from 'node:crypto';
import { KeyedViewer, type LinkClaim } from '../../server/src/accounts/testing/keyed-viewer.ts';
import { PieceClient } from '../../server/src/testing/piece-client.ts';
import { TrackerClient } from '../../server/src/testing/tracker-client.ts';
import { fromBase64Url, toBase64Url } from '../../src/wire/bytes.ts';
import { PROTOCOL_VERSION } from '../../src/wire/version.ts';
import type { ByteCore } from '../../wasm/abi.ts';

/** Where liars go, and what lets them in. */
export interface LyingStage {
  readonly core: ByteCore;
  readonly url: string;
  readonly path: string;
  /** A stream beside it. */
  readonly otherPath: string;
  /** A query for one viewer more. */
  token(): string;
}

interface Joined {
  readonly self: KeyedViewer;
  readonly stream: string;
  readonly client: TrackerClient;
  readonly credentials: string;
  close(): void;
}

/** One more lie every so often, and at last the end. */
export interface Liars {
  readonly count: number;
  lie(): void;
  close(): void;
}

const GREED = 250_000_000;

const join = async (stage: LyingStage, path: string, credentials = stage.token()): Promise<Joined> => {
  const self = new KeyedViewer(stage.core, new Uint8Array(randomBytes(32)));
  const client = new TrackerClient(stage.url);
  await client.opened;
  const viewerKey = toBase64Url(self.key);
  client.say({ kind: 'join', version: PROTOCOL_VERSION, path, credentials, viewerKey, uploads: true, receipts: true });
  const { token, stream } = await client.answer('joined');
  self.token = fromBase64Url(token) ?? self.token;
  return { self, stream, client, credentials, close: () => client.socket.terminate() };
};

/** Answers challenges with what it has of the stream, or with nonsense. */
const answering = (joined: Joined, read: (sequence: number) => Uint8Array | undefined): void => {
  joined.client.socket.on('message', () => {
    const ask = joined.client.inbox.all.findLast((answer) => answer.kind === 'prove');
    if (ask?.kind === 'prove') joined.client.say(joined.self.show(ask, read));
  });
};

/** Everything of the stream, from the origin. */
const fetching = (stage: LyingStage, { credentials, self }: Joined) => {
  const socket = new PieceClient(`${stage.url}${stage.path}.pieces?${credentials}`);
  void socket.opened.then(() => socket.ask({ kind: 'token', token: self.token }));
  const read = (sequence: number): Uint8Array | undefined =>
    socket.pieces().findLast(({ header }) => header.sequence === sequence)?.bytes;
  return { read, close: () => socket.socket.terminate() };
};

const hands = (joined: Joined, claims: readonly LinkClaim[], sequence?: number): void =>
  joined.client.say(joined.self.handIn(joined.stream, claims, sequence));

/** Alone: neighbours that do not exist, and ones that did not sign. */
const alone = async (stage: LyingStage): Promise<Liars> => {
  const [liar, victim] = [await join(stage, stage.path), await join(stage, stage.path)];
  const ghost = new KeyedViewer(stage.core, new Uint8Array(randomBytes(32)));
  let told = 0;
  return {
    count: 2,
    lie: () => {
      told += GREED;
      hands(liar, [
        { other: ghost, received: told, sent: told },
        { other: victim.self, received: told, sent: told, signedBy: liar.self },
        { other: liar.self, received: told, sent: told },
      ]);
    },
    close: () => [liar, victim].map((each) => each.close()),
  };
};

/** In a pair that signs for each other; with everything from the origin, or with nothing. */
const pair = async (stage: LyingStage, has: 'nothing' | 'everything'): Promise<Liars> => {
  const both = [await join(stage, stage.path), await join(stage, stage.path)] as const;
  const sources = has === 'nothing' ? [] : both.map((each) => fetching(stage, each));
  both.forEach((each, at) => {
    answering(each, sources[at]?.read ?? (() => undefined));
  });
  let told = 0;
  return {
    count: 2,
    lie: () => {
      told += GREED;
      const [a, b] = both;
      hands(a, [{ other: b.self, received: told, sent: told }]);
      hands(b, [{ other: a.self, received: told, sent: told }]);
    },
    close: () => [...both, ...sources].map((each) => each.close()),
  };
};

/** The same hand-in again and again, and that of somebody else. */
const replay = async (stage: LyingStage): Promise<Liars> => {
  const [a, b, thief] = [await join(stage, stage.path), await join(stage, stage.path), await join(stage, stage.path)];
  const source = fetching(stage, a);
  answering(a, source.read);
  const claims = [{ other: b.self, received: GREED, sent: GREED }];
  return {
    count: 3,
    lie: () => {
      hands(a, claims, 1);
      thief.client.say(a.self.handIn(a.stream, claims, 2));
    },
    close: () => [a, b, thief, source].map((each) => each.close()),
  };
};

/** Receipts of another stream. */
const foreign = async (stage: LyingStage): Promise<Liars> => {
  const [here, there] = [await join(stage, stage.path), await join(stage, stage.otherPath)];
  const source = fetching(stage, here);
  answering(here, source.read);
  let told = 0;
  return {
    count: 2,
    lie: () => {
      told += GREED;
      hands(here, [{ other: there.self, received: told, sent: told }]);
      here.client.say(here.self.handIn(there.stream, [{ other: there.self, received: told, sent: told }]));
    },
    close: () => [here, there, source].map((each) => each.close()),
  };
};

/** Many connections with one token that sign for each other. */
const sybils = async (stage: LyingStage, count: number): Promise<Liars> => {
  const token = stage.token();
  const all: Joined[] = [];
  for (let n = 0; n < count; n++) all.push(await join(stage, stage.path, token));
  for (const each of all) answering(each, () => undefined);
  let told = 0;
  return {
    count,
    lie: () => {
      told += GREED;
      for (const each of all) {
        hands(
          each,
          all.filter((other) => other !== each).map(({ self }) => ({ other: self, received: told, sent: told })),
        );
      }
    },
    close: () => all.map((each) => each.close()),
  };
};

/** One of each kind. */
export const gatherLiars = async (stage: LyingStage): Promise<Liars> => {
  const all = [
    await alone(stage),
    await pair(stage, 'nothing'),
    await pair(stage, 'everything'),
    await replay(stage),
    await foreign(stage),
    await sybils(stage, 6),
  ];
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    lie: () => {
      for (const each of all) each.lie();
    },
    close: () => {
      for (const each of all) each.close();
    },
  };
};
