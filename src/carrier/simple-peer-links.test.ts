import { existsSync, readdirSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import type { LinkPort } from '../viewer/ports.ts';
import { linkContract } from './contract/link.contract.ts';
import type { ChannelFace } from './lanes.ts';
import { createNodePeer } from './node/datachannel-peer.ts';
import { createNodePeer as createWrtcPeer } from './node/simple-peer.ts';
import { type CreatePeer, fingerprintOf } from './peer-dial.ts';
import { createSimplePeerLinks } from './simple-peer-links.ts';
import { createMemoryLinks } from './testing/memory-links.ts';

/** What a process has open, where the system says so. */
const OPEN_FILES = '/proc/self/fd';
/** More than the few files the library itself keeps open once it has been used. */
const PAIRS = 20;

linkContract('in memory', createMemoryLinks);
linkContract('simple-peer on @roamhq/wrtc', (events) => createSimplePeerLinks(createWrtcPeer, events));
linkContract('node-datachannel', (events) => createSimplePeerLinks(createNodePeer, events));

const silent = {
  signal: () => undefined,
  opened: () => undefined,
  message: () => undefined,
  closed: () => undefined,
};

const dialAndHangUp = async (createPeer: CreatePeer<ChannelFace>): Promise<void> => {
  const links = createSimplePeerLinks(createPeer, silent);
  for (let round = 0; round < 10; round++) {
    for (let link = 0; link < 20; link++) links.dial(link, { initiator: link % 2 === 0, iceServers: [] });
    await new Promise((resolve) => setImmediate(resolve));
    for (let link = 0; link < 20; link++) links.hangUp(link);
  }
};

it('leaves no peer connection behind, however often it dials and hangs up', async () => {
  const connections: { readonly connectionState: string }[] = [];
  await dialAndHangUp((options) => {
    const peer = createWrtcPeer(options);
    if (peer._pc) connections.push(peer._pc as unknown as { readonly connectionState: string });
    return peer;
  });
  expect(connections.length).toBe(200);
  const open = () => connections.filter(({ connectionState }) => connectionState !== 'closed').length;
  await vi.waitFor(() => expect(open()).toBe(0));
});

it.skipIf(!existsSync(OPEN_FILES))('leaves no socket behind either', async () => {
  const files = (): number => readdirSync(OPEN_FILES).length;
  const before = files();
  let opened = 0;
  const ends: LinkPort[] = [];
  const end = (other: 0 | 1): LinkPort =>
    createSimplePeerLinks(createNodePeer, {
      ...silent,
      signal: (link, data) => ends[other]?.signal(link, data),
      opened: () => {
        opened += 1;
      },
    });
  ends.push(end(1), end(0));
  for (let link = 0; link < PAIRS; link++) {
    ends.forEach((port, at) => {
      port.dial(link, { initiator: at === 0, iceServers: [] });
    });
  }
  await vi.waitFor(() => expect(opened).toBe(2 * PAIRS), { timeout: 10_000 });
  expect(files(), 'links take sockets').toBeGreaterThanOrEqual(before + 2 * PAIRS);
  for (let link = 0; link < PAIRS; link++) for (const port of ends) port.hangUp(link);
  await vi.waitFor(() => expect(files()).toBeLessThan(before + PAIRS), { timeout: 10_000 });
});

it('reads the one fingerprint of a description and none of an ambiguous one', () => {
  const pairs = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':');
  const line = `a=fingerprint:sha-256 ${pairs}\r\n`;
  expect(fingerprintOf(`v=0\r\n${line}m=x\r\n${line}`)).toEqual(Uint8Array.from({ length: 32 }, (_, at) => at));
  expect(fingerprintOf(line + line.replace('00:01', '01:00'))).toBeUndefined();
  expect(fingerprintOf('a=fingerprint:sha-1 00:11\r\n')).toBeUndefined();
  expect(fingerprintOf(undefined)).toBeUndefined();
});
