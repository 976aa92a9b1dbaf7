/**
 * How many bytes of media a stream of HLS makes: what one viewer without neighbours would load. Read off the seals of its
 * playlist, so that measuring costs no media.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readPlaylistSeals } from '../../src/wire/hls-seal.ts';

const EVERY_MS = 500;

export class MediaMeter {
  readonly #playlist: string;
  readonly #segments = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(playlist: string) {
    this.#playlist = playlist;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
  }

  /** Bytes of all whole segments seen so far. */
  get bytes(): number {
    return [...this.#segments.values()].reduce((sum, length) => sum + length, 0);
  }

  /** Resolves when so many segments have been made. */
  async until(segments: number): Promise<void> {
    while (this.#segments.size < segments) await sleep(EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const response = await fetch(this.#playlist);
      const seals = readPlaylistSeals(await response.text());
      if (seals === undefined || 'kind' in seals) return;
      for (const { name, length } of seals.seals) if (isWhole(name)) this.#segments.set(name, length);
    } catch {
      // The stream is just being started or ended; the next look will do.
    }
  }
}

/** Parts are numbered behind the name of their segment. */
const isWhole = (name: string): boolean => name.endsWith('.m4s') && !/\.\d+\.m4s$/.test(name);
