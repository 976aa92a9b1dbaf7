/**
 * Everything one viewer's ports told it, in order: enough to run the same viewer again, anywhere, as fast as it can.
 * It travels as one buffer: a description in JSON, then all bytes one behind the other.
 */
import type { Lane } from '../../src/viewer/ports.ts';

/** One word of a port. Bytes lie in the blob. */
export type Told =
  | { readonly kind: 'start' | 'wake' | 'origin-opened' | 'tracker-opened'; readonly at: number }
  | { readonly kind: 'origin-frame'; readonly at: number; readonly bytes: number }
  | { readonly kind: 'tracker-said'; readonly at: number; readonly text: string }
  | { readonly kind: 'signal'; readonly at: number; readonly link: number; readonly data: string }
  | {
      readonly kind: 'link-opened';
      readonly at: number;
      readonly link: number;
      readonly own: number[];
      theirs: number[];
    }
  | {
      readonly kind: 'message';
      readonly at: number;
      readonly link: number;
      readonly lane: Lane;
      readonly bytes: number;
    }
  | { readonly kind: 'link-closed'; readonly at: number; readonly link: number };

/** A viewer's life as it was told. */
export interface Recording {
  readonly told: readonly Told[];
  /** What its cryptographic dice gave, in order. */
  readonly dice: readonly (readonly number[])[];
  readonly originKey: readonly number[];
  readonly seed: number;
  readonly uploadBytesPerSec: number;
  readonly wallLessNowMs: number;
  /** What is timed begins here, ms on the viewer's clock. */
  readonly windowFrom: number;
  readonly windowTo: number;
  /** Bytes of pieces it sent in the window, as recorded: a replay that sends another amount is another life. */
  readonly sentBytes: number;
  readonly links: number;
}

/** Packs a recording and its bytes. */
export const packRecording = (recording: Recording, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(JSON.stringify(recording));
  const total = parts.reduce((sum, part) => sum + part.length, 0);
  const packed = new Uint8Array(4 + text.length + total);
  new DataView(packed.buffer).setUint32(0, text.length);
  packed.set(text, 4);
  let at = 4 + text.length;
  for (const part of parts) {
    packed.set(part, at);
    at += part.length;
  }
  return packed;
};

/** The other way. */
export const unpackRecording = (packed: Uint8Array): { recording: Recording; blob: Uint8Array } => {
  const length = new DataView(packed.buffer, packed.byteOffset).getUint32(0);
  const text = new TextDecoder().decode(packed.subarray(4, 4 + length));
  return { recording: JSON.parse(text) as Recording, blob: packed.subarray(4 + length) };
};
