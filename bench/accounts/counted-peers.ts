/**
 * Peer connections that show, below everything of Shoal, what their pieces channels deliver.
 */
import { LANE_CHANNELS } from '../../src/carrier/lanes.ts';
import { createNodePeer } from '../../src/carrier/node/datachannel-peer.ts';
import type { CreatePeer } from '../../src/carrier/peer-dial.ts';
import type { UsefulBytes } from './useful-bytes.ts';

/** Makes them for one viewer. */
export const countedPeers =
  (count: UsefulBytes): CreatePeer =>
  (options) => {
    const peer = createNodePeer(options);
    const connection = peer._pc;
    if (connection === undefined || connection === null) return peer;
    const make = connection.createDataChannel.bind(connection);
    connection.createDataChannel = (label, shape) => {
      const channel = make(label, shape);
      if (shape.id !== LANE_CHANNELS.pieces.id) return channel;
      channel.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) count.message(channel, new Uint8Array(data));
      });
      return channel;
    };
    return peer;
  };
