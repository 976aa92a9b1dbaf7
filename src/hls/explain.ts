/**
 * Why HLS is shared as it is, in words for whoever looks at a player.
 */
import type { SharingPolicy } from '../viewer/face.ts';
import type { HlsStats } from './face.ts';

/** What is not in the figures. */
export interface HlsStanding {
  readonly hasLinks: boolean;
  readonly policy: Pick<SharingPolicy, 'mode'>;
  readonly joined: boolean;
}

/** Sentences, most important first; never empty. */
export const explainHls = (stats: HlsStats, { hasLinks, policy, joined }: HlsStanding): readonly string[] => {
  const said: string[] = [];
  if (!hasLinks) said.push('This browser has no WebRTC data channels, so all segments come from their server.');
  else if (policy.mode === 'off')
    said.push('Sharing is switched off on this page, so all segments come from their server.');
  else if (stats.faults['hls/no-witness'] !== undefined && stats.vouchedBy === 'nobody') {
    said.push(
      'Nobody vouches for the segments of this playlist, so they come from their server and are not passed on.',
    );
  } else if (!joined) said.push('The tracker has not let this viewer in yet, so it knows no neighbours.');
  else if (stats.neighbours.length === 0) {
    said.push('Nobody else watches this playlist, or no neighbour can be reached from this network.');
  }
  if (said.length === 0) said.push(shareSentence(stats));
  if (policy.mode === 'download-only')
    said.push('This viewer uploads nothing (metered line, no consent, or the page says so).');
  if (stats.piecesRejected > 0) said.push(`${stats.piecesRejected} pieces did not verify and were not used.`);
  return said;
};

const shareSentence = ({ originBytes, neighbourBytes, neighbours, vouchedBy }: HlsStats): string => {
  const all = originBytes + neighbourBytes;
  const percent = all === 0 ? 0 : Math.round((100 * neighbourBytes) / all);
  const voucher = vouchedBy === 'witness' ? 'a witness' : 'the playlist';
  return `${percent} % of the bytes came from ${neighbours.length} ${neighbours.length === 1 ? 'neighbour' : 'neighbours'}, vouched for by ${voucher}.`;
};
