import { describe, expect, test } from 'vitest';
import { toBase64Url } from './bytes.ts';
import { CODE_CHARS_MAX } from './limits.ts';
import { CODE_KEY_BYTES, isCode, readCodeGrant, readCodeKey, readService } from './service.ts';
import { counting } from './testing/samples.ts';
import { PROTOCOL_VERSION } from './version.ts';

const originKey = toBase64Url(counting(32));
const service = {
  version: PROTOCOL_VERSION,
  tracker: '/tracker',
  codes: '/code',
  originKeys: [originKey],
  iceServers: [{ urls: 'stun:stun.example:3478' }, { urls: 'turn:turn.example', username: 'u', credential: 'c' }],
};
const bad = { kind: 'fault', code: 'service/bad-answer' };
const without = (field: keyof typeof service): unknown => ({ ...service, [field]: undefined });

describe('a service description', () => {
  test('is read as it is, without what nobody knows', () => {
    expect(readService({ ...service, later: true })).toEqual(service);
  });

  test('may lack codes and ICE servers', () => {
    expect(readService(without('codes'))).not.toHaveProperty('codes');
    expect(readService(without('iceServers'))).toMatchObject({ iceServers: [] });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'shoal'],
    ['a list', [service]],
    ['no version', without('version')],
    ['a version this build does not speak', { ...service, version: PROTOCOL_VERSION + 1 }],
    ['a version as text', { ...service, version: '1' }],
    ['no tracker', without('tracker')],
    ['an empty tracker', { ...service, tracker: '' }],
    ['a tracker too long', { ...service, tracker: 'x'.repeat(2001) }],
    ['codes of another type', { ...service, codes: 5 }],
    ['no origin keys', without('originKeys')],
    ['an origin key cut short', { ...service, originKeys: [originKey.slice(1)] }],
    ['an origin key that is no text', { ...service, originKeys: [counting(32)] }],
    ['too many origin keys', { ...service, originKeys: new Array(17).fill(originKey) }],
    ['ICE servers that are no list', { ...service, iceServers: { urls: 'stun:x' } }],
    ['an ICE server without a URL', { ...service, iceServers: [{ username: 'u' }] }],
    ['an ICE server with an empty URL', { ...service, iceServers: [{ urls: '' }] }],
    ['an ICE server with a password of another type', { ...service, iceServers: [{ urls: 'turn:x', credential: 5 }] }],
    ['too many ICE servers', { ...service, iceServers: new Array(17).fill({ urls: 'stun:x' }) }],
  ])('is refused for %s', (_name, value) => expect(readService(value)).toMatchObject(bad));
});

describe('the key service', () => {
  const key = toBase64Url(counting(CODE_KEY_BYTES));
  const grant = { code: 'Ab3_-', expire: 86_400, key };

  test('grants a code with its life and key', () => {
    expect(readCodeGrant({ ...grant, later: 1 })).toEqual(grant);
    expect(readCodeKey({ key, later: 1 })).toEqual({ key });
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a code that does not belong in a URL', { ...grant, code: 'a/b' }],
    ['an empty code', { ...grant, code: '' }],
    ['a code too long', { ...grant, code: 'a'.repeat(CODE_CHARS_MAX + 1) }],
    ['a life of no seconds', { ...grant, expire: 0 }],
    ['a life of more than a year', { ...grant, expire: 31_536_001 }],
    ['a life as text', { ...grant, expire: '86400' }],
    ['a key too short', { ...grant, key: toBase64Url(counting(CODE_KEY_BYTES - 1)) }],
    ['a key too long', { ...grant, key: 'A'.repeat(257) }],
    ['a key that is no base64url', { ...grant, key: `${key.slice(1)}=` }],
  ])('is not believed for %s', (_name, value) =>
    expect(readCodeGrant(value)).toMatchObject({ kind: 'fault', code: 'key/unknown-code' }),
  );

  test('is not believed for an answer without a key', () => {
    for (const value of [undefined, {}, { key: 5 }, { key: 'short' }, [key]]) {
      expect(readCodeKey(value)).toMatchObject({ kind: 'fault', code: 'key/unknown-code' });
    }
  });

  test('codes are letters that need no escaping, up to a limit', () => {
    expect(['a', 'A-_9', 'a'.repeat(CODE_CHARS_MAX)].every(isCode)).toBe(true);
    expect(['', 'a b', 'a%2f', '../x', 'é', 'a\n', 'a'.repeat(CODE_CHARS_MAX + 1)].some(isCode)).toBe(false);
  });
});
