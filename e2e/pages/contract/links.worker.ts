// The contract of links as a worker keeps it: each end has one port to the page.

import { createWorkerLinks } from '../../../src/carrier/browser/worker-links.ts';
import { linkContract } from '../../../src/carrier/contract/link.contract.ts';
import { runAll } from './tiny-vitest.ts';

self.onmessage = async ({ data }: MessageEvent<{ readonly name: string; readonly ports: MessagePort[] }>) => {
  const ports = [...data.ports];
  linkContract(data.name, (events) => {
    const port = ports.pop();
    if (port === undefined) throw new Error('more ends than ports');
    return createWorkerLinks(port, events);
  });
  self.postMessage(await runAll());
};
