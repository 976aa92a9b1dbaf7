import { expect, it, vi } from 'vitest';
import { isSupported, type Support, supportReasons } from './support.ts';

const yes = (): boolean => true;
const all: Support = { mediaSource: true, webAssembly: true, worker: true, webrtc: true };

it('has nothing to say where everything works', () => {
  expect(supportReasons(all, true, yes)).toEqual([]);
});

it.each([
  ['mediaSource', 'support/no-media-source', 'playing'],
  ['webrtc', 'support/no-webrtc', 'sharing'],
  ['worker', 'support/no-worker', 'sharing'],
  ['webAssembly', 'support/no-webassembly', 'sharing'],
] as const)('says what a browser without %s cannot do', (missing, code, prevents) => {
  const [reason, ...others] = supportReasons({ ...all, [missing]: false }, true, yes);
  expect(others).toEqual([]);
  expect(reason).toMatchObject({ code, prevents });
  expect(reason?.sentence).toMatch(/\w+ .*\.$/);
});

it('says that a page without https lacks some things, but supports it', () => {
  expect(supportReasons(all, false, yes)).toMatchObject([{ code: 'support/insecure-context', prevents: 'nothing' }]);
});

it('says where links stay on the page, but not where there are none', () => {
  const no = (): boolean => false;
  expect(supportReasons(all, true, no)).toMatchObject([{ code: 'support/links-on-page', prevents: 'nothing' }]);
  expect(supportReasons({ ...all, webrtc: false }, true, no)).toMatchObject([{ code: 'support/no-webrtc' }]);
});

it('asks the browser it is in', () => {
  expect(isSupported('playing')).toBe(false);
  vi.stubGlobal('MediaSource', class {});
  vi.stubGlobal('Worker', class {});
  try {
    expect(isSupported('playing')).toBe(true);
    expect(isSupported()).toBe(false);
    vi.stubGlobal('RTCPeerConnection', class {});
    expect(isSupported()).toBe(false);
    vi.stubGlobal(
      'RTCPeerConnection',
      class {
        createDataChannel(): void {
          throw new TypeError('nobody calls it');
        }
      },
    );
    expect(isSupported()).toBe(true);
  } finally {
    vi.unstubAllGlobals();
  }
});
