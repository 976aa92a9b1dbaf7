// A live picture over a bad line: 90 ms of round trip, one packet in a hundred lost, and an uplink that is too slow for it.
// Everything is real but the browser: the device's code, its WebRTC, and a network between the two.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { NetRelay } from '../bench/impairment/netrelay.ts';
import { SignalPaths } from '../bench/impairment/signal-paths.ts';
import { readLiveSources } from '../server/agent/live-sources.ts';
import { DeviceStage } from '../server/agent/testing/stage.ts';
import { samplePath } from '../server/src/assets.ts';
import { systemClock } from '../server/src/clock.ts';
import type { OpenSocket } from '../src/carrier/socket-face.ts';
import { Device } from '../src/device/device.ts';

const HOUR_MS = 3_600_000;
const HEADER_BYTES = 13;
const VIDEO = 9;
const KEYFRAME = 1;
/** Where H.264 in FLV says whether a tag is a picture or what the decoder needs to know first. */
const PACKET_TYPE_AT = 12;
const PICTURE = 1;
/** Half of what the picture takes. */
const SLOW_UPLINK = 60_000;

let stage: DeviceStage;
let relay: NetRelay;
let paths: SignalPaths;
let device: Device | undefined;

beforeEach(async () => {
  stage = await DeviceStage.open();
  relay = NetRelay.start({ rttMs: 90, lossPercent: 1 });
  paths = new SignalPaths(relay);
});
afterEach(async () => {
  device?.close();
  await stage.close();
  relay.close();
});

/** A socket to the meeting place whose signals lead through the bad line. */
const signalling =
  (from: 'device' | 'page'): OpenSocket =>
  (address) => {
    const socket = new WebSocket(address);
    const send = socket.send.bind(socket) as (data: string) => void;
    return Object.assign(socket, {
      send(text: string) {
        const said = JSON.parse(text) as { readonly kind: string; readonly data?: string };
        const to = from === 'device' ? 'page' : 'device';
        const data = said.data === undefined ? undefined : paths.rewrite({ from, to, dial: 1 }, said.data);
        send(JSON.stringify(data === undefined ? said : { ...said, data }));
      },
    });
  };

interface Tag {
  readonly type: number;
  readonly dtsMs: number;
  readonly isKeyframe: boolean;
  readonly bytes: Uint8Array;
}

/** The tags of whole FLV, beginning with a header or a tag. */
function* tagsOf(flv: Uint8Array): Generator<Tag> {
  const view = new DataView(flv.buffer, flv.byteOffset, flv.byteLength);
  for (let at = 0; at + 11 < flv.length; ) {
    if (flv[at] === 0x46) {
      at += HEADER_BYTES;
      continue;
    }
    const end = at + 15 + (view.getUint32(at) & 0xff_ffff);
    const dtsMs = (view.getUint32(at + 4) >>> 8) + (view.getUint8(at + 7) << 24);
    yield {
      type: flv[at] ?? 0,
      dtsMs,
      isKeyframe: (flv[at + 11] ?? 0) >> 4 === KEYFRAME,
      bytes: flv.subarray(at, end),
    };
    at = end;
  }
}

/** The sample with its sound and its keyframes alone: a picture that fits a slow line. */
const slideShow = (): string => {
  const sample = new Uint8Array(readFileSync(samplePath()));
  const kept = [...tagsOf(sample)].filter(({ type, isKeyframe }) => type !== VIDEO || isKeyframe);
  const path = join(stage.folder, 'standard.flv');
  writeFileSync(path, Buffer.concat([sample.subarray(0, HEADER_BYTES), ...kept.map(({ bytes }) => bytes)]));
  return path;
};

const watchOver = async (uplink: number) => {
  await paths.join('device', uplink);
  await paths.join('page', 0);
  const entries = [`0/high=${samplePath()}`, `0/standard=${slideShow()}`];
  const liveOf = readLiveSources(entries, systemClock());
  const agent = await stage.device({ openSocket: signalling('device'), liveOf });
  await agent.ready;
  device = new Device({ info: agent.issue(HOUR_MS) }, { ...stage.world, openSocket: signalling('page') });
  const live = await device.live({ quality: 'high' });
  return live.body.getReader();
};

/** Reads until there are so many pictures that follow one like themselves: of `any` kind, or keyframe after keyframe. */
const readPictures = async (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  kind: 'any' | 'keyframes',
  count: number,
): Promise<void> => {
  let seen = 0;
  let before: Tag | undefined;
  while (seen < count) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the picture ended');
    for (const tag of tagsOf(value)) {
      if (tag.type !== VIDEO || tag.bytes[PACKET_TYPE_AT] !== PICTURE) continue;
      if (kind === 'any' || (tag.isKeyframe && before?.isKeyframe === true)) seen += 1;
      before = tag;
    }
  }
};

test('loss and delay alone do not stop a picture that fits the line', async () => {
  const reader = await watchOver(0);
  await readPictures(reader, 'any', 100);
  const { lost, packets } = await relay.stats();
  expect(packets).toBeGreaterThan(300);
  expect(lost, 'the line is as bad as it is said to be').toBeGreaterThan(0);
});

test('a picture that does not fit the line goes on in a lower quality', async () => {
  const reader = await watchOver(SLOW_UPLINK);
  await readPictures(reader, 'keyframes', 2);
});
