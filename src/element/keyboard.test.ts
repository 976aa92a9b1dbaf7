import { expect, it } from 'vitest';
import { actionOf } from './keyboard.ts';

const press = (key: string, modifier: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...modifier,
});

it.each([
  [' ', { kind: 'toggle-play' }],
  ['k', { kind: 'toggle-play' }],
  ['K', { kind: 'toggle-play' }],
  ['m', { kind: 'toggle-mute' }],
  ['f', { kind: 'toggle-fullscreen' }],
  ['c', { kind: 'toggle-captions' }],
  ['i', { kind: 'toggle-why' }],
  ['ArrowUp', { kind: 'volume', by: 0.05 }],
  ['ArrowDown', { kind: 'volume', by: -0.05 }],
  ['Escape', { kind: 'dismiss' }],
])('takes %s', (key, action) => {
  expect(actionOf(press(key), 'div')).toEqual(action);
});

it('leaves to a control what is its own, and to the browser what has a modifier', () => {
  expect(actionOf(press(' '), 'button')).toBeUndefined();
  expect(actionOf(press('k'), 'button')).toEqual({ kind: 'toggle-play' });
  expect(actionOf(press('ArrowUp'), 'input')).toBeUndefined();
  expect(actionOf(press('f', { ctrlKey: true }), 'div')).toBeUndefined();
  expect(actionOf(press('m', { metaKey: true }), 'div')).toBeUndefined();
  expect(actionOf(press('Tab'), 'div')).toBeUndefined();
});
