/**
 * A byte core that notes each piece its stores accept: how long after its cut. Clock of origin and viewers is the same
 * machine's, so the difference is the delay itself.
 */
import { decodePieceHeader } from '../../src/wire/piece.ts';
import type { ByteCore, PieceStore } from '../../wasm/abi.ts';

const methodOf = (target: object, name: string | symbol): unknown => {
  const found: unknown = Reflect.get(target, name, target);
  return typeof found === 'function' ? found.bind(target) : found;
};

/** The same core, observed. */
export const notingCore = (core: ByteCore, accepted: (delayMs: number) => void): ByteCore =>
  new Proxy(core, {
    get: (target, name) =>
      name === 'createStore'
        ? (...args: Parameters<ByteCore['createStore']>) => notingStore(target.createStore(...args), accepted)
        : methodOf(target, name),
  });

const notingStore = (store: PieceStore, accepted: (delayMs: number) => void): PieceStore =>
  new Proxy(store, {
    get: (target, name) =>
      name === 'admit'
        ? (parts: readonly Uint8Array[]) => {
            const admission = target.admit(parts);
            const header = admission === 'ok' ? decodePieceHeader(parts[0] ?? new Uint8Array(0)) : undefined;
            if (header?.kind === 'piece') accepted(Date.now() - header.cutMs);
            return admission;
          }
        : methodOf(target, name),
  });
