import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ShoalError } from '../errors.ts';
import type { Microphone, MicrophoneEvents, MicrophoneWish } from './microphone.ts';
import { MicrophoneRecorder } from './microphone-recorder.ts';

/** A microphone in the test's hands. */
class FakeMicrophone implements Microphone {
  readonly orders: string[] = [];
  last: ArrayBuffer | undefined = new ArrayBuffer(6);
  readonly wish: MicrophoneWish;
  readonly events: MicrophoneEvents;
  constructor(wish: MicrophoneWish, events: MicrophoneEvents) {
    this.wish = wish;
    this.events = events;
  }
  pause = (): void => void this.orders.push('pause');
  resume = (): void => void this.orders.push('resume');
  async stop(): Promise<ArrayBuffer | undefined> {
    this.orders.push('stop');
    return this.last;
  }
}

let microphones: FakeMicrophone[];
let answer: Promise<void>;
let heard: string[];
let reported: unknown[];
let recorder: MicrophoneRecorder;

beforeEach(() => {
  microphones = [];
  answer = Promise.resolve();
  heard = [];
  reported = [];
  recorder = new MicrophoneRecorder(
    async (wish, events) => {
      await answer;
      const microphone = new FakeMicrophone(wish, events);
      microphones.push(microphone);
      return microphone;
    },
    undefined,
    (thrown) => void reported.push(thrown),
  );
  recorder.onStart(() => void heard.push('start'));
  recorder.onPause(() => void heard.push('pause'));
  recorder.onResume(() => void heard.push('resume'));
  recorder.onStop(({ duration, fileSize }) => void heard.push(`stop ${duration} ${fileSize}`));
  recorder.onError(({ code }) => void heard.push(`error ${code}`));
  recorder.onInterruptionBegin(() => void heard.push('taken'));
  recorder.onInterruptionEnd(() => void heard.push('back'));
  recorder.onFrameRecorded(({ frameBuffer, isLastFrame }) => {
    heard.push(`${isLastFrame ? 'last' : 'frame'} ${frameBuffer.byteLength}`);
  });
});

const soon = (line: string): Promise<void> => vi.waitFor(() => expect(heard).toContain(line));

const recording = async (options = {}): Promise<FakeMicrophone> => {
  recorder.start(options);
  await soon('start');
  return microphones.at(-1) as FakeMicrophone;
};

describe('a recorder', () => {
  it('says start, frames, the last frame and stop', async () => {
    const microphone = await recording({ sampleRate: 16_000, frameSize: 2 });
    expect(microphone.wish).toMatchObject({ sampleRate: 16_000, frameBytes: 2048 });
    expect(microphone.wish.constraints).toMatchObject({ channelCount: 1, echoCancellation: true });
    microphone.events.frame(new ArrayBuffer(2048));
    recorder.stop();
    await soon('stop 64 2054');
    expect(heard).toEqual(['start', 'frame 2048', 'last 6', 'stop 64 2054']);
    await recording();
    expect(microphones).toHaveLength(2);
  });

  it('pauses and resumes, also when the microphone is taken for a while', async () => {
    const microphone = await recording();
    recorder.pause();
    recorder.pause();
    recorder.resume();
    recorder.resume();
    microphone.events.interrupted();
    microphone.events.released();
    expect(heard).toEqual(['start', 'pause', 'resume', 'taken', 'pause', 'back']);
    recorder.resume();
    expect(microphone.orders).toEqual(['pause', 'resume', 'pause', 'resume']);
  });

  it('stops by itself when its time is up, to the sample, and when the microphone is gone', async () => {
    const microphone = await recording({ duration: 100 });
    microphone.events.frame(new ArrayBuffer(1024));
    microphone.events.frame(new ArrayBuffer(1024));
    await soon('stop 100 1600');
    expect(heard.slice(1)).toEqual(['frame 1024', 'frame 576', 'last 0', 'stop 100 1600']);
    heard.length = 0;
    (await recording()).events.gone();
    await soon('stop 0 6');
  });

  it('stopped while the user is being asked lets the microphone go', async () => {
    let allow: () => void = () => undefined;
    answer = new Promise((resolve) => {
      allow = resolve;
    });
    recorder.start();
    recorder.stop();
    allow();
    await soon('stop 0 0');
    expect(heard).toEqual(['stop 0 0']);
    expect(microphones[0]?.orders).toEqual(['stop']);
  });

  it('says why it cannot, and can be started again', async () => {
    answer = Promise.reject(new ShoalError('recorder/refused'));
    recorder.start();
    await soon('error recorder/refused');
    answer = Promise.resolve();
    await recording();
    recorder.start();
    expect(heard.at(-1)).toBe('error recorder/busy');
  });

  it.each([
    [{ sampleRate: 7000 }],
    [{ numberOfChannels: 2 }],
    [{ format: 'mp3' }],
    [{ frameSize: 0 }],
    [{ frameSize: 5000 }],
    [{ duration: -1 }],
  ])('refuses %j', async (options) => {
    recorder.start(options);
    await soon('error options/invalid');
    expect(microphones).toEqual([]);
  });

  it('is not harmed by a listener that throws, and forgets one that is removed', async () => {
    recorder.onStart(() => {
      throw new Error('mine');
    });
    const unlisten = recorder.onStart(() => void heard.push('removed'));
    unlisten();
    await recording();
    expect(reported).toHaveLength(1);
    expect(heard).toEqual(['start']);
  });
});
