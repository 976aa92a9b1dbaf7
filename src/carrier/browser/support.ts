/**
 * What this browser can do, as data; asked once when a player is made. And the same in words, for pages that want to know
 * before they make one.
 */
import { type ErrorCode, type Severity, sentenceOf, severityOf } from '../../errors.ts';

/** Capabilities that decide how a stream is played. */
export interface Support {
  /** Live FLV can be played at all. */
  readonly mediaSource: boolean;
  readonly webAssembly: boolean;
  readonly worker: boolean;
  /** Viewers can be linked. */
  readonly webrtc: boolean;
}

/** What a page wants to do: show live video at all, or share it with its other viewers too. */
export type Need = 'playing' | 'sharing';

/** Why something does not work here, or not all of it. */
export interface SupportReason {
  readonly code: ErrorCode;
  readonly severity: Severity;
  /** For a stranger. */
  readonly sentence: string;
  /** What it keeps this browser or page from; `nothing` when only surfaces that a page may not use suffer. */
  readonly prevents: Need | 'nothing';
}

/** Asks the browser. */
export const detectSupport = (): Support => ({
  mediaSource: typeof MediaSource !== 'undefined' || 'ManagedMediaSource' in globalThis,
  webAssembly: typeof WebAssembly !== 'undefined',
  worker: typeof Worker !== 'undefined',
  webrtc: typeof RTCPeerConnection !== 'undefined' && 'createDataChannel' in RTCPeerConnection.prototype,
});

/**
 * Whether links can be used from a worker. Nothing but trying tells; it costs a peer connection, so players do not ask
 * but find out with their first link.
 */
const givesLinksToWorkers = (): boolean => {
  const { port1, port2 } = new MessageChannel();
  let connection: RTCPeerConnection | undefined;
  try {
    connection = new RTCPeerConnection();
    const channel = connection.createDataChannel('', { negotiated: true, id: 0 });
    port1.postMessage(channel, [channel as RTCDataChannel & Transferable]);
    return true;
  } catch {
    return false;
  } finally {
    port1.close();
    port2.close();
    connection?.close();
  }
};

/** Everything that does not work here, worst first; empty where all of Shoal works. */
export const supportReasons = (
  support: Support = detectSupport(),
  isSecure: boolean = globalThis.isSecureContext !== false,
  givesLinks: () => boolean = givesLinksToWorkers,
): readonly SupportReason[] => {
  const reasons: SupportReason[] = [];
  const say = (code: ErrorCode, prevents: SupportReason['prevents']): void => {
    reasons.push({ code, severity: severityOf(code), sentence: sentenceOf(code), prevents });
  };
  if (!support.mediaSource) say('support/no-media-source', 'playing');
  if (!support.webrtc) say('support/no-webrtc', 'sharing');
  if (!support.worker) say('support/no-worker', 'sharing');
  if (!support.webAssembly) say('support/no-webassembly', 'sharing');
  if (support.webrtc && support.worker && !givesLinks()) say('support/links-on-page', 'nothing');
  if (!isSecure) say('support/insecure-context', 'nothing');
  return reasons;
};

/**
 * Whether this browser can share live video, or at least play it. `supportReasons()` says why not.
 */
export const isSupported = (need: Need = 'sharing'): boolean =>
  // What prevents nothing need not be tried.
  supportReasons(detectSupport(), true, () => true).every(
    ({ prevents }) => prevents === 'nothing' || (need === 'playing' && prevents === 'sharing'),
  );
