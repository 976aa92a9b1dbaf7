/**
 * The plugin surface in Node, and a real device that it can reach: everything but the browser.
 */
import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { AgentParts } from '../../../server/agent/device-agent.ts';
import { DeviceStage } from '../../../server/agent/testing/stage.ts';
import { Device } from '../../device/device.ts';
import type { DeviceRight } from '../../wire/device-info.ts';
import type { P2PModule, StreamInfo } from '../face.ts';
import { Plugin } from '../module.ts';
import { FakePluginWorld } from './fake-plugin-world.ts';

export const HOUR_MS = 3_600_000;
export const URL_OF_DEVICE = 'http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?action=live&channel=0&quality=high';
/** A file as devices name them. */
export const FILE = '1700000000-1700000060.mp4';

const APP_PARAMS = { appOauthId: 'oauth', appKey: 'the-app-key', appSecretKey: 'a-secret', appPackage: 'package' };
/** Long on a busy machine. */
const SOON = { interval: 5 };

export const sha = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** What a call was refused with, or what it resolved with. */
export const codeOf = async (answer: Promise<unknown>): Promise<unknown> => answer.catch(({ errcode }) => errcode);

export const soon = <T>(check: () => T): Promise<T> => vi.waitFor(check, SOON);

/** See above. */
export class DoorStage {
  readonly stage: DeviceStage;
  readonly world = new FakePluginWorld();
  readonly plugin: P2PModule = new Plugin(() => this.world);
  /** Notifications of all services in order; data in a row is one entry. */
  readonly heard: string[] = [];
  bytes = 0;

  private constructor(stage: DeviceStage) {
    this.stage = stage;
    this.world.connectDevice = (options) => new Device(options, stage.world);
  }

  static async open(options: Parameters<typeof DeviceStage.open>[0] = {}): Promise<DoorStage> {
    const door = new DoorStage(await DeviceStage.open(options));
    await door.plugin.init({ appParams: APP_PARAMS });
    return door;
  }

  readonly msgCallback = (event: string, subtype: string): void => {
    if (event === 'notify') this.heard.push(subtype);
  };

  readonly dataCallback = (data: ArrayBuffer): void => {
    if (this.heard.at(-1) !== 'data') this.heard.push('data');
    this.bytes += data.byteLength;
  };

  /** A device, and what a page says to reach it. */
  async device(change: Partial<AgentParts> = {}, rights?: readonly DeviceRight[]) {
    const agent = await this.stage.device(change);
    await agent.ready;
    const xp2pInfo = agent.issue(HOUR_MS, rights);
    const info: StreamInfo = { url: URL_OF_DEVICE, productId: 'cam', deviceName: 'door', xp2pInfo };
    return { agent, info };
  }

  /** Starts service `a` without a pull. */
  async start(info: StreamInfo): Promise<void> {
    expect(await this.plugin.startP2PService('a', info, { msgCallback: this.msgCallback })).toBe(0);
  }

  async close(): Promise<void> {
    this.plugin.destroy();
    await this.stage.close();
  }
}
