/**
 * What this browser can do, as data; asked once when a player is made.
 */

/** Capabilities that decide how a stream is played. */
export interface Support {
  /** Live FLV can be played at all. */
  readonly mediaSource: boolean;
  readonly webAssembly: boolean;
  readonly worker: boolean;
  /** Viewers can be linked. */
  readonly webrtc: boolean;
}

/** Asks the browser. */
export const detectSupport = (): Support => ({
  mediaSource: typeof MediaSource !== 'undefined' || 'ManagedMediaSource' in globalThis,
  webAssembly: typeof WebAssembly !== 'undefined',
  worker: typeof Worker !== 'undefined',
  webrtc: typeof RTCPeerConnection !== 'undefined' && 'createDataChannel' in RTCPeerConnection.prototype,
});
