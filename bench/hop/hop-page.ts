/**
 * The page of `bench hop`: both ends of a link in one tab, its signals carried by the benchmark outside.
 */
import { createBrowserPeer } from '../../src/carrier/browser/simple-peer.ts';
import type { CreatePeer } from '../../src/carrier/peer-dial.ts';
import { type HopOrder, measureHops } from './hops.ts';

declare global {
  interface Window {
    carrySignal(from: 'a' | 'b', data: string): Promise<string>;
    runHops(order: HopOrder): ReturnType<typeof measureHops>;
  }
}

window.runHops = (order) =>
  measureHops(order, {
    createPeer: createBrowserPeer as unknown as CreatePeer,
    carry: (from, data) => window.carrySignal(from, data),
  });
