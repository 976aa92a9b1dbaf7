// The ways of a stream into the server and out of it, put together: publishers, streams, what is made of them, RTMP.

import type { ByteCore } from '../../wasm/abi.ts';
import type { Clock } from './clock.ts';
import { Ffmpeg } from './ffmpeg.ts';
import { PublishDesk } from './ingest/publish-desk.ts';
import { makePublishPermission } from './ingest/publish-permission.ts';
import { RtmpDoor } from './ingest/rtmp-door.ts';
import type { Log } from './log.ts';
import type { ServerConfig } from './options.ts';
import type { Admit } from './origin/admission.ts';
import type { Doorway } from './origin/doorway.ts';
import { deriveSeed, type OriginKeys } from './origin/stream-keys.ts';
import { type Elsewhere, Streams } from './origin/streams.ts';
import { DerivedSources } from './outputs/derived-sources.ts';
import { HlsService } from './outputs/hls/hls-service.ts';
import { OutputStreams } from './outputs/output-streams.ts';
import { RtmpPlays } from './outputs/rtmp-plays.ts';
import type { SourceTable } from './sources/source-table.ts';

/** What the ways in are made of. */
export interface WaysParts {
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly core: ByteCore;
  readonly keys: OriginKeys;
  readonly sources: SourceTable;
  readonly admit: Admit;
  readonly random: () => number;
  /** What a room says of a publisher; undefined where it has no say. */
  readonly granted: (path: string, credentials: string) => boolean | undefined;
  /** Streams that other servers cut. */
  readonly elsewhere?: Elsewhere;
}

/** Where streams come from. */
export interface WaysIn {
  readonly desk: PublishDesk;
  readonly streams: Streams;
  readonly outputs: OutputStreams;
  readonly ffmpeg: Ffmpeg;
  /** What keys that expire are made from. */
  readonly publishSecret: string;
}

const BYTES_PER_MEGABIT = 125_000;
/** Time to become a publisher or a player of RTMP. */
const RTMP_ASK_MS = 10_000;

/** Puts the ways in together. */
export const assembleWaysIn = (parts: WaysParts): WaysIn => {
  const { config, clock, log, core, keys, sources, admit, granted, random } = parts;
  const elsewhere = parts.elsewhere === undefined ? {} : { elsewhere: parts.elsewhere };
  const publishSecret =
    config.publishSecret ?? Buffer.from(deriveSeed(core, keys.seed, 'publish')).toString('base64url');
  const permitted = makePublishPermission(config, publishSecret, clock, admit);
  const ffmpeg = new Ffmpeg(config.ffmpeg);
  const desk = new PublishDesk({
    clock,
    log,
    mayPublish: async (request) => {
      const isGranted = granted(request.path, request.credentials);
      // Where everybody may publish, nobody may yet do so in the name of somebody in a room.
      if (isGranted === true || (isGranted === false && config.publish === 'open')) return isGranted;
      return permitted(request);
    },
    room: (path) => streams.hasRoom(path),
    hasOwnSource: (path) => sources.named.has(path),
    second: config.secondPublisher,
    byteRateMax: config.publishMbps * BYTES_PER_MEGABIT,
    silenceMs: config.publishSilence * 1000,
  });
  const derived = new DerivedSources({ config, clock, ffmpeg, streams: () => streams, outputs: () => outputs });
  const madeSource = (path: string) => desk.sourceOf(path) ?? derived.sourceOf(path);
  const streams = new Streams({ core, clock, log, config, sources, madeSource, keys, random, ...elsewhere });
  const outputs = new OutputStreams(streams, clock, () => ffmpeg.available());
  // The first to be told, so that a stream runs before anybody else hears of its publisher.
  desk.watch({
    began: ({ path }) => streams.publishBegan(path),
    ended: ({ publisher }) => streams.publishEnded(publisher.path),
  });
  return { desk, streams, outputs, ffmpeg, publishSecret };
};

/** Where streams go besides the origin's own forms. */
export interface WaysOut {
  /** Undefined where RTMP is off. */
  readonly rtmp: RtmpDoor | undefined;
  readonly hls: HlsService;
}

/** Puts the ways out together, and the door that RTMP has for both. */
export const assembleWaysOut = (
  { desk, outputs }: WaysIn,
  door: Doorway,
  { config, clock, log, keys }: Pick<WaysParts, 'config' | 'clock' | 'log' | 'keys'>,
): WaysOut => {
  const hls = new HlsService({ door, streams: outputs, signingSeed: keys.seed });
  if (config.rtmpPort === 'off') return { rtmp: undefined, hls };
  const rtmp = new RtmpDoor(
    {
      clock,
      log,
      desk,
      plays: new RtmpPlays(door, outputs),
      egress: door.parts.egress,
      byteRateMax: config.publishMbps * BYTES_PER_MEGABIT,
      askMs: RTMP_ASK_MS,
    },
    config.maxViewers,
  );
  return { rtmp, hls };
};
