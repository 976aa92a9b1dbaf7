// A small seeded generator for tests (mulberry32): the same seed gives the same bytes on every machine.

/** Seeded dice. */
export interface Random {
  /** A whole number of 0 .. below - 1. */
  below(limit: number): number;
  /** A number of 0 .. 1. */
  fraction(): number;
  /** Bytes of 1 .. 255: never zero, so they need no emulation prevention. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** Makes dice from a seed. */
export const random = (seed: number): Random => {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  };
  return {
    below: (limit) => Math.floor((word() / 0x1_0000_0000) * limit),
    fraction: () => word() / 0x1_0000_0000,
    bytes: (length) => {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at++) bytes[at] = 1 + (word() % 255);
      return bytes;
    },
  };
};
