import { expect, it } from 'vitest';
import { createCodeFetch, createGivenCode } from './code-fetch.ts';

const KEY = 'A'.repeat(43);
const answering = (status: number, body: unknown): typeof fetch => {
  return async (input, init) => {
    expect([String(input), init?.method]).toEqual(['https://keys.example/code', 'POST']);
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
};
const fetchWith = (post: typeof fetch) => createCodeFetch('https://keys.example/code', post).fetch();

it('asks by POST, gives the code to send and the key to keep', async () => {
  const { code, key } = await fetchWith(answering(200, { code: 'abc-1', expire: 60, key: KEY }));
  expect([code, key.length, key.every((value) => value === 0)]).toEqual(['abc-1', 32, true]);
});

it.each([
  [403, {}, 'key/denied'],
  [500, {}, 'key/service-unreachable'],
  [200, 'no json', 'key/service-unreachable'],
  [200, { code: 'a/b', expire: 60, key: KEY }, 'key/service-unreachable'],
  [200, { code: 'a', expire: 60, key: 'short' }, 'key/service-unreachable'],
])('answers %i with %j by %s', async (status, body, code) => {
  await expect(fetchWith(answering(status, body))).rejects.toMatchObject({ code });
});

it('says when the key service cannot be reached', async () => {
  const offline = () => Promise.reject(new TypeError('offline'));
  await expect(fetchWith(offline)).rejects.toMatchObject({ code: 'key/service-unreachable' });
});

it('passes on a code the page has', async () => {
  expect(await createGivenCode({ code: 'x', key: KEY }).fetch()).toMatchObject({ code: 'x' });
});
