/**
 * What a viewer may spend on others, from everything that has a say in it: the page, the person, the line, the browser.
 */
import type { SharingPolicy } from '../carrier/worker-control.ts';
import type { ParsedOptions, Sharing } from './options.ts';
import type { SharingLimit } from './stats.ts';

/** The facts that decide. */
export interface SharingFacts {
  readonly sharing: Sharing;
  readonly uploadBytesPerSec: number;
  readonly webrtc: boolean;
  readonly consent: 'not-needed' | 'pending' | 'given' | 'denied';
  readonly lineIsMetered: boolean;
  readonly hidden: boolean;
}

/** The policy that follows, and what limited it. */
export const decideSharing = (
  options: Pick<ParsedOptions, 'metered' | 'whenHidden' | 'neighbours'>,
  facts: SharingFacts,
): { readonly policy: SharingPolicy; readonly limit: SharingLimit } => {
  const limit = limitOf(options, facts);
  return {
    policy: {
      mode: modeUnder(limit, facts.sharing),
      uploadBytesPerSec: facts.uploadBytesPerSec,
      neighbours: options.neighbours,
    },
    limit,
  };
};

const limitOf = (options: Pick<ParsedOptions, 'metered' | 'whenHidden'>, facts: SharingFacts): SharingLimit => {
  if (!facts.webrtc) return 'no-webrtc';
  if (facts.consent === 'pending' || facts.consent === 'denied') return 'no-consent';
  if (facts.hidden && options.whenHidden === 'leave') return 'hidden';
  if (facts.lineIsMetered && options.metered === 'respect') return 'metered';
  return 'none';
};

const modeUnder = (limit: SharingLimit, asked: Sharing): Sharing => {
  switch (limit) {
    case 'none':
      return asked;
    case 'metered':
      return asked === 'on' ? 'download-only' : asked;
    case 'no-webrtc':
    case 'no-consent':
    case 'hidden':
      return 'off';
  }
};
