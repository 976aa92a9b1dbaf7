/**
 * One good example of every message at a meeting place.
 */
import { toBase64Url } from '../bytes.ts';
import type { MeetingAnswer, MeetingRequest } from '../device.ts';
import { counting } from './samples.ts';

/** What devices and pages say; a registration comes first. */
export const meetingRequests: readonly MeetingRequest[] = [
  {
    kind: 'register',
    version: 1,
    productId: 'cam',
    deviceName: 'door',
    key: toBase64Url(counting(32)),
    proof: toBase64Url(counting(64, 3)),
  },
  { kind: 'call', version: 1, info: 'XP2Pabc%2.4.0' },
  { kind: 'signal', call: 7, data: '{"candidates":[]}' },
  { kind: 'hang-up', call: 7 },
  { kind: 'refuse', call: 7, code: 'device/busy' },
];

/** What is answered. */
export const meetingAnswers: readonly MeetingAnswer[] = [
  { kind: 'challenge', nonce: 'bm9uY2U', iceServers: [{ urls: 'stun:stun.example' }] },
  { kind: 'registered' },
  { kind: 'called', call: 7, info: 'XP2Pabc%2.4.0' },
  { kind: 'signal', call: 7, data: '{"candidates":[]}' },
  { kind: 'hung-up', call: 7 },
  { kind: 'refused', call: 7, code: 'device/not-there' },
];
