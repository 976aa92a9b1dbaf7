// One stream, two server processes, a Redis and nginx before them: the tabs are one swarm whichever process they came to,
// and nobody's picture waits when the Redis or a process is gone; only where the process that cuts is killed there is a gap.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { hasNginx, startNginx } from '../server/src/testing/nginx.ts';
import { hasRedis, startRedis } from '../server/src/testing/redis.ts';
import { ServerProcess } from '../server/src/testing/server-process.ts';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { eventually } from './fixtures/eventually.ts';
import { it, type Stage } from './fixtures/stage.ts';
import { areSharing } from './fixtures/swarm.ts';
import type { Tab } from './fixtures/tab.ts';
import { Upstream } from './fixtures/upstream.ts';

/** How long the Redis is away: some seconds, or as many as one wants to see. */
const AWAY_FRAMES = 25 * Number(process.env.SHOAL_REDIS_AWAY_SECONDS ?? 3);

const LOCATIONS = new URL('../server/access/shoal-locations.conf', import.meta.url);

/** nginx with an address for each process; where it does not answer, the other one is asked. */
const frontsOf = async (servers: readonly ServerProcess[]): Promise<readonly string[]> => {
  const places: string[] = [];
  const first = await startNginx(({ dir, port }) => {
    const locations = readFileSync(LOCATIONS, 'utf8');
    const blocks = servers.map((server, at) => {
      const others = servers
        .filter((other) => other !== server)
        .map((other) => `server 127.0.0.1:${other.port} max_fails=0 backup;`);
      places.push(`http://127.0.0.${at + 1}:${port}`);
      return `
upstream shoal${at} { server 127.0.0.1:${server.port} max_fails=0; ${others.join(' ')} }
server {
  listen 127.0.0.${at + 1}:${port};
  ${locations.replaceAll('http://shoal', `http://shoal${at}`)}
}`;
    });
    return `
map $http_upgrade $shoal_connection { "" ""; default upgrade; }
proxy_cache_path ${dir}/cache keys_zone=shoal_pieces:1m;
${blocks.join('\n')}`;
  });
  expect(first).toBe(places[0]);
  return places;
};

/** Viewers registered at the processes that answer. */
const registered = async (servers: readonly ServerProcess[]): Promise<number> => {
  const counts = servers.map(async ({ url }) => {
    const text = await fetch(`${url}/metrics`).then(
      (answer) => answer.text(),
      () => '',
    );
    return Number(/^shoal_tracker_viewers\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
};

/** Links between the tabs of the one half and those of the other. */
const crossing = async (left: readonly Tab[], right: readonly Tab[]): Promise<number> => {
  const names = await Promise.all(right.map(async (tab) => (await tab.shared()).viewer.viewer));
  const met = await Promise.all(left.map(async (tab) => (await tab.shared()).viewer.neighbours));
  return met.flat().filter(({ viewer }) => names.includes(viewer)).length;
};

const play = async (stage: Stage, address: string, name: string): Promise<Tab> => {
  const tab = await stage.open(name);
  await tab.play({ url: `${address}${stage.path}.flv?tag=${name}` });
  return tab;
};

/** Whatever happens meanwhile, no tab waits for data while it shows so many frames. */
const unharmed = async (tabs: readonly Tab[], what: () => Promise<unknown>, frames = 50): Promise<void> => {
  for (const tab of tabs) await tab.forgetStalls();
  await what();
  await Promise.all(tabs.map((tab) => tab.playsOn(frames)));
};

const body = async ({ stage }: { readonly stage: Stage }): Promise<void> => {
  stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: (origin|tracker|service|source)\//);
  const upstream = new Upstream();
  await upstream.start();
  stage.later(() => upstream.kill());
  const redis = await startRedis();
  const flags = ['--redis', redis.url, '--upstream', upstream.url];
  const start = async (port = 0): Promise<ServerProcess> => {
    const server = await ServerProcess.start(flags, port);
    stage.later(() => server.kill());
    return server;
  };
  let [a, b] = await Promise.all([start(), start()]);
  const [atA = '', atB = ''] = await frontsOf([a, b]);
  const a1 = await play(stage, atA, 'a1');
  const left = [a1, await play(stage, atA, 'a2'), await play(stage, atA, 'a3')];
  const right = [await play(stage, atB, 'b1'), await play(stage, atB, 'b2'), await play(stage, atB, 'b3')];
  const tabs = [...left, ...right];
  await areSharing(tabs);
  await eventually('links cross the processes', async () => (await crossing(left, right)) > 0);
  expect(upstream.pulls).toBe(1);

  await unharmed(tabs, () => redis.kill(), AWAY_FRAMES);
  await redis.start();

  const killed = b;
  await unharmed(tabs, async () => {
    await killed.kill();
    const at = performance.now();
    await eventually('its viewers are registered at the other one', async () => (await registered([a])) === 6);
    console.log(`registered again after ${Math.round(performance.now() - at)} ms`);
  });
  b = await start(killed.port);

  // A service manager restarts one after the other: each time the other one cuts on before it goes.
  for (const stopped of [a, b]) {
    const before = (await a1.shared()).viewer.epoch ?? '';
    await unharmed(tabs, async () => {
      await stopped.stop();
      for (const tab of tabs) await tab.hears('epoch', ({ event }) => String(event.epoch) > before);
    });
    const back = await start(stopped.port);
    if (stopped === a) a = back;
    else b = back;
  }

  // The one that cuts is killed. A relay notices and cuts in its place, and the source is asked by one process only.
  await right[2]?.close();
  const late = await play(stage, atB, 'b4');
  await late.paints(25);
  const { pulls } = upstream;
  const epoch = (await late.shared()).viewer.epoch ?? '';
  await a.kill();
  for (const tab of [...tabs.slice(0, -1), late]) {
    await tab.hears('epoch', ({ event }) => String(event.epoch) > epoch);
    await tab.paints(50);
    console.log(`${tab.name}: ${(await tab.stalls()).map(({ gapMs }) => Math.round(gapMs)).join(', ') || 'no wait'}`);
  }
  expect(upstream.pulls).toBe(pulls + 1);
};

if (hasRedis && hasNginx) it('two processes are one swarm; either may go, and so may the Redis', body, 300_000);
else it.skip('many servers in Chromium: redis-server or nginx is not installed', body);
