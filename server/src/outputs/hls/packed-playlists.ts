// Playlists with parts are asked for three times a second by everybody: packed they are a fraction of that. Everybody who
// waited for the same part gets the same text, so it is packed once.

import type { OutgoingHttpHeaders } from 'node:http';
import { gzipSync } from 'node:zlib';

/** A playlist as it is sent. */
export interface PackedPlaylist {
  readonly body: Buffer;
  readonly headers: OutgoingHttpHeaders;
}

const KEPT_MAX = 64;
const VARY = { vary: 'accept-encoding' };

/** See above. */
export class PackedPlaylists {
  readonly #packed = new Map<string, Buffer>();

  /** A text for a reader that takes these encodings. */
  of(text: string, encodings: string | undefined): PackedPlaylist {
    if (!/\bgzip\b(?!;q=0(\.0+)?(,|$))/.test(encodings ?? '')) return { body: Buffer.from(text), headers: VARY };
    const body = this.#packed.get(text) ?? gzipSync(text);
    this.#packed.delete(text);
    this.#packed.set(text, body);
    if (this.#packed.size > KEPT_MAX) this.#packed.delete(this.#packed.keys().next().value ?? '');
    return { body, headers: { ...VARY, 'content-encoding': 'gzip' } };
  }
}
