/**
 * Who vouches for which segment. A seal is believed when a key that the page knows has signed the list it came in; what
 * is remembered is limited, the oldest goes first.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import { type Fault, fault } from '../errors.ts';
import { keyOf, type SegmentKey } from '../wire/hls-link.ts';
import { type HlsPlace, readPlaylistSeals, type SegmentSeal, type SignedSeals, sealedText } from '../wire/hls-seal.ts';
import { HLS_SEALS_MAX } from '../wire/limits.ts';

/** A seal that is believed. */
export interface KnownSeal {
  readonly seal: SegmentSeal;
  /** What can be shown to others: a signature over this seal alone, or an empty one where it came in a playlist. */
  readonly signed: SignedSeals;
}

const NO_SIGNATURE = new Uint8Array(0);

export class SealBook {
  readonly #core: ByteCore;
  readonly #keys: readonly Uint8Array[];
  readonly #place: HlsPlace;
  readonly #seals = new Map<SegmentKey, KnownSeal>();

  constructor(core: ByteCore, keys: readonly Uint8Array[], place: HlsPlace) {
    this.#core = core;
    this.#keys = keys;
    this.#place = place;
  }

  get size(): number {
    return this.#seals.size;
  }

  of(key: SegmentKey): KnownSeal | undefined {
    return this.#seals.get(key);
  }

  /** Takes the seals of a playlist, `resolve` makes names of its URIs; the keys, or why they are not believed. */
  takePlaylist(
    path: string,
    text: string,
    resolve: (uri: string) => string | undefined,
  ): readonly SegmentKey[] | Fault {
    const list = readPlaylistSeals(text);
    if (list === undefined) return [];
    if ('kind' in list) return list;
    // A list of another stream has true seals too, of segments with the same names.
    if (this.#place !== 'own' || list.place === '' || !path.includes(list.place)) return fault('hls/bad-seal', 'place');
    if (!this.#isSigned(list)) return fault('hls/bad-seal', 'signature of a playlist');
    const keys: SegmentKey[] = [];
    for (const seal of list.seals) {
      const name = resolve(seal.name);
      if (name === undefined) continue;
      const own = { ...seal, name };
      keys.push(this.#keep({ seal: own, signed: { place: list.place, seals: [own], signature: NO_SIGNATURE } }));
    }
    return keys;
  }

  /** Takes one seal with a signature of its own: a witness's. */
  takeSigned(signed: SignedSeals): SegmentKey | Fault {
    const [seal] = signed.seals;
    if (seal === undefined || signed.place !== '' || !this.#isSigned(signed)) {
      return fault('hls/bad-seal', 'signature of a segment');
    }
    return this.#keep({ seal, signed });
  }

  #isSigned({ place, seals, signature }: SignedSeals): boolean {
    const text = sealedText(place, seals);
    return this.#keys.some((key) => this.#core.verify(key, text, signature));
  }

  #keep(known: KnownSeal): SegmentKey {
    const key = keyOf((bytes) => this.#core.blake3(bytes), known.seal.name);
    this.#seals.delete(key);
    this.#seals.set(key, known);
    if (this.#seals.size > HLS_SEALS_MAX) this.#seals.delete(this.#seals.keys().next().value ?? '');
    return key;
  }
}
