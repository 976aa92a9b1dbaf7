/**
 * One good example of every message of a room.
 */
import type { RoomAnswer, RoomRequest } from '../room.ts';

const code = '8888_81265058829fd2e50c8ec2ac78d55127';
const urls = [
  { encode: 'flv', rateType: 0, url: `http://live.example/live/${code}.flv` },
  { encode: 'rtmp', rateType: 10, url: `rtmp://live.example/live/${code}` },
] as const;

/** What publishers say; entering comes first. */
export const roomRequests: readonly RoomRequest[] = [
  { kind: 'enter', ask: 1, version: 1, bizid: 8888, room: '293710', user: '14y2l2c', token: '' },
  { kind: 'leave', ask: 2 },
  { kind: 'open', ask: 3, track: 'main' },
  { kind: 'close', ask: 4, track: 'aux' },
  {
    kind: 'start-push',
    ask: 5,
    track: 'main',
    encode: ['hls'],
    record: 7,
    channelName: '频道1',
    channelDesc: 'mine',
  },
  { kind: 'stop-push', ask: 6, channels: [code] },
  { kind: 'stop-push', ask: 7, channels: [] },
  { kind: 'start-record', ask: 8, track: 'main', formats: 4 },
  { kind: 'stop-record', ask: 9, task: 'a1' },
  { kind: 'take-screenshot', ask: 10, track: 'aux' },
];

/** What is answered and told. */
export const roomAnswers: readonly RoomAnswer[] = [
  {
    kind: 'entered',
    ask: 1,
    bypass: 'auto',
    record: 'manual',
    formats: 4,
    members: [{ user: '14y2l2c', tracks: ['main', 'aux'] }],
  },
  { kind: 'left', ask: 2 },
  { kind: 'opened', ask: 3, track: 'main', code, publish: `/live/${code}?key=k` },
  { kind: 'closed', ask: 4, track: 'aux' },
  { kind: 'pushed', ask: 5, channelId: code, urls },
  { kind: 'push-stopped', ask: 6, channels: [code] },
  { kind: 'record-started', ask: 8, task: 'a1' },
  { kind: 'record-stopped', ask: 9, files: [{ format: 'mp4', url: '/r/a1/a.mp4', bytes: 12, durationMs: 34 }] },
  { kind: 'screenshot', ask: 10, url: '/r/a1/a.jpg' },
  { kind: 'failed', ask: 11, code: 'room/no-track', detail: 'aux' },
  { kind: 'member', user: '用户', tracks: [] },
  { kind: 'gone', user: '用户' },
  { kind: 'push', track: 'main', state: 'running', channelId: code, urls },
  { kind: 'out', code: 'room/taken-over' },
];
