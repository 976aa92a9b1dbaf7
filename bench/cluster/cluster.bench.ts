/**
 * `bench cluster`: one stream over several server processes and a Redis. What sharing brings against one process, how
 * soon viewers of a process that is killed are registered elsewhere, what they miss while the Redis is away, what a join
 * costs and how long it takes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RedisProcess } from '../../server/src/testing/redis-process.ts';
import { ServerProcess } from '../../server/src/testing/server-process.ts';
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { readPlain } from '../harness/plain-reader.ts';
import { Front } from './front.ts';
import { joinMany } from './joining.ts';
import { countsOf, storeReady, sumOfAll } from './metrics.ts';
import { crossingLinks, Viewers } from './viewers.ts';

const PATH = '/live/demo';
const CROWD_PATH = '/live/crowd';

interface Plan {
  readonly processes: number;
  readonly viewers: number;
  readonly hosts: number;
  readonly settleSeconds: number;
  readonly seconds: number;
  readonly redisAwaySeconds: number;
  readonly clients: number;
  readonly joinsPerSec: number;
}

/** Server processes of one cluster, and a front for each. */
interface Stage {
  readonly redis: RedisProcess;
  readonly servers: readonly ServerProcess[];
  readonly fronts: readonly Front[];
  close(): Promise<void>;
}

const setStage = async (processes: number): Promise<Stage> => {
  const redis = new RedisProcess();
  await redis.start();
  const sources = [PATH, CROWD_PATH].flatMap((path) => ['--source', `${path}=embedded`]);
  const flags = ['--redis', redis.url, '--max-per-address', '100000', ...sources];
  const servers: ServerProcess[] = [];
  for (let at = 0; at < processes; at++) servers.push(await ServerProcess.start(flags));
  const ports = servers.map(({ port }) => port);
  const fronts = await Promise.all(ports.map((_, at) => Front.start([...ports.slice(at), ...ports.slice(0, at)])));
  const close = async (): Promise<void> => {
    for (const front of fronts) front.close();
    await Promise.all(servers.map((server) => server.kill()));
    await redis.close();
  };
  return { redis, servers, fronts, close };
};

interface Sharing {
  readonly offload: number;
  readonly crossProcessLinks: number;
  readonly missedDeadlines: number;
}

/** Lets viewers in at all fronts in turn (the first process gets the first one, and cuts), and counts what the processes send them while they watch. */
const share = async (plan: Plan, { servers, fronts }: Stage, viewers: Viewers): Promise<Sharing> => {
  for (let joined = 0; joined < plan.viewers; joined++) {
    const place = joined % fronts.length;
    viewers.join(`${fronts[place]?.url}${PATH}.flv`, place);
    await sleep(500);
  }
  await sleep(plan.settleSeconds * 1000);
  const urls = servers.map(({ url }) => url);
  const plain = await readPlain(`${urls[0]}${PATH}.flv`);
  const [before, plainBefore] = [await sumOfAll(urls), plain.bytes];
  await sleep(plan.seconds * 1000);
  const [after, plainAfter] = [await sumOfAll(urls), plain.bytes];
  plain.close();
  const reports = await viewers.report();
  return {
    offload: 1 - (after.originBytes - before.originBytes) / ((plainAfter - plainBefore) * plan.viewers),
    crossProcessLinks: crossingLinks(reports),
    missedDeadlines: reports.reduce((sum, report) => sum + report.missedDeadlines, 0),
  };
};

/** The Redis is killed and comes back empty: pieces that viewers had to do without meanwhile, and whether they are one swarm again. */
const goWithout = async ({ redis, servers }: Stage, viewers: Viewers, seconds: number): Promise<number> => {
  const missed = async (): Promise<number> =>
    (await viewers.report()).reduce((sum, { missedDeadlines }) => sum + missedDeadlines, 0);
  const before = await missed();
  await redis.kill();
  await sleep(seconds * 1000);
  await redis.start();
  await Promise.all(servers.map(({ url }) => storeReady(url)));
  return (await missed()) - before;
};

