import { expect, it } from 'vitest';
import type { DeviceTalk } from '../device/device.ts';
import { TalkQueue } from './talk-queue.ts';

it('drops what a slow device has no room for, and brings the rest in order', async () => {
  const written: number[] = [];
  let room: () => void = () => undefined;
  const hasRoom = new Promise<void>((resolve) => {
    room = resolve;
  });
  const talk: DeviceTalk = {
    status: 200,
    headers: {},
    over: new Promise(() => undefined),
    stop: () => undefined,
    end: async () => void written.push(-1),
    async write(bytes) {
      await hasRoom;
      written.push(bytes[0] ?? 0);
    },
  };
  const dropped: number[] = [];
  const queue = new TalkQueue(talk, (bytes) => dropped.push(bytes));
  for (let at = 0; at < 40; at++) queue.add(new Uint8Array(4096).fill(at));
  expect(dropped).toHaveLength(8);
  room();
  await queue.end();
  expect(written).toEqual([...Array.from({ length: 32 }, (_, at) => at), -1]);
});
