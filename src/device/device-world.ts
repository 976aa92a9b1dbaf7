/**
 * What a connection to a device takes from its surroundings, so that the same code runs on a page and in Node.
 */
import { createBrowserPeer } from '../carrier/browser/simple-peer.ts';
import type { CallPeer, CreateCallPeer } from '../carrier/device-call.ts';
import type { OpenSocket } from '../carrier/socket-face.ts';
import { ShoalError } from '../errors.ts';

/** See above. */
export interface DeviceWorld {
  readonly openSocket: OpenSocket;
  readonly createPeer: CreateCallPeer;
  /** Whether an Ed25519 signature is good. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  /** Calls back when the line to the network may have changed; returns how to stop that. */
  watchNetwork(changed: () => void): () => void;
  wallMs(): number;
}

/** A page. */
export const browserDeviceWorld = (): DeviceWorld => ({
  openSocket: (address) => new WebSocket(address),
  createPeer: (options) => createBrowserPeer(options) as unknown as CallPeer,
  verify: verifyEd25519,
  watchNetwork(changed) {
    const line = (navigator as { readonly connection?: EventTarget }).connection;
    addEventListener('online', changed);
    line?.addEventListener('change', changed);
    return () => {
      removeEventListener('online', changed);
      line?.removeEventListener('change', changed);
    };
  },
  wallMs: () => Date.now(),
});

/**
 * By the platform's own cryptography; false where it does not know the algorithm. Throws `support/insecure-context` on
 * pages that have none.
 */
export const verifyEd25519 = async (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> => {
  if ((crypto as { readonly subtle?: SubtleCrypto }).subtle === undefined) {
    throw new ShoalError('support/insecure-context', { detail: 'a device can only be checked on a page from https' });
  }
  try {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message));
  } catch {
    return false;
  }
};
