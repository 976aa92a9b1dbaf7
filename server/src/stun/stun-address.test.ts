import { expect, test } from 'vitest';
import { readStunAddresses, stunUrlOf } from './stun-address.ts';

const urlsOf = (value: unknown) => readStunAddresses(value)?.map(stunUrlOf);

test('an address has the usual port unless another is given', () => {
  expect(readStunAddresses('192.0.2.1')).toEqual([{ ip: '192.0.2.1', port: 3478 }]);
  expect(readStunAddresses(['192.0.2.1:99', '[2001:db8::1]:100'])).toEqual([
    { ip: '192.0.2.1', port: 99 },
    { ip: '2001:db8::1', port: 100 },
  ]);
});

test('viewers are told the name outside, or the address itself', () => {
  expect(urlsOf(['10.0.0.5:3478,stun.example', '192.0.2.1:99', '[2001:db8::1]'])).toEqual([
    'stun:stun.example:3478',
    'stun:192.0.2.1:99',
    'stun:[2001:db8::1]:3478',
  ]);
});

test('an address that stands for all of the machine is named to nobody', () => {
  expect(urlsOf(['0.0.0.0', '[::]'])).toEqual([undefined, undefined]);
});

test('what was read once can be read again, and twice the same counts once', () => {
  const read = readStunAddresses(['10.0.0.5:99,stun.example', '[::1]:7', '10.0.0.5:99']);
  expect(read?.length).toBe(2);
  expect(readStunAddresses(read)).toEqual(read);
});

test.each([
  '',
  'stun.example',
  '192.0.2.1:0',
  '192.0.2.1:65536',
  '192.0.2.300',
  '::1',
  '192.0.2.1,a b',
  7,
  undefined,
  {},
])('%j is no address', (value) => expect(readStunAddresses(value)).toBeUndefined());

test('a list has an end', () => {
  expect(readStunAddresses(Array.from({ length: 9 }, (_, at) => `192.0.2.1:${at + 1}`))).toBeUndefined();
});
