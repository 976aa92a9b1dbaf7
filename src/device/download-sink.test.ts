import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DeviceStage } from '../../server/agent/testing/stage.ts';
import { Device } from './device.ts';
import { type DownloadSink, memorySink, SinkWriter } from './download-sink.ts';

const FILE = '1700000000-1700000060.mp4';
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a sink', () => {
  it('gets large pieces of small ones, in order and whole', async () => {
    const sizes: number[] = [];
    const memory = memorySink();
    const sink: DownloadSink = {
      size: 0,
      close: memory.close,
      write: async (bytes) => {
        sizes.push(bytes.length);
        await memory.write(bytes);
      },
    };
    const writer = new SinkWriter(sink);
    const bytes = randomBytes(700_000);
    for (let at = 0; at < bytes.length; at += 16_000) await writer.write(bytes.subarray(at, at + 16_000));
    await writer.close();
    expect(sizes).toEqual([262_144, 262_144, 175_712]);
    expect(sha(new Uint8Array(await memory.blob().arrayBuffer()))).toBe(sha(bytes));
  });
});

it('is closed only after what is being written, which is written once', async () => {
  const said: string[] = [];
  let written: () => void = () => undefined;
  const sink: DownloadSink = {
    size: 0,
    close: async () => void said.push('close'),
    write: (bytes) => {
      said.push(`write ${bytes.length}`);
      return new Promise((resolve) => {
        written = resolve;
      });
    },
  };
  const writer = new SinkWriter(sink);
  const writing = writer.write(new Uint8Array(262_144));
  const closing = writer.close();
  expect(said).toEqual(['write 262144']);
  written();
  await Promise.all([writing, closing]);
  expect(said).toEqual(['write 262144', 'close']);
});

describe('saving', () => {
  let stage: DeviceStage;
  beforeEach(async () => {
    stage = await DeviceStage.open();
  });
  afterEach(() => stage.close());

  const camera = async (): Promise<Device> => {
    const agent = await stage.device();
    await agent.ready;
    return new Device({ info: agent.issue(3_600_000) }, stage.world);
  };

  it('that was stopped goes on, byte for byte', async () => {
    const file = randomBytes(3_000_000);
    writeFileSync(join(stage.folder, FILE), file);
    const device = await camera();
    const sink = memorySink();
    const until = new AbortController();
    const onProgress = ({ received }: { readonly received: number }): void => {
      if (received > 1_000_000) until.abort();
    };
    const cut = device.save(FILE, sink, { onProgress, signal: until.signal });
    await expect(cut).rejects.toMatchObject({ code: 'request/cancelled' });
    expect(sink.size).toBeGreaterThan(0);
    expect(sink.size).toBeLessThan(file.length);
    expect(await device.save(FILE, sink)).toBe(file.length);
    expect(sha(new Uint8Array(await sink.blob().arrayBuffer()))).toBe(sha(file));
    device.close();
  });

  it('of what is not there, or into what cannot be written, says so', async () => {
    writeFileSync(join(stage.folder, FILE), randomBytes(400_000));
    const device = await camera();
    await expect(device.save('1700000000-1700000061.mp4', memorySink())).rejects.toMatchObject({
      code: 'device/no-such-file',
    });
    const full: DownloadSink = { ...memorySink(), size: 0, write: () => Promise.reject(new Error('full')) };
    await expect(device.save(FILE, full)).rejects.toThrow('full');
    expect((await device.inner('get_device_st', { type: 'live' })).type, 'the connection lives on').toBe('success');
    device.close();
  });
});
