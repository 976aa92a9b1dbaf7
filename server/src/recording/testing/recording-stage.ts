// A server that records, and its customer.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RoomClient } from '../../bypass/testing/room-client.ts';
import type { RecordedEvent, ScreenshotEvent } from '../../callbacks/events.ts';
import { startCustomer } from '../../callbacks/testing/events.ts';
import type { ServerConfig, ServerSeams } from '../../index.ts';
import { freshFolder } from '../../testing/folders.ts';
import { startServer } from '../../testing/servers.ts';

/** What a stage can be given. */
export interface StageOptions {
  /** Fields of the app. */
  readonly app?: object;
  readonly options?: Partial<ServerConfig>;
  readonly seams?: ServerSeams;
}

/** Starts both. */
export const recordingStage = async ({ app = {}, options = {}, seams = {} }: StageOptions = {}) => {
  const customer = await startCustomer();
  const dataDir = freshFolder('recording');
  const file = join(dataDir, 'apps.json');
  const callback = { url: customer.url, key: 'key' };
  writeFileSync(file, JSON.stringify([{ bizid: 8888, callback, ...app }]));
  const config = {
    bypass: file,
    publish: 'off',
    rtmpPort: 'off',
    dataDir,
    recordFreeMegabytes: 0,
    ...options,
  } as const;
  const server = await startServer(config, seams);
  /** The callback of a recorded file. */
  const recorded = async (format: string): Promise<RecordedEvent> => {
    const { event } = await customer.inbox.first(
      (received) => received.event.event_type === 100 && received.event.file_format === format,
    );
    return event as RecordedEvent & typeof event;
  };
  /** The callback of a screenshot. */
  const pictured = async (): Promise<ScreenshotEvent> => {
    const { event } = await customer.inbox.first((received) => received.event.event_type === 200);
    return event as ScreenshotEvent & typeof event;
  };
  const api = `${server.url}/bypass/8888`;
  return { customer, config, server, dataDir, recorded, pictured, api };
};

/** Opens a track, sends its first second, and waits until it is pushed. */
export const publishAndPush = async (publisher: RoomClient) => {
  const published = await publisher.publish();
  published.publisher.sendUntil(1000);
  await publisher.pushIs('running');
  return published;
};
