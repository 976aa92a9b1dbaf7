// Who reads the playlists of a stream. Segments have one address for everybody, so that caches can keep them, and it holds no
// token: a segment is counted for whoever reads the playlist from the same place.

import { NOBODY, type Payer } from './app-gate.ts';

const READERS_MAX = 50_000;
const STREAMS_MAX = 10_000;

/** See above. */
export class PlaylistReaders {
  readonly #byPlace = new Map<string, Payer>();
  /** The only app that reads the playlists of a stream; undefined where several do. */
  readonly #byStream = new Map<string, string | undefined>();

  /** Somebody who was let in has read a playlist. */
  note(path: string, ip: string, payer: Payer): void {
    if (payer.app === NOBODY.app) return;
    keep(this.#byPlace, placeOf(path, ip), { value: payer, most: READERS_MAX });
    const isOnly = !this.#byStream.has(path) || this.#byStream.get(path) === payer.app;
    keep(this.#byStream, path, { value: isOnly ? payer.app : undefined, most: STREAMS_MAX });
  }

  /** For whom a segment is counted: a cache reads segments and no playlists. */
  of(path: string, ip: string): Payer {
    const app = this.#byStream.get(path);
    return this.#byPlace.get(placeOf(path, ip)) ?? (app === undefined ? NOBODY : { app, viewer: undefined });
  }
}

const placeOf = (path: string, ip: string): string => `${ip} ${path}`;

/** The oldest makes room for the newest. */
const keep = <T>(
  map: Map<string, T>,
  name: string,
  { value, most }: { readonly value: T; readonly most: number },
): void => {
  map.delete(name);
  map.set(name, value);
  const oldest = map.keys().next().value;
  if (map.size > most && oldest !== undefined) map.delete(oldest);
};
