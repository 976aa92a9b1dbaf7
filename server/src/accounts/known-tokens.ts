// Join tokens that were found to be ours: a viewer's neighbours show the same token with every hand-in, and a signature is
// the dearest thing there is to check.

/** See above. */
export class KnownTokens {
  readonly #isOurs: (token: Uint8Array) => boolean;
  readonly #max: number;
  readonly #known = new Set<string>();

  constructor(isOurs: (token: Uint8Array) => boolean, max = 50_000) {
    this.#isOurs = isOurs;
    this.#max = max;
  }

  /** Whether a token is ours; the whole of it is looked at, so that no part of a good one lends itself to another. */
  isOurs(token: Uint8Array): boolean {
    const name = Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString('latin1');
    if (this.#known.delete(name)) {
      this.#known.add(name);
      return true;
    }
    if (!this.#isOurs(token)) return false;
    this.#known.add(name);
    const oldest = this.#known.values().next().value;
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
    return true;
  }
}
