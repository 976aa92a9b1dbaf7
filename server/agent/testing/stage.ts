// A server, a device and pages without a browser: everything real but the screen.

import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import type { Exchange } from '../../../src/carrier/exchange.ts';
import { createNodeCallPeer as createPeer } from '../../../src/carrier/node/datachannel-peer.ts';
import type { OpenSocket } from '../../../src/carrier/socket-face.ts';
import { Device } from '../../../src/device/device.ts';
import { DeviceConnection } from '../../../src/device/device-connection.ts';
import type { DeviceWorld } from '../../../src/device/device-world.ts';
import type { LastingOptions } from '../../../src/device/lasting-connection.ts';
import { ByteCore } from '../../../wasm/abi.ts';
import { samplePath } from '../../src/assets.ts';
import { systemClock } from '../../src/clock.ts';
import { createServer, type ServerConfig, type ShoalServer } from '../../src/index.ts';
import { makeLog, silentSink } from '../../src/log.ts';
import { startFile } from '../../src/sources/file.ts';
import { type AgentParts, DeviceAgent } from '../device-agent.ts';
import { DeviceIdentity } from '../device-identity.ts';
import { Recordings } from '../recordings.ts';

const openSocket: OpenSocket = (address) => new WebSocket(address);

/** A server with devices around it. */
export class DeviceStage {
  readonly server: ShoalServer;
  readonly core: ByteCore;
  readonly folder = mkdtempSync(join(tmpdir(), 'shoal-device-'));
  readonly #agents: DeviceAgent[] = [];
  readonly #connections: { close(): void }[] = [];

  private constructor(server: ShoalServer, core: ByteCore) {
    this.server = server;
    this.core = core;
  }

  static async open(options: Partial<ServerConfig> = {}): Promise<DeviceStage> {
    const server = await createServer({ host: '127.0.0.1', port: 0, ...options });
    const wasm = await readFile(new URL('../../../wasm/dist/shoal.wasm', import.meta.url));
    return new DeviceStage(server, await ByteCore.load(wasm));
  }

  get meeting(): string {
    return `${this.server.url.replace('http', 'ws')}/devices`;
  }

  async device(
    change: Partial<AgentParts> & { readonly seed?: number; readonly deviceName?: string } = {},
  ): Promise<DeviceAgent> {
    const { seed = 1, deviceName = 'door', ...parts } = change;
    const clock = systemClock();
    const agent = new DeviceAgent({
      core: this.core,
      clock,
      log: makeLog(silentSink(), false, () => clock.wall()),
      identity: new DeviceIdentity(this.core, new Uint8Array(32).fill(seed), { productId: 'cam', deviceName }),
      openSocket,
      createPeer,
      restartsIce: false,
      meeting: this.meeting,
      iceServers: [],
      liveOf: (channel) =>
        channel === 0 ? { name: 'sample', start: (events) => startFile(samplePath(), clock, events) } : undefined,
      recordings: { folder: this.folder, index: new Recordings(this.folder) },
      voice: undefined,
      hook: undefined,
      callersMax: 4,
      viewersMax: 4,
      shared: new Map(),
      random: Math.random,
      ...parts,
    });
    this.#agents.push(agent);
    return agent;
  }

  /** The world of a page, in Node. */
  get world(): DeviceWorld {
    return {
      openSocket,
      createPeer,
      verify: async (key, message, signature) => this.core.verify(key, message, signature),
      watchNetwork: () => () => undefined,
      wallMs: () => Date.now(),
    };
  }

  page(info: string, withinMs?: number): DeviceConnection {
    const connection = new DeviceConnection(this.world, { info, ...(withinMs === undefined ? {} : { withinMs }) });
    this.#connections.push(connection);
    return connection;
  }

  /** A page's device, as its own code has it. */
  camera(options: LastingOptions): Device {
    const device = new Device(options, this.world);
    this.#connections.push(device);
    return device;
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    for (const agent of this.#agents) agent.close();
    await this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The bytes of an exchange until there are so many, or it ends. */
export const bytesOf = async (exchange: Exchange, most = Number.POSITIVE_INFINITY): Promise<Buffer> => {
  const reader = exchange.body.getReader();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < most) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    bytes += value.length;
  }
  reader.releaseLock();
  return Buffer.concat(parts);
};
