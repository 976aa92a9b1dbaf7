/**
 * One good example of every frame of a request.
 */
import type { RequestFrame } from '../request.ts';
import { counting } from './samples.ts';

/** All kinds. */
export const requestFrames: readonly RequestFrame[] = [
  { kind: 'ask', ask: { target: 'ipc.flv?action=live&channel=0&quality=high' } },
  { kind: 'answer', answer: { status: 200, headers: { 'content-type': 'video/x-flv' } } },
  { kind: 'body', bytes: counting(300) },
  { kind: 'end' },
  { kind: 'reset' },
  { kind: 'room', bytes: 131_072 },
];
