/**
 * simple-peer in a browser: its prebuilt file, the only form that needs no Node polyfills from a bundler.
 */
import SimplePeer from 'simple-peer/simplepeer.min.js';
import type { CreatePeer, PeerFace } from '../peer-dial.ts';

/** Makes a simple-peer instance on the browser's own WebRTC. */
export const createBrowserPeer: CreatePeer<RTCDataChannel> = (options) =>
  // Its peer connection is private in the types; reaching it is what lets channels be negotiated and transferred.
  new SimplePeer(options) as unknown as PeerFace<RTCDataChannel>;
