import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { addressOf, believeProxies, isFromHere, readProxies } from './address.ts';

const from = (remoteAddress: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ socket: { remoteAddress }, headers }) as unknown as IncomingMessage;

const believed = (request: IncomingMessage, ...proxies: string[]): string => {
  const list = readProxies(proxies);
  if (list === undefined) throw new Error('bad list');
  believeProxies(request, list);
  return addressOf(request);
};

test('a proxy of ours is believed as far as it and its like wrote', () => {
  const header = { 'x-forwarded-for': '198.51.100.9, 203.0.113.5, 10.0.0.7' };
  expect(believed(from('10.0.0.2', header), '10.0.0.0/8')).toBe('203.0.113.5');
  expect(believed(from('::ffff:10.0.0.2', header), '10.0.0.2')).toBe('10.0.0.7');
  expect(believed(from('fd00::2', { 'x-forwarded-for': '2001:db8::5' }), 'fd00::/8')).toBe('2001:db8::5');
});

test('nobody else is, and nonsense is not', () => {
  const lie = { 'x-forwarded-for': '198.51.100.9' };
  expect(believed(from('203.0.113.5', lie), '10.0.0.0/8')).toBe('203.0.113.5');
  for (const text of ['', 'unknown', '1.2.3', ', ,', '10.0.0.3', `${'1.1.1.1,'.repeat(40)}8.8.8.8`]) {
    expect(believed(from('10.0.0.2', { 'x-forwarded-for': text }), '10.0.0.0/8'), text).toBe('10.0.0.2');
  }
});

test('a list of proxies is addresses and networks', () => {
  expect(readProxies(['10.0.0.0/8', '::1', '192.0.2.1'])).toBeDefined();
  for (const bad of ['nginx', '10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.1/x', ''])
    expect(readProxies([bad]), bad).toBeUndefined();
});

test('a request is from this machine when no proxy on it passed it on', () => {
  expect(isFromHere(from('127.0.0.1'))).toBe(true);
  expect(isFromHere(from('::1'))).toBe(true);
  expect(isFromHere(from('127.0.0.1', { 'x-forwarded-for': '127.0.0.1' }))).toBe(false);
  expect(isFromHere(from('127.0.0.1', { via: '1.1 a' }))).toBe(false);
  expect(isFromHere(from('192.0.2.1'))).toBe(false);
});
