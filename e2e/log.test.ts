// Nothing of what a viewer is admitted by is shown: not on the console, not in the log, not in what a player says of itself.

import { expect } from 'vitest';
import { REFUSED_CONNECTIONS } from './fixtures/complaints.ts';
import { eventually } from './fixtures/eventually.ts';
import { it } from './fixtures/stage.ts';

it('a player that plays, is refused and plays again shows no secret anywhere', async ({ stage }) => {
  await stage.serve();
  const { code, key } = (await (await fetch(`${stage.server.url}/code`, { method: 'POST' })).json()) as {
    code: string;
    key: string;
  };
  const token = 'a-token-nobody-may-read';
  const lines: string[] = [];
  // What goes wrong is on the console too, since the page put the log there.
  stage.complaints.expect(...REFUSED_CONNECTIONS, /^player error: /, /^console warning: \S+ (WARN|ERROR) /);
  const tab = await stage.open('secretive');
  tab.page.on('console', (message) => lines.push(message.text()));
  await tab.page.evaluate(
    ([url, grant]) => {
      const { createLog, createPlayer, logToConsole } = globalThis.Shoal;
      const log = createLog({ level: 'debug' });
      logToConsole(log);
      const video = document.querySelector('video') as HTMLVideoElement;
      const player = createPlayer({ url, video, code: grant, log, debug: (line) => console.debug(line) });
      Object.assign(globalThis, { told: { player, log } });
    },
    [`${stage.url('secretive')}&token=${token}`, { code, key }] as const,
  );
  await tab.paints(25);
  const { port } = stage.server;
  await stage.stopServing();
  await tab.hears('error');
  await stage.serve({ port });
  await eventually('it plays again', async () => (await tab.stats()).state === 'playing');
  const told = await tab.page.evaluate(async () => {
    const { player, log } = (globalThis as unknown as { told: Told }).told;
    return JSON.stringify([log.text(), await player.stats(), await player.explain()]);
  });
  const all = [...lines, told, JSON.stringify(await tab.said())].join('\n');
  expect(all).toMatch(/state playing/);
  expect(all).toMatch(/origin\/unreachable|tracker\/unreachable/);
  for (const secret of [token, key, code]) expect(all).not.toContain(secret);
});

interface Told {
  readonly player: import('../src/index.ts').Player;
  readonly log: import('../src/index.ts').Log;
}
