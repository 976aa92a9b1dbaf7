/**
 * The connection of a service to its device: made with the service, so that the first picture need not wait for it, and
 * made anew by whatever is asked after one has ended.
 */
import type { Device } from '../device/device.ts';
import type { LastingOptions } from '../device/lasting-connection.ts';
import type { ShoalError } from '../errors.ts';

/** Makes a connection. */
export type ConnectDevice = (options: LastingOptions) => Device;

/** How to reach a device. */
export type LineOptions = Omit<LastingOptions, 'returnWithinMs'>;

/** What happens to connections; nothing after `close`. */
export interface LineEvents {
  connected(): void;
  /** The connection of that number has ended, or could not be made. */
  lost(why: ShoalError, connection: number): void;
}

/** See above. */
export class DeviceLine {
  readonly #connect: () => Device;
  readonly #events: LineEvents;
  #device: Device | undefined;
  #connection = 0;
  #state: 'open' | 'closed' = 'open';

  /** Throws what a connection throws that cannot even be tried. */
  constructor(connect: ConnectDevice, options: LineOptions, events: LineEvents) {
    // A page of these documents is told of each break, and decides itself.
    this.#connect = () => connect({ ...options, returnWithinMs: 0 });
    this.#events = events;
    this.#dial();
  }

  /** Number of the latest connection. */
  get connection(): number {
    return this.#connection;
  }

  /** The device, over a connection that has not ended. */
  get device(): Device {
    return this.#device ?? this.#dial();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#device?.close();
  }

  #dial(): Device {
    const device = this.#connect();
    const connection = ++this.#connection;
    this.#device = device;
    device.opened.then(
      () => this.#state === 'open' && this.#events.connected(),
      // `closed` says the same.
      () => undefined,
    );
    void device.closed.then((why) => {
      if (this.#device === device) this.#device = undefined;
      if (this.#state === 'open') this.#events.lost(why, connection);
    });
    return device;
  }
}
