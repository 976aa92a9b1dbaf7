import { describe, expect, test } from 'vitest';
import { type DeviceInfo, decodeInfo, encodeInfoBody, sealInfo } from './device-info.ts';
import { DEVICE_INFO_MAX, DEVICE_NAME_MAX } from './limits.ts';
import { counting } from './testing/samples.ts';

const INFO: DeviceInfo = {
  productId: 'cam',
  deviceName: 'front-door',
  deviceKey: counting(32),
  meeting: 'wss://live.example/devices',
  expiresMs: 1_800_000_000_000,
  rights: ['live', 'voice'],
  version: '2.4.0',
  flags: 'm',
};
const seal = (info: DeviceInfo): string => sealInfo(encodeInfoBody(info, counting(8)), counting(64, 3), info);

describe('the info of a device', () => {
  test('says what was put in, and which bytes are signed', () => {
    const text = seal(INFO);
    expect(text).toMatch(/^XP2P[\w-]+%2\.4\.0m$/);
    const sealed = decodeInfo(` ${text}\n`);
    expect(sealed).toMatchObject({ info: INFO, signature: counting(64, 3) });
  });

  test('fits into its limit at its largest', () => {
    const name = 'n'.repeat(DEVICE_NAME_MAX);
    const large = { ...INFO, productId: name, deviceName: name, meeting: `wss://${'h'.repeat(180)}` };
    const text = seal(large);
    expect(text.length).toBeLessThanOrEqual(DEVICE_INFO_MAX);
    expect(decodeInfo(text)).toMatchObject({ info: large });
  });

  test.each([
    ['another version in plain sight', seal(INFO).replace('%2.4.0m', '%9.9.9m')],
    ['no version', seal(INFO).split('%')[0] ?? ''],
    ['a name with a blank', seal({ ...INFO, deviceName: 'a b' })],
    ['no name', seal({ ...INFO, productId: '' })],
    ['a meeting place that is no socket', seal({ ...INFO, meeting: 'https://live.example' })],
    ['bytes missing', `${seal(INFO).slice(0, 80)}%2.4.0m`],
    ['nothing', ''],
    ['a text of another maker', 'XP2Pabcdef%2.4.0'],
  ])('is refused with %s', (_what, text) => expect(decodeInfo(text)).toMatchObject({ code: 'device/bad-info' }));
});
