import { expect, it } from 'vitest';
import { parseOptions } from '../player/options.ts';
import { type AttributeFace, observedAttributes, optionsOf, startsAfresh } from './attributes.ts';

const video = {} as HTMLVideoElement;
const element = (attributes: Readonly<Record<string, string>>): AttributeFace => ({
  getAttribute: (name) => attributes[name] ?? null,
});
const parse = (attributes: Readonly<Record<string, string>>) => {
  const options = optionsOf(element({ src: '/live/demo.flv', ...attributes }), video, {});
  if (options === undefined) throw new TypeError('no options');
  return parseOptions(options, 'https://page.example/');
};

it('has nothing to play without an address', () => {
  expect(optionsOf(element({}), video, {})).toBeUndefined();
  expect(optionsOf(element({ src: '  ' }), video, {})).toBeUndefined();
});

it('leaves to the defaults what is not said', () => {
  expect(optionsOf(element({ src: ' /live/demo.flv ' }), video, {})).toEqual({
    url: '/live/demo.flv',
    video,
    autoplay: true,
  });
});

it('says everything an attribute can', () => {
  const parsed = parse({
    latency: '700',
    neighbours: '4',
    memory: '32',
    metered: 'ignore',
    'when-hidden': 'leave',
    sharing: 'download-only',
    'upload-cap': '800',
    service: '/service.json',
    'code-url': '/code',
  });
  expect(parsed).toMatchObject({
    latencyMs: 700,
    neighbours: 4,
    storeBytes: 32 * 1024 * 1024,
    metered: 'ignore',
    whenHidden: 'leave',
    sharing: 'download-only',
    uploadBytesPerSec: 100_000,
    service: 'https://page.example/service.json',
  });
  expect(parse({ 'upload-cap': '' }).uploadBytesPerSec).toBe(Number.POSITIVE_INFINITY);
});

it.each([
  ['latency', 'soon', 'latencyMs'],
  ['neighbours', '-1', 'neighbours'],
  ['sharing', 'maybe', 'sharing'],
  ['metered', 'x', 'metered'],
  ['upload-cap', 'much', 'uploadCapKbps'],
])('names %s="%s"', (name, value, option) => {
  expect(() => parse({ [name]: value })).toThrow(option);
});

it('starts afresh for another stream, not for another look', () => {
  expect(observedAttributes.filter(startsAfresh)).toContain('src');
  for (const name of ['sharing', 'upload-cap', 'muted', 'controls', 'poster']) expect(startsAfresh(name)).toBe(false);
});
