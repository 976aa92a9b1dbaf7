import { afterEach, expect, it, vi } from 'vitest';
import { canDecode, codecOf } from './picture-support.ts';

const avc = Uint8Array.from([0x17, 0, 0, 0, 0, 1, 0x64, 0x00, 0x1f, 0xff]);

afterEach(() => vi.unstubAllGlobals());

it('names the codec of a decoder configuration', () => {
  expect(codecOf(avc)).toBe('avc1.64001f');
  const hevc = new Uint8Array(5 + 23);
  hevc.set([0x1c, 0, 0, 0, 0, 1, 0x01]);
  hevc[5 + 12] = 93;
  expect(codecOf(hevc)).toBe('hvc1.1.6.L93.B0');
  hevc.set([0x90, ...new TextEncoder().encode('hvc1')]);
  expect(codecOf(hevc)).toBe('hvc1.1.6.L93.B0');
  expect(codecOf(Uint8Array.from([0x90, ...new TextEncoder().encode('av01')]))).toMatch(/^av01/);
});

it('says nothing about what it does not know or what is cut off', () => {
  expect(codecOf(Uint8Array.from([0x12, 0]))).toBeUndefined();
  expect(codecOf(avc.slice(0, 7))).toBeUndefined();
  expect(codecOf(new Uint8Array(0))).toBeUndefined();
});

it('asks the browser, and leaves to the player what cannot be asked', () => {
  const asked: string[] = [];
  vi.stubGlobal('MediaSource', { isTypeSupported: (type: string) => asked.push(type) < 0 });
  expect(canDecode(avc)).toBe(false);
  expect(asked).toEqual(['video/mp4; codecs="avc1.64001f"']);
  expect(canDecode(undefined)).toBe(true);
  vi.unstubAllGlobals();
  expect(canDecode(avc)).toBe(true);
});
