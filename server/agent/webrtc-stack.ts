// The WebRTC libraries that a device can run on. node-datachannel is the lighter one; @roamhq/wrtc also relays by TURN over
// TCP, and answers when ICE starts anew.

import type { CreateCallPeer } from '../../src/carrier/device-call.ts';
import { createNodeCallPeer } from '../../src/carrier/node/datachannel-peer.ts';
import { ShoalError } from '../../src/errors.ts';

/** By the names that the command line knows. */
export const WEBRTC_STACKS = ['datachannel', 'wrtc'] as const;
export type WebrtcStackName = (typeof WEBRTC_STACKS)[number];

/** One of them. */
export interface WebrtcStack {
  readonly createPeer: CreateCallPeer;
  readonly restartsIce: boolean;
}

/** Loads one. Rejects with `server/bad-config` when its package is not installed. */
export const openStack = async (name: WebrtcStackName): Promise<WebrtcStack> => {
  if (name === 'datachannel') return { createPeer: createNodeCallPeer, restartsIce: false };
  try {
    const { createNodePeer } = await import('../../src/carrier/node/simple-peer.ts');
    return { createPeer: createNodePeer as unknown as CreateCallPeer, restartsIce: true };
  } catch (cause) {
    throw new ShoalError('server/bad-config', {
      detail: 'this wants the package @roamhq/wrtc beside shoal-server',
      cause,
    });
  }
};
