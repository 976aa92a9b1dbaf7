/**
 * Many tracker clients that join in quick succession: how long each waits for its first list of neighbours, and what a
 * join costs Redis.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisProcess } from '../../server/src/testing/redis-process.ts';
import { TrackerClient } from '../../server/src/testing/tracker-client.ts';
import { quantile } from '../harness/quantiles.ts';

/** What is done. */
export interface JoiningPlan {
  readonly clients: number;
  readonly perSecond: number;
  readonly urls: readonly string[];
  readonly path: string;
  readonly redis: RedisProcess;
}

/** What was found. */
export interface Joining {
  /** From opening the socket to the list. */
  readonly p99Ms: number;
  readonly p50Ms: number;
  /** Commands a join costs, what the processes say without joins taken off. */
  readonly redisOpsPerJoin: number;
}

const IDLE_MS = 4000;
const STEP_MS = 10;
/** What was told last is with Redis by then. */
const LAST_MS = 500;

/** See above. */
export const joinMany = (plan: JoiningPlan): Promise<Joining> =>
  plan.redis.ask((line) => joinWatching(plan, () => commandsOf(line)));

const joinWatching = async (
  { clients, perSecond, urls, path }: JoiningPlan,
  commands: () => Promise<number>,
): Promise<Joining> => {
  const idleFrom = await commands();
  await sleep(IDLE_MS);
  const before = await commands();
  const idlePerMs = (before - idleFrom) / IDLE_MS;
  const startedAt = performance.now();
  const waits: Promise<number>[] = [];
  const open: TrackerClient[] = [];
  while (waits.length < clients) {
    const due = Math.min(clients, ((performance.now() - startedAt) / 1000) * perSecond);
    while (waits.length < due) {
      const client = new TrackerClient(urls[waits.length % urls.length] ?? '');
      open.push(client);
      waits.push(timed(client, path));
    }
    await sleep(STEP_MS);
  }
  const waited = await Promise.all(waits);
  await sleep(LAST_MS);
  const spent = (await commands()) - before - idlePerMs * (performance.now() - startedAt);
  for (const { socket } of open) socket.terminate();
  return {
    p50Ms: quantile(waited, 0.5),
    p99Ms: quantile(waited, 0.99),
    redisOpsPerJoin: spent / clients,
  };
};

const timed = async (client: TrackerClient, path: string): Promise<number> => {
  const from = performance.now();
  await client.join(path);
  return performance.now() - from;
};

const commandsOf = async (line: { info(part: string): Promise<string> }): Promise<number> => {
  const text = await line.info('stats');
  return Number(/total_commands_processed:(\d+)/.exec(text)?.[1] ?? Number.NaN);
};
