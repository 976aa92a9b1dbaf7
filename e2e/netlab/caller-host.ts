// Runs in a home of the lab: calls devices as it is told, one line of JSON each, and prints what becomes of it. The
// WebRTC is that of browsers.

import { createInterface } from 'node:readline';
import WebSocket from 'ws';
import type { CreateCallPeer } from '../../src/carrier/device-call.ts';
import { createNodePeer } from '../../src/carrier/node/simple-peer.ts';
import { Device } from '../../src/device/device.ts';
import { type DeviceWorld, verifyEd25519 } from '../../src/device/device-world.ts';
import type { CallerOrder, CallerWord } from './caller.ts';

const RETURN_WITHIN_MS = 120_000;

const world: DeviceWorld = {
  openSocket: (address) => new WebSocket(address),
  createPeer: createNodePeer as unknown as CreateCallPeer,
  verify: verifyEd25519,
  watchNetwork: () => () => undefined,
  wallMs: () => Date.now(),
};

const say = (word: CallerWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`);

const call = async (id: number, info: string): Promise<void> => {
  const began = performance.now();
  const device = new Device({ info }, world);
  try {
    const { type, status } = await device.inner('get_device_st', { type: 'live' }, { withinMs: 30_000 });
    await device.opened;
    say({ id, kind: 'done', code: type, detail: String(status), ms: performance.now() - began });
  } catch (error) {
    const { code, detail = '' } = error as { readonly code: string; readonly detail?: string };
    say({ id, kind: 'done', code, detail, ms: performance.now() - began });
  } finally {
    device.close();
  }
};

const watch = async (id: number, info: string): Promise<void> => {
  const device = new Device({ info, returnWithinMs: RETURN_WITHIN_MS }, world);
  device.onState((state) => say({ id, kind: 'state', state }));
  const live = await device.live();
  const reader = live.body.getReader();
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.length;
    say({ id, kind: 'bytes', bytes });
  }
};

say({ id: 0, kind: 'ready' });
for await (const line of createInterface(process.stdin)) {
  const { id, kind, info } = JSON.parse(line) as CallerOrder;
  void (kind === 'call' ? call(id, info) : watch(id, info));
}
