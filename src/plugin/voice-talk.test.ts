import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeviceTalk } from '../device/device.ts';
import { ShoalError } from '../errors.ts';
import type { RecorderManager } from '../recorder/recorder-face.ts';
import { callPageWith } from './page-call.ts';
import { ScriptedRecorder } from './testing/scripted-recorder.ts';
import { VoiceTalk } from './voice-talk.ts';

let heard: string[];
let written: number;
let endTalk: (why: ShoalError) => void;
let recorder: ScriptedRecorder;
let voice: VoiceTalk;

const talkOf = (status = 200): DeviceTalk => ({
  status,
  headers: {},
  over: new Promise((_, reject) => {
    endTalk = reject;
  }),
  stop: () => void heard.push('broken off'),
  end: async () => void heard.push('ended'),
  async write(bytes) {
    written += bytes.length;
  },
});

const talkTo = (
  open: () => Promise<DeviceTalk>,
  given: RecorderManager = recorder,
  onStop: (willRestart: boolean) => void = () => undefined,
): VoiceTalk =>
  new VoiceTalk({
    open,
    recorder: given,
    options: {},
    callbacks: {
      onStart: () => void heard.push('start'),
      onPause: ({ inInterruption }) => void heard.push(`pause ${inInterruption}`),
      onResume: () => void heard.push('resume'),
      onStop: ({ willRestart }) => {
        heard.push(`stop ${willRestart}`);
        onStop(willRestart);
      },
    },
    call: callPageWith((thrown) => expect.fail(String(thrown))),
    log: () => undefined,
    over: () => void heard.push('over'),
  });

const codeOf = async (started: Promise<0>): Promise<unknown> => started.catch(({ errcode }) => errcode);
const soon = (line: string): Promise<void> => vi.waitFor(() => expect(heard).toContain(line));

beforeEach(() => {
  heard = [];
  written = 0;
  recorder = new ScriptedRecorder();
  voice = talkTo(async () => talkOf());
});

describe('a talk', () => {
  it('is not started again for ever by a recorder that brings nothing', async () => {
    await voice.start();
    recorder.record(new Uint8Array(10));
    recorder.end();
    recorder.end();
    await soon('over');
    expect(heard).toEqual(['start', 'stop true', 'start', 'ended', 'over', 'stop false']);
  });

  it('that the page stops as it hears of the restart is not restarted', async () => {
    voice = talkTo(
      async () => talkOf(),
      recorder,
      (willRestart) => willRestart && voice.stop(),
    );
    await voice.start();
    recorder.record(new Uint8Array(10));
    recorder.end();
    await soon('over');
    expect([recorder.state, ...heard]).toEqual(['idle', 'start', 'stop true', 'ended', 'over', 'stop false']);
  });

  it('ends by the recorder’s own error, and by the device’s', async () => {
    await voice.start();
    recorder.fail();
    await soon('over');
    expect(heard).toEqual(['start', 'broken off', 'over', 'stop false']);
    heard.length = 0;
    voice = talkTo(async () => talkOf());
    await voice.start();
    endTalk(new ShoalError('request/lost'));
    await soon('over');
    expect([recorder.state, ...heard]).toEqual(['idle', 'start', 'broken off', 'over', 'stop false']);
  });

  it('refused by the device never starts the recorder', async () => {
    voice = talkTo(async () => talkOf(409));
    expect(await codeOf(voice.start())).toBe(-2601);
    expect([recorder.started, ...heard]).toEqual([undefined, 'broken off', 'over']);
  });

  it('stopped before the device has answered is -2601 and leaves nothing open', async () => {
    let answer: (talk: DeviceTalk) => void = () => undefined;
    voice = talkTo(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const started = codeOf(voice.start());
    voice.stop();
    expect(await started).toBe(-2601);
    answer(talkOf());
    await soon('broken off');
    expect(recorder.started).toBeUndefined();
  });

  it('takes a recorder that knows nothing of interruptions', async () => {
    const plain = Object.fromEntries(
      [
        'onStart',
        'onPause',
        'onResume',
        'onStop',
        'onFrameRecorded',
        'onError',
        'start',
        'stop',
        'pause',
        'resume',
      ].map((name) => [name, (recorder[name as 'start'] as () => void).bind(recorder)]),
    ) as unknown as RecorderManager;
    voice = talkTo(async () => talkOf(), plain);
    expect(await voice.start()).toBe(0);
    recorder.record(new Uint8Array(10));
    await vi.waitFor(() => expect(written).toBe(10));
  });
});
