import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { bodySignatureOf, sameSign, signOf } from './sign.ts';

test('sign is MD5 of the key and the decimal expiry, one behind the other', () => {
  expect(signOf('key', 1473126233)).toBe(createHash('md5').update('key1473126233').digest('hex'));
  // By another implementation: printf 'key1473126233' | md5sum
  expect(signOf('key', 1473126233)).toBe('227b35a7a5d8f8bd9396a005e85efb7d');
});

test('the body signature changes with the body and with the key', () => {
  const signature = bodySignatureOf('key', '{}');
  expect(signature).toMatch(/^[0-9a-f]{64}$/);
  expect(bodySignatureOf('key', '{ }')).not.toBe(signature);
  expect(bodySignatureOf('kez', '{}')).not.toBe(signature);
});

test('signs are compared whole, whatever their lengths', () => {
  expect(sameSign('abc', 'abc')).toBe(true);
  for (const given of ['', 'ab', 'abd', 'abcd', 'ABC']) expect(sameSign(given, 'abc')).toBe(false);
});
