/**
 * simple-peer in Node, on the WebRTC that comes prebuilt with @roamhq/wrtc.
 */
import wrtc from '@roamhq/wrtc';
import SimplePeer from 'simple-peer';
import type { CreatePeer, PeerFace } from '../peer-dial.ts';

/** Makes a simple-peer instance on @roamhq/wrtc. */
export const createNodePeer: CreatePeer = (options) =>
  // Its peer connection is private in the types; reaching it is what lets channels be negotiated.
  new SimplePeer({ ...options, wrtc }) as unknown as PeerFace;
