import { expect, it } from 'vitest';
import type { LinkEvents, LinkPort } from '../../viewer/ports.ts';
import { linkContract } from '../contract/link.contract.ts';
import { createNodePeer } from '../node/simple-peer.ts';
import type { CreatePeer } from '../peer-dial.ts';
import { PeerHost } from './peer-host.ts';
import { createWorkerLinks } from './worker-links.ts';

// Node cannot transfer data channels, so these are the links of a browser that cannot either: bytes are forwarded.
// Transferred channels are tried in a real browser.
const createPeer = createNodePeer as unknown as CreatePeer<RTCDataChannel>;

const splitLinks = (events: LinkEvents): LinkPort => {
  const { port1, port2 } = new MessageChannel();
  new PeerHost({ port: port1, createPeer, iceServers: () => [] });
  const links = createWorkerLinks(port2, events);
  // Node keeps a process alive for a port.
  for (const port of [port1, port2]) (port as unknown as { unref(): void }).unref();
  return links;
};

linkContract('split between worker and page, forwarded', splitLinks);

it('counts as backlog what was posted and what the channel holds', async () => {
  let a: LinkPort | undefined;
  let b: LinkPort | undefined;
  const opened = new Promise<void>((resolve) => {
    const silent = { message: () => undefined, closed: () => undefined };
    a = splitLinks({ ...silent, signal: (link, data) => b?.signal(link, data), opened: () => resolve() });
    b = splitLinks({ ...silent, signal: (link, data) => a?.signal(link, data), opened: () => undefined });
  });
  b?.dial(1, { initiator: false, iceServers: [] });
  a?.dial(1, { initiator: true, iceServers: [] });
  await opened;
  a?.send(1, 'pieces', new Uint8Array(4000));
  expect(a?.backlog(1)).toBe(4000);
  while ((a?.backlog(1) ?? 0) > 0) await new Promise((resolve) => setImmediate(resolve));
  a?.hangUp(1);
  b?.hangUp(1);
});

it('tears down every connection with the host', async () => {
  const { port1, port2 } = new MessageChannel();
  const connections: { readonly connectionState: string }[] = [];
  const dialled = new Promise<PeerHost>((resolve) => {
    const host: PeerHost = new PeerHost({
      port: port1,
      iceServers: () => [],
      createPeer: (options) => {
        const peer = createPeer(options);
        if (peer._pc) connections.push(peer._pc as unknown as { readonly connectionState: string });
        if (connections.length === 3) queueMicrotask(() => resolve(host));
        return peer;
      },
    });
  });
  const links = createWorkerLinks(port2, {
    signal: () => undefined,
    opened: () => undefined,
    message: () => undefined,
    closed: () => undefined,
  });
  for (let link = 0; link < 3; link++) links.dial(link, { initiator: true, iceServers: [] });
  (await dialled).destroy();
  for (let link = 0; link < 3; link++) links.hangUp(link);
  port2.close();
  while (connections.some(({ connectionState }) => connectionState !== 'closed')) {
    await new Promise((resolve) => setImmediate(resolve));
  }
});
