import { expect, it } from 'vitest';
import { lackOf, type PolicyLack, sentenceOfLack, watchPolicy } from './policy-watch.ts';

const violation = (effectiveDirective: string, blockedURI: string, disposition = 'enforce') =>
  Object.assign(new Event('securitypolicyviolation'), { effectiveDirective, blockedURI, disposition });

it.each([
  ['script-src', 'wasm-eval', "script-src lacks 'wasm-unsafe-eval'"],
  ['worker-src', 'blob', 'worker-src lacks blob:'],
  ['worker-src', 'blob:https://page.example/1', 'worker-src lacks blob:'],
  ['media-src', 'blob', 'media-src lacks blob:'],
  ['webrtc', '', "webrtc lacks 'allow'"],
  ['connect-src', 'wss://live.example:8443/live/a.pieces', 'connect-src lacks wss://live.example:8443'],
  ['connect-src', 'https://live.example/live/a.flv', 'connect-src lacks https://live.example'],
])('reads a violation of %s by %s', (directive, blocked, sentence) => {
  const lack = lackOf(violation(directive, blocked));
  expect(lack === undefined ? undefined : sentenceOfLack(lack)).toBe(sentence);
});

it.each([
  ['script-src', 'inline'],
  ['style-src-elem', 'inline'],
  ['worker-src', 'https://other.example/worker.js'],
  ['connect-src', 'self'],
  ['img-src', 'https://other.example/a.png'],
])('leaves %s by %s to the page', (directive, blocked) => {
  expect(lackOf(violation(directive, blocked))).toBeUndefined();
});

it('leaves out what is only reported, and hears nothing after its end', () => {
  const scope = new EventTarget();
  const heard: PolicyLack[] = [];
  const stop = watchPolicy(scope, (lack) => heard.push(lack));
  scope.dispatchEvent(violation('media-src', 'blob', 'report'));
  scope.dispatchEvent(violation('media-src', 'blob'));
  stop();
  scope.dispatchEvent(violation('media-src', 'blob'));
  expect(heard).toEqual([{ directive: 'media-src', source: 'blob:' }]);
});
