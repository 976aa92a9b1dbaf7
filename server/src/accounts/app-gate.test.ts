import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { AppGate } from './app-gate.ts';
import { makeViewerToken, type ViewerTokenOptions } from './app-tokens.ts';
import { readApps } from './apps.ts';
import { signTokenRequest } from './signed-requests.ts';

const secret = 'a secret of the shop';
const shop = { id: 'shop', key: 'shop-key', secret };

const gateFor = (rules: object = {}, hostOf: (path: string) => string | undefined = () => undefined) => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const gate = new AppGate(readApps([{ ...shop, ...rules }]), clock, hostOf);
  const admit = gate.before(async ({ credentials }) => {
    asked.push(credentials);
    return true;
  });
  const token = (options: Partial<ViewerTokenOptions> = {}) =>
    makeViewerToken({ appId: 'shop', secret, nowMs: clock.wall(), ...options });
  const lets = (credentials: string, path = '/live/a', page?: string) =>
    admit({ path, credentials, ip: '127.0.0.1', page, action: 'play' });
  return { clock, asked, gate, token, lets };
};

test('a token lets a viewer in; what is asked behind it does not see the token', async () => {
  const { asked, gate, token, lets } = gateFor();
  const credentials = `user=7&${token({ viewer: 'ann' })}&x=%26`;
  expect(await lets(credentials)).toBe(true);
  expect(asked).toEqual(['user=7&x=%26']);
  expect(gate.payerOf(credentials)).toEqual({ app: 'shop', viewer: 'ann' });
  expect(gate.payerOf('')).toEqual({ app: '-', viewer: undefined });
  expect(gate.payerOf(token({ secret: 'made up by somebody' }))).toEqual({ app: '-', viewer: undefined });
  expect(gate.payerOf(token({ viewer: 'ann', seconds: -9 }))).toEqual({ app: 'shop', viewer: 'ann' });
});

test('nobody is let in by no token, one of another app or secret, a changed one, or one that is over', async () => {
  const { asked, clock, token, lets } = gateFor();
  const good = token({ seconds: 60 });
  expect(await lets('')).toBe(false);
  expect(await lets('shoal_token=')).toBe(false);
  expect(await lets('shoal_token=a.b.c')).toBe(false);
  expect(await lets(token({ appId: 'tour' }))).toBe(false);
  expect(await lets(token({ secret: `${secret} ` }))).toBe(false);
  expect(await lets(good.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')))).toBe(false);
  const [name = '', body = '', seal = ''] = good.split(/[=.]/);
  const longer = Buffer.from(
    Buffer.from(body, 'base64url')
      .toString()
      .replace(/"e":\d+/, '"e":4000000000'),
  );
  expect(await lets(`${name}=${longer.toString('base64url')}.${seal}`)).toBe(false);
  expect(await lets(token({ seconds: 400 * 86_400 }))).toBe(false);
  expect(await lets(good)).toBe(true);
  clock.advance(60_000);
  expect(await lets(good)).toBe(false);
  expect(asked).toHaveLength(1);
});

test('a token for one stream is for that stream', async () => {
  const { token, lets } = gateFor();
  expect(await lets(token({ stream: '/live/a' }), '/live/a')).toBe(true);
  expect(await lets(token({ stream: '/live/a' }), '/live/ab')).toBe(false);
  expect(await lets(token({ stream: '/live/*' }), '/live/ab')).toBe(true);
});

test('streams come from the domains of the list only; what has no domain must be named', async () => {
  const hosts = new Map([
    ['/a', 'live.example.com'],
    ['/b', 'evil.example.com'],
    ['/c', 'x.cdn.example:8443'],
    ['/d', 'cdn.example'],
  ]);
  const domains = ['LIVE.example.com', '*.cdn.example'];
  const { token, lets } = gateFor({ domains }, (path) => hosts.get(path));
  const answers = await Promise.all(['/a', '/b', '/c', '/d', '/own'].map((path) => lets(token(), path)));
  expect(answers).toEqual([true, false, true, false, false]);
  const named = gateFor({ domains, streams: ['/own', '/b'] }, (path) => hosts.get(path));
  expect(await named.lets(named.token(), '/own')).toBe(true);
  expect(await named.lets(named.token(), '/a')).toBe(false);
  expect(await named.lets(named.token(), '/b')).toBe(false);
});

test('pages of the list may use tokens, other pages may not, and whoever is no page says none', async () => {
  const { token, lets } = gateFor({ pages: ['https://www.example.com', 'https://*.shop.example:444'] });
  const from = (page: string | undefined) => lets(token(), '/live/a', page);
  expect(await from('https://www.example.com')).toBe(true);
  expect(await from('https://a.shop.example:444')).toBe(true);
  expect(await from(undefined)).toBe(true);
  for (const page of [
    'http://www.example.com',
    'https://www.example.com.evil.example',
    'https://www.example.com:8443',
    'https://shop.example:444',
    'https://evilshop.example:444',
    'null',
    '',
  ]) {
    expect(await from(page), page).toBe(false);
  }
});

test('a request is signed by an app with its key, just now', () => {
  const { clock, gate } = gateFor();
  const ask = (change: Partial<ReturnType<typeof signTokenRequest>> = {}, nowMs = clock.wall()) => {
    const request = signTokenRequest({ appId: 'shop', appKey: 'shop-key', secret }, { package: 'p', nowMs });
    const { appId, appKey, package: about, t, sign } = { ...request, ...change };
    return gate.signer({ appId, appKey, about, t }, sign);
  };
  expect(ask()).toMatchObject({ id: 'shop' });
  expect(ask({ appKey: 'other' })).toBe('refused');
  expect(ask({ appId: 'tour' })).toBe('refused');
  expect(ask({ package: 'q' })).toBe('refused');
  expect(ask({ sign: 'f'.repeat(64) })).toBe('refused');
  expect(ask({ sign: '' })).toBe('refused');
  expect(ask({}, clock.wall() - 400_000)).toBe('malformed');
  expect(ask({}, clock.wall() + 400_000)).toBe('malformed');
});
