import { afterEach, expect, it, vi } from 'vitest';
import { TokenDesk } from './application-tokens.ts';

const application = () => ({ id: 'id', key: 'key', secret: 'secret', package: 'package' });

afterEach(() => vi.useRealTimers());

const desk = (answer: () => Response | Promise<Response>) => {
  const bodies: string[] = [];
  const get: typeof fetch = async (_input, init) => {
    bodies.push(String(init?.body));
    return answer();
  };
  const tokens = new TokenDesk({ tokenUrl: 'https://a.example/t', tokenProvider: undefined, application, fetch: get });
  return { bodies, tokens };
};

it('sends a signature and never the secret', async () => {
  const { bodies, tokens } = desk(() => Response.json({ query: '?a=1' }));
  expect(await tokens.query()).toBe('a=1');
  expect(bodies.join()).not.toContain('secret');
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ appId: 'id', sign: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it('asks once for half a life, then anew', async () => {
  vi.useFakeTimers();
  const { bodies, tokens } = desk(() => Response.json({ query: 'a=1', expiresInMs: 10_000 }));
  await tokens.query();
  vi.setSystemTime(Date.now() + 4000);
  await tokens.query();
  expect(bodies).toHaveLength(1);
  vi.setSystemTime(Date.now() + 2000);
  await tokens.query();
  expect(bodies).toHaveLength(2);
});

it.each([
  ['token/refused', () => new Response('', { status: 403 })],
  ['token/unreachable', () => new Response('', { status: 500 })],
  ['token/unreachable', () => Promise.reject(new TypeError('offline'))],
  ['token/malformed', () => new Response('no json')],
  ['token/malformed', () => Response.json({ query: 'x'.repeat(3000) })],
] as const)('says %s', async (code, answer) => {
  await expect(desk(answer).tokens.query()).rejects.toMatchObject({ code });
});

it('asks a provider instead, whose failure is a refusal', async () => {
  const tokens = (tokenProvider: () => Promise<string>) =>
    new TokenDesk({ tokenUrl: 'https://a.example/t', tokenProvider, application, fetch });
  expect(await tokens(async () => 'b=2').query()).toBe('b=2');
  await expect(tokens(() => Promise.reject(new TypeError('no'))).query()).rejects.toMatchObject({
    code: 'token/refused',
  });
});

it('adds nothing where there is nobody to ask', async () => {
  const tokens = new TokenDesk({ tokenUrl: undefined, tokenProvider: undefined, application, fetch });
  expect(await tokens.query()).toBe('');
  expect(tokens.provider).toBeUndefined();
});
