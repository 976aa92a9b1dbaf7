/**
 * One gathering of ICE candidates: a peer connection that meets nobody, asked only for how STUN servers see its sockets.
 */
import { familyOf } from '../../core/nat/addresses.ts';
import type { ServerFailure, Sighting } from '../../core/nat/classify.ts';

/** What a gathering reports; nothing after it was let go. */
export interface GatherEvents {
  sighted(sighting: Sighting): void;
  failed(failure: ServerFailure): void;
  gathered(): void;
}

/** Begins a gathering; returns how to let go of it. */
export type GatherCandidates = (servers: readonly string[], events: GatherEvents) => () => void;

/** The part of a candidate that is read; a candidate may lack any of it. */
type Candidate = Pick<RTCIceCandidate, 'type' | 'protocol' | 'address' | 'port' | 'foundation'>;

/** With the browser's own WebRTC. Throws what the browser throws when it allows none. */
export const gatherCandidates: GatherCandidates = (servers, events) => {
  const connection = new RTCPeerConnection({ iceServers: servers.map((urls) => ({ urls })) });
  const until = new AbortController();
  const { signal } = until;
  connection.addEventListener(
    'icecandidate',
    ({ candidate }) => {
      const sighting = candidate === null ? undefined : sightingOf(candidate);
      if (sighting !== undefined) events.sighted(sighting);
    },
    { signal },
  );
  connection.addEventListener('icecandidateerror', (error) => events.failed(failureOf(error)), { signal });
  connection.addEventListener(
    'icegatheringstatechange',
    () => {
      if (connection.iceGatheringState === 'complete') events.gathered();
    },
    { signal },
  );
  // Without a channel there is nothing to find a way for.
  connection.createDataChannel('probe');
  connection.setLocalDescription().catch(() => {
    // Only a connection that was closed meanwhile refuses this; then nobody listens.
    if (!signal.aborted) events.gathered();
  });
  return () => {
    until.abort();
    connection.close();
  };
};

/** Reads an error; of the socket's address browsers show little more than the family. */
export const failureOf = ({
  url,
  address,
}: Pick<RTCPeerConnectionIceErrorEvent, 'url' | 'address'>): ServerFailure => ({
  server: url,
  family: address === null ? undefined : familyOf(address.replaceAll('x', '0')),
});

/** Reads a candidate; undefined for what says nothing about UDP through a NAT. */
export const sightingOf = (candidate: Candidate): Sighting | undefined => {
  const { type, protocol, address, port, foundation } = candidate;
  if (protocol !== 'udp' || (type !== 'host' && type !== 'srflx')) return undefined;
  if (address === null || address === '' || port === null) return undefined;
  return { kind: type === 'host' ? 'own' : 'mapped', address, port, base: foundation ?? '' };
};
