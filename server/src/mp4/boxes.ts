// The building blocks of MP4: boxes, which are lengths, names and contents.

/** What a box is made of. */
export type BoxPart = Uint8Array;

/** A box of a kind, four letters. */
export const box = (kind: string, ...parts: readonly BoxPart[]): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 8));
  header.write(kind, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
};

/** A box with a version and flags. */
export const fullBox = (
  kind: string,
  { version = 0, flags = 0 }: { readonly version?: number; readonly flags?: number },
  ...parts: readonly BoxPart[]
): Buffer => box(kind, u32(((version << 24) | flags) >>> 0), ...parts);

/** 32-bit numbers. */
export const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, at * 4);
  return bytes;
};

/** 16-bit numbers. */
export const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value & 0xffff, at * 2);
  return bytes;
};

/** A 64-bit number. */
export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(Math.max(0, Math.round(value))));
  return bytes;
};

/** So many zeros. */
export const zeros = (count: number): Buffer => Buffer.alloc(count);

/** Letters. */
export const letters = (text: string): Buffer => Buffer.from(text, 'latin1');
