import { expect, it, vi } from 'vitest';
import { linkContract } from './contract/link.contract.ts';
import type { ChannelFace } from './lanes.ts';
import { createNodePeer } from './node/datachannel-peer.ts';
import { createNodePeer as createWrtcPeer } from './node/simple-peer.ts';
import { type CreatePeer, fingerprintOf } from './peer-dial.ts';
import { createSimplePeerLinks } from './simple-peer-links.ts';
import { createMemoryLinks } from './testing/memory-links.ts';

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

it('reads the one fingerprint of a description and none of an ambiguous one', () => {
  const pairs = Array.from({ length: 32 }, (_, at) => at.toString(16).padStart(2, '0').toUpperCase()).join(':');
  const line = `a=fingerprint:sha-256 ${pairs}\r\n`;
  expect(fingerprintOf(`v=0\r\n${line}m=x\r\n${line}`)).toEqual(Uint8Array.from({ length: 32 }, (_, at) => at));
  expect(fingerprintOf(line + line.replace('00:01', '01:00'))).toBeUndefined();
  expect(fingerprintOf('a=fingerprint:sha-1 00:11\r\n')).toBeUndefined();
  expect(fingerprintOf(undefined)).toBeUndefined();
});
