// The contract of links, kept by real ones: on the page itself, and in a worker whose channels the page transfers or,
// where that is forbidden, forwards.

import { PeerHost } from '../../../src/carrier/browser/peer-host.ts';
import { createBrowserPeer } from '../../../src/carrier/browser/simple-peer.ts';
import { linkContract } from '../../../src/carrier/contract/link.contract.ts';
import { createSimplePeerLinks } from '../../../src/carrier/simple-peer-links.ts';
import { type Outcome, runAll } from './tiny-vitest.ts';

/** Ends a suite makes; each gets a port of its own. */
const ENDS = 64;

const onPage = (): Promise<Outcome[]> => {
  linkContract('on a page', (events) => createSimplePeerLinks(createBrowserPeer, events));
  return runAll();
};

/** A port that refuses to transfer channels, as browsers do that cannot. */
const withoutTransfer = (port: MessagePort): MessagePort => {
  const post = port.postMessage.bind(port);
  port.postMessage = (message: unknown, given?: StructuredSerializeOptions | Transferable[]) => {
    const taken = Array.isArray(given) ? given : [];
    if (taken.some((one) => one instanceof RTCDataChannel)) throw new DOMException('no', 'DataCloneError');
    post(message, taken);
  };
  return port;
};

const inWorker = (transfer: boolean): Promise<Outcome[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker('links.worker.js');
    const hosts: PeerHost[] = [];
    const ports = Array.from({ length: ENDS }, () => {
      const { port1, port2 } = new MessageChannel();
      const port = transfer ? port1 : withoutTransfer(port1);
      hosts.push(new PeerHost({ port, createPeer: createBrowserPeer, iceServers: () => [] }));
      return port2;
    });
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<Outcome[]>) => {
      for (const host of hosts) host.destroy();
      worker.terminate();
      resolve(data);
    };
    worker.postMessage({ name: transfer ? 'with transferred channels' : 'with forwarded channels', ports }, ports);
  });

Object.assign(globalThis, { runContract: { onPage, inWorker } });
