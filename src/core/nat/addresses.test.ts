import { expect, test } from 'vitest';
import { familyOf, isSameLine, maskMapped, showMapped } from './addresses.ts';

test('a name that hides an address is of no family', () => {
  expect(familyOf('203.0.113.7')).toBe(4);
  expect(familyOf('2001:db8::1')).toBe(6);
  expect(familyOf('0b9d8f2e-1c1b-4c39-8f5e-9a8b7c6d5e4f.local')).toBeUndefined();
});

test.each([
  ['203.0.113.7', '203.0.113.x:9'],
  ['2001:db8:1:2:3:4:5:6', '[2001:db8:1::x]:9'],
  ['2001:0DB8::1', '[2001:db8:0::x]:9'],
  ['::1', '[0:0:0::x]:9'],
])('%s is shown masked as %s', (address, shown) => expect(maskMapped({ address, port: 9 })).toBe(shown));

test('in full an IPv6 address wears brackets', () => {
  expect(showMapped({ address: '203.0.113.7', port: 9 })).toBe('203.0.113.7:9');
  expect(showMapped({ address: '2001:db8::1', port: 9 })).toBe('[2001:db8::1]:9');
});

test('an IPv6 line keeps its prefix while its hosts change theirs daily', () => {
  expect(isSameLine('2001:db8:1:2:aaaa::1', '2001:db8:1:2:bbbb:cccc:1:9')).toBe(true);
  expect(isSameLine('2001:db8:1:2::1', '2001:db8:1:3::1')).toBe(false);
  expect(isSameLine('203.0.113.7', '203.0.113.7')).toBe(true);
  expect(isSameLine('203.0.113.7', '203.0.113.8')).toBe(false);
  expect(isSameLine('203.0.113.7', '2001:db8::1')).toBe(false);
});
