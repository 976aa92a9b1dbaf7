import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Fetched } from '../hls/ports.ts';
import { createSegmentFetch } from './segment-fetch.ts';

const BODY = Uint8Array.from({ length: 10 }, (_, at) => at);
let asked: { readonly address: string; readonly init: RequestInit | undefined }[];
let respond: () => Promise<Response>;
let answers: Fetched[];

beforeEach(() => {
  asked = [];
  answers = [];
  respond = async () => new Response(BODY);
});
afterEach(() => void vi.useRealTimers());

const port = createSegmentFetch((address, init) => {
  asked.push({ address: String(address), init });
  return respond();
});
const get = (range?: { first: number; last: number }): (() => void) =>
  port('https://cdn.example/s.ts', range, (answer) => answers.push(answer));
const answered = (): Promise<void> => vi.waitFor(() => expect(answers).toHaveLength(1));

it('answers with all of it, asked for without cookies', async () => {
  get();
  await answered();
  expect(answers).toEqual([{ kind: 'bytes', bytes: BODY }]);
  expect(asked[0]?.init).toMatchObject({ credentials: 'omit', headers: {} });
});

it.each([
  ['sends just that', () => new Response(BODY.slice(2, 5), { status: 206 })],
  ['sends all', () => new Response(BODY)],
])('answers with the range that was asked for, although the server %s', async (_what, make) => {
  respond = async () => make();
  get({ first: 2, last: 4 });
  await answered();
  expect(answers).toEqual([{ kind: 'bytes', bytes: BODY.slice(2, 5) }]);
  expect(asked[0]?.init).toMatchObject({ headers: { range: 'bytes=2-4' } });
});

it.each([
  ['a refusal', async () => new Response('', { status: 404 }), 404],
  ['too few bytes', async () => new Response(BODY.slice(0, 1), { status: 206 }), 206],
  ['no answer', async () => Promise.reject(new TypeError('gone')), 0],
] as const)('fails for %s', async (_what, make, status) => {
  respond = make;
  get({ first: 2, last: 4 });
  await answered();
  expect(answers).toEqual([{ kind: 'failed', status }]);
});

it('fails when nothing comes for long, and says so once', async () => {
  vi.useFakeTimers();
  respond = () => new Promise(() => undefined);
  get();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers).toEqual([{ kind: 'failed', status: 0 }]);
  expect(asked[0]?.init?.signal?.aborted).toBe(true);
});

it('answers nothing once it is broken off', async () => {
  const end = get();
  end();
  await new Promise(setImmediate);
  expect(answers).toEqual([]);
  expect(asked[0]?.init?.signal?.aborted).toBe(true);
});
