/**
 * The piece path and its single steps, to be timed side by side: first on staged bytes (copy in, BLAKE3, ChaCha20, copy
 * out to a buffer that is used again), then as the product does it (a store that admits, plays and hands out clear
 * FLV), and WebCrypto's nearest equivalents.
 */
import type { ByteCore, Kernels } from '../../wasm/abi.ts';
import type { Variant } from '../harness/rounds.ts';

const GENERATION = 0;
const REPEATS = 16;

/** A stream as its origin cut it. */
export interface CutStream {
  readonly stream: Uint8Array;
  readonly epoch: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly contentKey: Uint8Array;
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
}

/** Cuts FLV as a live origin would, up to the last piece that is due; it arrives at the given rate. */
export const cutAll = (core: ByteCore, chunks: readonly Uint8Array[], bytesPerMs: number): CutStream => {
  const fill = (length: number, value: number) => new Uint8Array(length).fill(value);
  const signingSeed = fill(32, 1);
  const contentSecret = fill(32, 2);
  const stream = fill(32, 3);
  const epoch = fill(10, 4);
  const cutter = core.createCutter({ stream, epoch, signingSeed, contentSecret, generation: GENERATION });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let now = 1_700_000_000_000;
  const take = (): void => {
    for (let event = cutter.next(); event !== undefined; event = cutter.next()) {
      if (event.kind === 'fault') throw new Error(`the cutter refused the stream: ${event.code}`);
      if (event.kind === 'piece') pieces.push(event.wire);
    }
  };
  for (const chunk of chunks) {
    const arrived = now + chunk.length / bytesPerMs;
    for (let due = cutter.nextDueMs(); due !== undefined && due <= arrived; due = cutter.nextDueMs()) {
      cutter.tick(due);
      take();
    }
    now = arrived;
    cutter.push(chunk, now);
    take();
  }
  cutter.free();
  const contentKey = core.contentKey(contentSecret, epoch, GENERATION);
  return { stream, epoch, publicKey: core.publicKey(signingSeed), contentKey, pieces };
};

/** The steps on staged bytes, each alone, and one after the other. */
export const kernelVariants = (core: ByteCore, pieceBytes: number): Readonly<Record<string, Variant>> => {
  const kernels = core.kernels();
  const piece = new Uint8Array(pieceBytes).map((_, index) => index * 7);
  const pooled = new Uint8Array(pieceBytes);
  kernels.copyIn(piece);
  return {
    copyIn: repeat(pieceBytes, () => kernels.copyIn(piece)),
    blake3: repeat(pieceBytes, () => kernels.blake3(pieceBytes)),
    chacha20: repeat(pieceBytes, () => kernels.chacha20(pieceBytes)),
    copyOut: repeat(pieceBytes, () => kernels.copyOut(pooled)),
    piecePath: repeat(pieceBytes, () => {
      kernels.copyIn(piece);
      kernels.blake3(pieceBytes);
      kernels.chacha20(pieceBytes);
      kernels.copyOut(pooled);
    }),
  };
};

const repeat =
  (bytes: number, work: () => void): Variant =>
  () => {
    for (let time = 0; time < REPEATS; time++) work();
    return bytes * REPEATS;
  };

/** Ed25519 alone, counted in signatures and, as a step of the piece path, in piece bytes. */
export const verifyVariants = (core: ByteCore, pieceBytes: number): Readonly<Record<string, Variant>> => {
  const kernels: Kernels = core.kernels();
  const seed = new Uint8Array(32).fill(9);
  const message = new Uint8Array(14 + 32 + 10 + 28 + 32);
  const publicKey = core.publicKey(seed);
  const signature = core.sign(seed, message);
  const verifyOnce = (): void => {
    if (!kernels.verify(publicKey, signature, message)) throw new Error('a good signature was refused');
  };
  return {
    verify: () => {
      for (let time = 0; time < REPEATS; time++) verifyOnce();
      return pieceBytes * REPEATS;
    },
  };
};

/** The product's path: admit (with its signature), play, take clear FLV in a fresh buffer. */
export const storeVariant = (core: ByteCore, cut: CutStream): Variant => {
  let bytes = 0;
  return () => {
    const store = core.createStore({ ...cut, capBytes: 4 * 1024 * 1024 });
    store.setKey(GENERATION, cut.contentKey);
    bytes = 0;
    const pieces = cut.pieces.slice(0, 200);
    pieces.forEach((piece, sequence) => {
      if (store.admit([piece]) !== 'ok' || store.play(sequence) !== 'ok')
        throw new Error(`piece ${sequence} did not play`);
      store.takePlayed();
      bytes += piece.length;
    });
    store.free();
    return bytes;
  };
};

/** WebCrypto on the same pieces: hash and decrypt, awaited one after the other; and its signature check. */
export const webCryptoVariants = async (pieceBytes: number): Promise<Readonly<Record<string, Variant>>> => {
  const { subtle } = crypto;
  const piece = new Uint8Array(pieceBytes);
  const key = await subtle.importKey('raw', new Uint8Array(16), 'AES-CTR', false, ['decrypt']);
  const algorithm = { name: 'AES-CTR', counter: new Uint8Array(16), length: 64 };
  const pair = (await subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  const message = new Uint8Array(116);
  const signature = await subtle.sign('Ed25519', pair.privateKey, message);
  return {
    webCryptoPath: async () => {
      await subtle.digest('SHA-256', piece);
      await subtle.decrypt(algorithm, key, piece);
      return pieceBytes;
    },
    webCryptoVerify: async () => {
      await subtle.verify('Ed25519', pair.publicKey, signature, message);
      return 1;
    },
  };
};
