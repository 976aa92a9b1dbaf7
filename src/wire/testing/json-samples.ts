/**
 * One good example of every JSON message.
 */
import { toBase64Url } from '../bytes.ts';
import { TOKEN_BYTES } from '../limits.ts';
import type { TrackerAnswer, TrackerRequest } from '../tracker.ts';
import { counting } from './samples.ts';

const VIEWER = '0011223344556677';
const OTHER = '8899aabbccddeeff';
const grant = {
  token: toBase64Url(counting(TOKEN_BYTES)),
  expiresInMs: 900_000,
  tokenKeys: [{ id: 0xcafe_f00d, key: toBase64Url(counting(32, 5)) }],
};

/** Every kind of tracker request; a join comes first. */
export const trackerRequests: readonly TrackerRequest[] = [
  {
    kind: 'join',
    version: 1,
    path: '/live/demo',
    credentials: 'token=abc&expires=9',
    viewerKey: toBase64Url(counting(32)),
    uploads: true,
  },
  { kind: 'renew' },
  { kind: 'more', count: 3 },
  { kind: 'signal', to: OTHER, dial: 0xffff_ffff, data: '{"sdp":"v=0\\r\\n"}' },
  {
    kind: 'report',
    report: { originBytes: 1, neighbourBytes: 2, uploadedBytes: 3, playedBytes: 4, stalls: 5, neighbours: 6, slots: 7 },
  },
  { kind: 'leave' },
  {
    kind: 'join',
    version: 1,
    path: '/live/demo',
    credentials: '',
    viewerKey: toBase64Url(counting(32)),
    uploads: true,
    nat: 'symmetric',
  },
  {
    kind: 'report',
    report: { originBytes: 1, neighbourBytes: 2, uploadedBytes: 3, playedBytes: 4, stalls: 5, neighbours: 6, slots: 7 },
    nat: 'cone',
    reached: [OTHER],
    missed: [VIEWER, OTHER],
  },
  { kind: 'receipts', body: toBase64Url(counting(6)), signature: toBase64Url(counting(64)) },
  { kind: 'proofs', nonce: toBase64Url(counting(16)), proofs: [toBase64Url(counting(16, 4)), ''] },
];

/** Every kind of tracker answer. */
export const trackerAnswers: readonly TrackerAnswer[] = [
  {
    kind: 'joined',
    viewer: VIEWER,
    stream: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    ...grant,
    neighbours: [OTHER],
  },
  { kind: 'renewed', ...grant },
  { kind: 'neighbours', neighbours: [VIEWER, OTHER] },
  { kind: 'signal', from: OTHER, dial: 1, data: '' },
  { kind: 'gone', viewer: OTHER },
  { kind: 'refused', code: 'tracker/rate-limited', retryAfterMs: 1500 },
  { kind: 'prove', nonce: toBase64Url(counting(16)), epoch: '00112233445566778899', sequences: [7, 0xffff_ffff] },
];