/** kill -9 of the last process, which relays and introduces: until the others have all its viewers. */
const recover = async ({ servers }: Stage, viewers: number): Promise<number> => {
  const [killed, left] = [servers.at(-1), servers.slice(0, -1).map(({ url }) => url)];
  const at = performance.now();
  await killed?.kill();
  for (;;) {
    const { trackerViewers } = await sumOfAll(left);
    if (trackerViewers >= viewers) return performance.now() - at;
    if (performance.now() - at > 60_000) return Number.NaN;
    await sleep(20);
  }
};

const withViewers = async <T>(
  plan: Plan,
  processes: number,
  measure: (stage: Stage, viewers: Viewers) => Promise<T>,
): Promise<T> => {
  const stage = await setStage(processes);
  const viewers = await Viewers.start(plan.hosts);
  try {
    return await measure(stage, viewers);
  } finally {
    viewers.close();
    await stage.close();
  }
};

const measure = async (plan: Plan, { say }: Run): Promise<Figures> => {
  say('one process');
  const single = await withViewers(plan, 1, (stage, viewers) => share(plan, stage, viewers));
  say(`${plan.processes} processes`);
  const [spread, redisAwayMissed, killRecoveryMs] = await withViewers(plan, plan.processes, async (stage, viewers) => {
    const found = await share(plan, stage, viewers);
    say(`${plan.redisAwaySeconds} s without the Redis`);
    const missed = plan.redisAwaySeconds === 0 ? Number.NaN : await goWithout(stage, viewers, plan.redisAwaySeconds);
    say('kill -9 of a process that relays');
    return [found, missed, await recover(stage, plan.viewers)] as const;
  });
  say(`${plan.clients} tracker clients`);
  const stage = await setStage(plan.processes);
  try {
    const urls = stage.servers.map(({ url }) => url);
    const { clients, joinsPerSec: perSecond } = plan;
    const joining = await joinMany({ clients, perSecond, urls, path: CROWD_PATH, redis: stage.redis });
    const left = await Promise.all(urls.map(countsOf));
    say(`viewers left at the end: ${left.map(({ trackerViewers }) => trackerViewers).join(', ')}`);
    return {
      processes: plan.processes,
      viewers: plan.viewers,
      crossProcessLinks: spread.crossProcessLinks,
      offload: tidy(spread.offload),
      singleProcessOffload: tidy(single.offload),
      offloadLost: tidy(single.offload - spread.offload),
      killRecoveryMs: tidy(killRecoveryMs),
      redisOpsPerJoin: tidy(joining.redisOpsPerJoin),
      joinP99Ms: tidy(joining.p99Ms),
      joinP50Ms: tidy(joining.p50Ms),
      joins: plan.clients,
      missedDeadlines: spread.missedDeadlines,
      redisAwaySeconds: plan.redisAwaySeconds,
      redisAwayMissed: tidy(redisAwayMissed),
    };
  } finally {
    await stage.close();
  }
};

/** The benchmark. */
export const cluster: Bench = {
  about: 'one stream over several server processes and a Redis (all on one machine)',
  options: {
    processes: 2,
    viewers: 12,
    hosts: 2,
    settle: 10,
    seconds: 30,
    'redis-away': 60,
    clients: 2000,
    joins: 200,
  },
  run: (run) =>
    measure(
      {
        processes: run.number('processes'),
        viewers: run.number('viewers'),
        hosts: run.number('hosts'),
        settleSeconds: run.number('settle'),
        seconds: run.number('seconds'),
        redisAwaySeconds: run.number('redis-away'),
        clients: run.number('clients'),
        joinsPerSec: run.number('joins'),
      },
      run,
    ),
  goals: () => [
    { figure: 'crossProcessLinks', is: 'at least', value: 1 },
    { figure: 'offloadLost', is: 'at most', value: 0.01 },
    { figure: 'killRecoveryMs', is: 'at most', value: 10_000 },
    { figure: 'redisAwayMissed', is: 'at most', value: 0 },
    { figure: 'joinP99Ms', is: 'at most', value: 150 },
  ],
};
