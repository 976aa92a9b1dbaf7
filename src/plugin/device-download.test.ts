import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memorySink } from '../device/download-sink.ts';
import { codeOf, DoorStage, FILE, sha, soon } from './testing/door-stage.ts';

let door: DoorStage;
beforeEach(async () => {
  door = await DoorStage.open();
});
afterEach(() => door.close());

describe('a download', () => {
  const events: string[] = [];
  const callbacks = {
    onHeadersReceived: (response?: { readonly status?: number }) => void events.push(`headers ${response?.status}`),
    onSuccess: () => void events.push('success'),
    onFailure: () => void events.push('failure'),
    onError: () => void events.push('error'),
    onComplete: () => void events.push('complete'),
  };
  const urlParams = `channel=0&file_name=${FILE}`;
  beforeEach(() => {
    events.length = 0;
  });

  it('that was stopped goes on where its sink ends, byte for byte', async () => {
    const file = randomBytes(3_000_000);
    writeFileSync(join(door.stage.folder, FILE), file);
    const { info } = await door.device();
    await door.start(info);
    const sink = memorySink();
    const progress: number[] = [];
    const onProgress = ({
      received,
      total,
    }: {
      readonly received: number;
      readonly total: number | undefined;
    }): void => {
      expect(total).toBe(file.length);
      progress.push(received);
      if (received > 1_000_000 && events.length < 2) door.plugin.stopLocalDownload('a');
    };
    expect(await door.plugin.startLocalDownload('a', { urlParams, sink }, { ...callbacks, onProgress })).toBe(0);
    expect(await codeOf(door.plugin.startLocalDownload('a', { urlParams, sink }, callbacks))).toBe(-2401);
    await soon(() => expect(events).toEqual(['headers 200', 'complete']));
    expect(sink.size).toBeLessThan(file.length);
    expect(await door.plugin.startLocalDownload('a', { urlParams, sink }, { ...callbacks, onProgress })).toBe(0);
    await soon(() => expect(events.slice(2)).toEqual(['headers 206', 'success', 'complete']));
    expect(progress.at(-1)).toBe(file.length);
    expect(sha(new Uint8Array(await sink.blob().arrayBuffer()))).toBe(sha(file));
  });

  it('waits for whoever takes its chunks', async () => {
    writeFileSync(join(door.stage.folder, FILE), randomBytes(500_000));
    const { info } = await door.device();
    await door.start(info);
    let waiting = 0;
    const onReceiveChunk = async (): Promise<void> => {
      expect(++waiting).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      waiting -= 1;
    };
    expect(await door.plugin.startLocalDownload('a', { urlParams }, { ...callbacks, onReceiveChunk })).toBe(0);
    await soon(() => expect(events.slice(1)).toEqual(['success', 'complete']));
  });

  it('of what is not there is -2701 after failure and complete; a lost one says error and complete', async () => {
    const { agent, info } = await door.device();
    await door.start(info);
    const onReceiveChunk = (): void => undefined;
    expect(await codeOf(door.plugin.startLocalDownload('a', { urlParams }, { ...callbacks, onReceiveChunk }))).toBe(
      -2701,
    );
    expect(events).toEqual(['headers 404', 'failure', 'complete']);
    events.length = 0;
    writeFileSync(join(door.stage.folder, FILE), randomBytes(20_000_000));
    const cut = { ...callbacks, onReceiveChunk: () => agent.close() };
    expect(await door.plugin.startLocalDownload('a', { urlParams }, cut)).toBe(0);
    await soon(() => expect(events).toEqual(['headers 200', 'error', 'complete']));
  });

  it('ends its service if the page wants it so, and refuses an offset that its sink does not have', async () => {
    writeFileSync(join(door.stage.folder, FILE), randomBytes(10_000));
    const { info } = await door.device();
    await door.start(info);
    const sink = memorySink();
    const at = (params: string) =>
      door.plugin.startLocalDownload('a', { urlParams: params, sink, closesService: true }, callbacks);
    expect(await codeOf(at(`${urlParams}&offset=5`))).toBe(-2000);
    expect(await at(`${urlParams}&offset=0`)).toBe(0);
    await soon(() => expect(events.at(-1)).toBe('complete'));
    expect(await codeOf(door.plugin.sendCommand('a', 'action=user_define&cmd=x'))).toBe(-2403);
  });
});
