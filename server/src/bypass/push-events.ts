// The events of live pushes: one when a push begins to run, one when it is cut, both with one sequence.

import { randomBytes } from 'node:crypto';
import type { CallbackEvent, PushEvent } from '../callbacks/events.ts';
import { EVENT_CUT, EVENT_PUSHED } from '../callbacks/events.ts';
import type { PublishEnd } from '../ingest/publish-events.ts';
import { LIVE_FOLDER } from './stream-code.ts';

/** How a push came to its end: with its publisher, or because it was stopped. */
export type PushEnd = PublishEnd['how'] | 'stopped' | 'killed';

/** What every event of a stream carries. */
export interface StreamFacts {
  readonly code: string;
  readonly appid: number;
  /** Host streams are published at. */
  readonly host: string;
  /** Address of this server. */
  readonly node: string;
  readonly userIp: string;
  readonly param: string;
}

/** The fields every event has. */
export const eventHead = ({ code, appid, host, param }: StreamFacts, sequence: string) => ({
  stream_id: code,
  channel_id: code,
  app: host,
  appname: LIVE_FOLDER,
  appid,
  sequence,
  stream_param: param,
});

/** A sequence: a whole number of 63 bits, in decimal. */
export const freshSequence = (): string => (randomBytes(8).readBigUInt64BE() >> 1n).toString();

/** A push that runs. */
export const pushedEvent = (facts: StreamFacts, sequence: string, nowMs: number): CallbackEvent =>
  pushEvent(facts, sequence, { type: EVENT_PUSHED, nowMs, durationMs: 0, errcode: 0, errmsg: '' });

/** A push that was cut after so long. */
export const cutEvent = (
  facts: StreamFacts,
  sequence: string,
  { how, nowMs, durationMs }: { readonly how: PushEnd; readonly nowMs: number; readonly durationMs: number },
): PushEvent => pushEvent(facts, sequence, { type: EVENT_CUT, nowMs, durationMs, ...codeOf(how) });

const pushEvent = (
  facts: StreamFacts,
  sequence: string,
  now: {
    readonly type: PushEvent['event_type'];
    readonly nowMs: number;
    readonly durationMs: number;
    readonly errcode: number;
    readonly errmsg: string;
  },
): PushEvent => {
  const seconds = Math.floor(now.nowMs / 1000);
  return {
    ...eventHead(facts, sequence),
    event_type: now.type,
    event_time: seconds,
    update_time: seconds,
    node: facts.node,
    user_ip: facts.userIp,
    errcode: now.errcode,
    errorcode: now.errcode,
    errmsg: now.errmsg,
    push_duration: Math.max(0, Math.round(now.durationMs)),
  };
};

/** The vendor's numbers for why a stream was cut. */
const codeOf = (how: PushEnd): { readonly errcode: number; readonly errmsg: string } => {
  switch (how) {
    case 'finished':
      return { errcode: 1, errmsg: 'the publisher has finished' };
    case 'stopped':
    case 'publish/stopped':
      return { errcode: 2, errmsg: 'the live push was stopped' };
    case 'killed':
      return { errcode: 4, errmsg: 'the server was stopped without notice' };
    case 'publish/silent':
      return { errcode: 3, errmsg: 'the publisher sent nothing for too long' };
    case 'lost':
      return { errcode: 4, errmsg: 'the connection of the publisher broke' };
    case 'publish/refused':
      return { errcode: 18, errmsg: 'the key of the publisher is not good any more' };
    default:
      return { errcode: 4, errmsg: `the publisher was dismissed: ${how}` };
  }
};
