/**
 * Voice on its way to a device: pieces are written one after another, and what a device is too slow for is dropped
 * rather than told minutes late.
 */
import type { DeviceTalk } from '../device/device.ts';

/** Some seconds of PCM. */
const WAITING_BYTES_MAX = 128 * 1024;

/** See above. */
export class TalkQueue {
  readonly #talk: DeviceTalk;
  readonly #dropped: (bytes: number) => void;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** `dropped` hears of bytes that there was no room for. */
  constructor(talk: DeviceTalk, dropped: (bytes: number) => void) {
    this.#talk = talk;
    this.#dropped = dropped;
  }

  add(bytes: Uint8Array): void {
    if (this.#waiting + bytes.length > WAITING_BYTES_MAX) return this.#dropped(bytes.length);
    this.#waiting += bytes.length;
    this.#last = this.#last.then(async () => {
      await this.#talk.write(bytes);
      this.#waiting -= bytes.length;
    });
    // The talk's own end says why.
    this.#last.catch(() => undefined);
  }

  /** Resolves when the device has taken everything; rejects when it will not. */
  async end(): Promise<void> {
    await this.#last;
    await this.#talk.end();
  }
}
