/**
 * Peer connections that count, below everything of Shoal, the bytes their pieces channels deliver.
 */
import { LANE_CHANNELS } from '../../src/carrier/lanes.ts';
import { createNodePeer } from '../../src/carrier/node/datachannel-peer.ts';
import type { CreatePeer } from '../../src/carrier/peer-dial.ts';

/** Peers, and what came over all of them. */
export interface CountedPeers {
  readonly create: CreatePeer;
  readonly bytes: number;
}

/** Makes them. */
export const countedPeers = (): CountedPeers => {
  let bytes = 0;
  const create: CreatePeer = (options) => {
    const peer = createNodePeer(options);
    const connection = peer._pc;
    if (connection === undefined || connection === null) return peer;
    const make = connection.createDataChannel.bind(connection);
    connection.createDataChannel = (label, shape) => {
      const channel = make(label, shape);
      if (shape.id !== LANE_CHANNELS.pieces.id) return channel;
      channel.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) bytes += data.byteLength;
      });
      return channel;
    };
    return peer;
  };
  return {
    create,
    get bytes() {
      return bytes;
    },
  };
};
