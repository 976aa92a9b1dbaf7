import { expect, it } from 'vitest';
import { decideSharing, type SharingFacts } from './sharing.ts';

const options = { metered: 'respect', whenHidden: 'relay', neighbours: 8 } as const;
const facts: SharingFacts = {
  sharing: 'on',
  uploadBytesPerSec: 1000,
  webrtc: true,
  consent: 'not-needed',
  lineIsMetered: false,
  hidden: false,
};

it.each([
  ['nothing in the way', {}, {}, 'on', 'none'],
  ['no WebRTC', {}, { webrtc: false }, 'off', 'no-webrtc'],
  ['consent not given yet', {}, { consent: 'pending' }, 'off', 'no-consent'],
  ['consent denied', {}, { consent: 'denied' }, 'off', 'no-consent'],
  ['consent given', {}, { consent: 'given' }, 'on', 'none'],
  ['a metered line', {}, { lineIsMetered: true }, 'download-only', 'metered'],
  ['a metered line the page ignores', { metered: 'ignore' }, { lineIsMetered: true }, 'on', 'none'],
  ['a metered line and sharing off', {}, { lineIsMetered: true, sharing: 'off' }, 'off', 'metered'],
  ['a hidden page that relays', {}, { hidden: true }, 'on', 'none'],
  ['a hidden page that leaves', { whenHidden: 'leave' }, { hidden: true }, 'off', 'hidden'],
] as const)('decides with %s', (_name, change, news, mode, limit) => {
  const decided = decideSharing({ ...options, ...change }, { ...facts, ...news });
  expect(decided).toEqual({ policy: { mode, uploadBytesPerSec: 1000, neighbours: 8 }, limit });
});
