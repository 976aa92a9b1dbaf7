// Servers of one cluster: in this process over a hub in memory, or each in a process of its own.

import { onTestFinished } from 'vitest';
import { systemClock } from '../../clock.ts';
import type { ServerConfig, ShoalServer } from '../../index.ts';
import { ServerProcess } from '../../testing/server-process.ts';
import { startServer } from '../../testing/servers.ts';
import { MemoryHub, MemoryStore } from '../memory-store.ts';

/** So that no server waits for another one's. */
const SEED = new Uint8Array(32).fill(9);

/** A cluster in this process. */
export class LocalCluster {
  readonly hub = new MemoryHub(systemClock());

  start(options: Partial<ServerConfig> = {}): Promise<ShoalServer> {
    return startServer(options, { store: new MemoryStore(this.hub), signingSeed: SEED });
  }
}

/** A server in a process of its own, killed when the test is over. */
export const startProcess = async (flags: readonly string[], port = 0): Promise<ServerProcess> => {
  const server = await ServerProcess.start(flags, port);
  onTestFinished(() => server.kill());
  return server;
};
