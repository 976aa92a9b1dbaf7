import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { CreateCallPeer } from '../../src/carrier/device-call.ts';
import { createNodePeer as createWrtcPeer } from '../../src/carrier/node/simple-peer.ts';
import { DeviceConnection } from '../../src/device/device-connection.ts';
import type { DeviceWorld } from '../../src/device/device-world.ts';
import { memorySink } from '../../src/device/download-sink.ts';
import type { LastingState } from '../../src/device/lasting-connection.ts';
import { readTags } from '../src/flv/tags.ts';
import { DeviceStage } from './testing/stage.ts';

const HOUR_MS = 3_600_000;
let stage: DeviceStage;
beforeEach(async () => {
  stage = await DeviceStage.open();
});
afterEach(() => stage.close());

const isHeader = (bytes: Uint8Array): boolean => bytes[0] === 0x46 && bytes[1] === 0x4c && bytes[2] === 0x56;

/** Reads on until a chunk begins a new file, and a bit more. */
const untilNextFile = async (reader: ReadableStreamDefaultReader<Uint8Array>) => {
  const before: Uint8Array[] = [];
  for (;;) {
    const { done, value = new Uint8Array(0) } = await reader.read();
    if (done) throw new Error('the stream ended');
    if (isHeader(value)) return { before: Buffer.concat(before), after: value };
    before.push(value);
  }
};

test('the live picture goes on by itself when the device is back, from a file header on and never with half a tag', async () => {
  const agent = await stage.device();
  await agent.ready;
  const camera = stage.camera({ info: agent.issue(HOUR_MS), returnWithinMs: HOUR_MS });
  const states: LastingState[] = [];
  camera.onState((state) => states.push(state));
  const live = await camera.live();
  const reader = live.body.getReader();
  const first = (await reader.read()).value ?? new Uint8Array(0);
  expect(isHeader(first)).toBe(true);
  agent.close();
  await expect.poll(() => camera.state).toBe('away');
  expect(await camera.command('ptz_left')).toMatchObject({ type: 'error', error: { code: 'request/lost' } });
  const successor = await stage.device();
  await successor.ready;
  const { before, after } = await untilNextFile(reader);
  const whole = readTags(Buffer.concat([first, before]));
  const bytes = whole.reduce((sum, { data }) => sum + data.length + 15, 13);
  expect(bytes, 'no tag is cut').toBe(first.length + before.length);
  expect(readTags(Buffer.from(after)).length).toBeGreaterThan(0);
  expect([states[0], states.includes('away'), states.at(-1)]).toEqual(['open', true, 'open']);
  live.stop();
});

test('a device that does not come back in time is given up, and the picture says why', async () => {
  const agent = await stage.device();
  await agent.ready;
  const camera = stage.camera({ info: agent.issue(HOUR_MS), returnWithinMs: 1 });
  const reader = (await camera.live()).body.getReader();
  await reader.read();
  agent.close();
  const ending = (async () => {
    for (;;) await reader.read();
  })();
  await expect(ending).rejects.toMatchObject({ code: expect.stringMatching(/^(device|request)\//) });
  expect((await camera.closed).code).toMatch(/^(device|request)\//);
  expect(camera.state).toBe('closed');
});

test('a file that is being saved goes on where it broke off when the device is back', async () => {
  const bytes = randomBytes(6_000_000);
  const name = '1700000000-1700000060.mp4';
  writeFileSync(join(stage.folder, name), bytes);
  const agent = await stage.device();
  await agent.ready;
  const camera = stage.camera({ info: agent.issue(HOUR_MS), returnWithinMs: HOUR_MS });
  const sink = memorySink();
  let successor: Promise<unknown> | undefined;
  const size = await camera.save(name, sink, {
    onProgress: ({ received }) => {
      if (received < 1_000_000 || successor !== undefined) return;
      agent.close();
      successor = stage.device();
    },
  });
  expect([size, successor === undefined]).toEqual([bytes.length, false]);
  expect(Buffer.from(await sink.blob().arrayBuffer()).equals(bytes)).toBe(true);
});

test('a picture that nobody watches any more is not asked for again', async () => {
  const agent = await stage.device();
  await agent.ready;
  const camera = stage.camera({ info: agent.issue(HOUR_MS), returnWithinMs: HOUR_MS });
  const live = await camera.live();
  live.stop();
  agent.close();
  await expect.poll(() => camera.state).toBe('away');
  let starts = 0;
  const successor = await stage.device({
    liveOf: () => {
      starts += 1;
      return undefined;
    },
  });
  await successor.ready;
  await expect.poll(() => camera.state).toBe('open');
  expect((await camera.command('x')).type).toBe('failure');
  expect(starts).toBe(0);
});

test('a device that can is asked for another path on the same call when the network changes', async () => {
  const offers: string[] = [];
  const createPeer = createWrtcPeer as unknown as CreateCallPeer;
  const agent = await stage.device({ createPeer, restartsIce: true });
  await agent.ready;
  let changed: () => void = () => undefined;
  const world: DeviceWorld = {
    ...stage.world,
    createPeer,
    openSocket: (address) => {
      const socket = new WebSocket(address);
      const send = socket.send.bind(socket) as (text: string) => void;
      return Object.assign(socket, {
        send(text: string) {
          if (text.includes('offer')) offers.push(text);
          send(text);
        },
      });
    },
    watchNetwork: (call) => {
      changed = call;
      return () => undefined;
    },
  };
  const connection = new DeviceConnection(world, { info: agent.issue(HOUR_MS) });
  const live = await connection.request('ipc.flv?action=live&channel=0&quality=high');
  const reader = live.body.getReader();
  await reader.read();
  expect(offers.length).toBe(1);
  changed();
  await expect.poll(() => offers.length).toBe(2);
  for (let bytes = 0; bytes < 300_000; ) bytes += (await reader.read()).value?.length ?? 0;
  expect([connection.state, agent.callers]).toEqual(['open', 1]);
  connection.close();
});
