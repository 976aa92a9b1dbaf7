// Makes the meeting places of all processes one: where each device is stands in the store while it is there, and what a
// page says to a device elsewhere goes over a channel of the process that the device is at. While the store is away pages
// reach the devices of their own process; links that are open need neither.

import type { DevicePlace, FarInput, FarOutput } from '../../../src/core/meeting/elsewhere.ts';
import { encodeMeeting } from '../../../src/wire/device.ts';
import type { Clock, Timer } from '../clock.ts';
import { readDeviceMail } from './device-mail.ts';
import { deviceChannel, deviceKey } from './names.ts';
import type { SharedStore } from './shared-store.ts';

/** What it works with. */
export interface DeviceExchangeParts {
  readonly store: SharedStore;
  readonly clock: Clock;
  /** The name of this process among the others. */
  readonly node: string;
  /** Tells our meeting place. */
  tell(input: FarInput): void;
  /** A process has been heard of. */
  heard(node: string): void;
}

const LIFE_MS = 60_000;
const KEEP_MS = 20_000;

/** See above. */
export class DeviceExchange {
  readonly #parts: DeviceExchangeParts;
  readonly #devices = new Set<DevicePlace>();
  #keeping: Timer | undefined;
  #unwatch: () => void = () => undefined;

  constructor(parts: DeviceExchangeParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { store, node } = this.#parts;
    this.#unwatch = store.watch((state) => {
      if (state === 'ready') for (const device of this.#devices) void this.#came(device);
    });
    this.#keep();
    await store.listen(deviceChannel(node), (text) => this.#open(text)).catch(() => undefined);
    // Devices may have come before the channel was there.
    for (const device of this.#devices) void this.#came(device);
  }

  /** What our meeting place has to say. */
  take(output: FarOutput): void {
    const { store, node } = this.#parts;
    switch (output.kind) {
      case 'device-came':
        this.#devices.add(output.device);
        void this.#came(output.device);
        return;
      case 'device-left':
        this.#devices.delete(output.device);
        // It may stand there as another process's by now.
        store.drop(deviceKey(output.device), node).catch(() => undefined);
        return;
      case 'find':
        void this.#find(output);
        return;
      case 'carry':
        void this.#post(output.node, {
          kind: 'said',
          connection: output.connection,
          text: encodeMeeting(output.request),
        });
        return;
      case 'carry-back':
        void this.#post(output.node, {
          kind: 'answer',
          connection: output.connection,
          text: encodeMeeting(output.answer),
        });
    }
  }

  /** Takes our devices out of the store. */
  async close(): Promise<void> {
    const { store, node } = this.#parts;
    this.#unwatch();
    this.#keeping?.cancel();
    const gone = [...this.#devices].map((device) => store.drop(deviceKey(device), node).catch(() => false));
    this.#devices.clear();
    await Promise.all(gone);
  }

  /** The process it was at before may take its old connection for alive. */
  async #came(device: DevicePlace): Promise<void> {
    const { store, node } = this.#parts;
    try {
      const before = await store.read(deviceKey(device));
      if (!this.#devices.has(device)) return;
      await store.write(deviceKey(device), node, LIFE_MS);
      if (before !== undefined && before !== node) await this.#post(before, { kind: 'moved', device });
    } catch {
      // It is written when the store is back.
    }
  }

  async #find({ connection, device, info }: Extract<FarOutput, { kind: 'find' }>): Promise<void> {
    const { store, node: self, tell, heard } = this.#parts;
    const node = await store.read(deviceKey(device)).catch(() => undefined);
    if (node !== undefined && node !== self) heard(node);
    tell({ kind: 'found', connection, info, node: node === self ? undefined : node });
  }

  /** A process that nobody listens at is gone. */
  async #post(to: string, mail: Readonly<Record<string, string | number>>): Promise<void> {
    const { store, node, tell } = this.#parts;
    const heard = await store.publish(deviceChannel(to), JSON.stringify({ ...mail, node })).catch(() => undefined);
    if (heard === 0) tell({ kind: 'node-gone', node: to });
  }

  #open(text: string): void {
    const mail = readDeviceMail(text);
    if (mail === undefined) return;
    if ('node' in mail) this.#parts.heard(mail.node);
    this.#parts.tell(mail);
  }

  #keep(): void {
    this.#keeping = this.#parts.clock.after(KEEP_MS, () => {
      this.#keep();
      this.#parts.store.prolong([...this.#devices].map(deviceKey), LIFE_MS).catch(() => undefined);
    });
  }
}
