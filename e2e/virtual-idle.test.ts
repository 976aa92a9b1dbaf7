// A Service Worker that the browser itself stops because it is idle. A browser that is debugged does not do so: the page
// here tells by itself what it sees.

import { expect } from 'vitest';
import { eventually } from './fixtures/eventually.ts';
import { openFreely } from './fixtures/free-chromium.ts';
import { PostBox } from './fixtures/post-box.ts';
import { it } from './fixtures/stage.ts';

/** Chromium stops a Service Worker after half a minute without events; each question to it is one. */
const ASK_EVERY_MS = 40_000;

const page = (url: string, post: string): string => `<!doctype html>
<link rel="icon" href="data:," />
<script src="shoal.global.js"></script>
<script type="module">
const tell = (said) => fetch('${post}', { method: 'POST', body: JSON.stringify(said) });
addEventListener('error', ({ message }) => tell({ what: 'error', message }));
addEventListener('unhandledrejection', ({ reason }) => tell({ what: 'error', message: String(reason) }));
const ask = async () => {
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => { port1.onmessage = ({ data }) => resolve(data.instance); });
  active.postMessage({ shoal: 'alive' }, [port2]);
  return answered;
};
const readSome = async (address) => {
  const response = await fetch(address);
  const reader = response.body.getReader();
  let bytes = 0;
  while (bytes < 100_000) bytes += (await reader.read()).value.length;
  await reader.cancel();
  return { status: response.status, bytes };
};
const { CVbyteP2P } = Shoal.native;
const started = Promise.withResolvers();
await CVbyteP2P.LoadAndInit('idle');
const id = await CVbyteP2P.CreateInstance((code, message) => code === CVbyteP2P.STARTED && started.resolve(message), () => 0);
CVbyteP2P.PlayURL(id, '${url}');
const address = await started.promise;
await tell({ what: 'before', ...(await readSome(address)), instance: await ask() });
for (const first = await ask(); (await ask()) === first; ) {
  await new Promise((resolve) => setTimeout(resolve, ${ASK_EVERY_MS}));
  const answer = await readSome(address);
  await tell({ what: 'after', ...answer, instance: await ask() });
}
</script>`;

it('answers anew after the browser has stopped its Service Worker for idleness', async ({ stage }) => {
  await stage.serve();
  const box = new PostBox();
  await box.start();
  stage.later(() => box.close());
  stage.pages.offer('idle.html', page(stage.url('idle'), box.url));
  stage.later(openFreely(`${stage.pages.address}/idle.html`));
  const stopped = await eventually(
    'another Service Worker answers',
    () => {
      expect(box.posted.filter(({ what }) => what === 'error')).toEqual([]);
      const [before, ...after] = box.posted;
      return after.find(({ instance }) => instance !== before?.instance);
    },
    110_000,
  );
  expect(stopped).toMatchObject({ what: 'after', status: 200 });
  expect(Number(stopped.bytes)).toBeGreaterThanOrEqual(100_000);
});
