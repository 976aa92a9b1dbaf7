import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentParts } from '../../server/agent/device-agent.ts';
import { voiceToFile } from '../../server/agent/voice-sink.ts';
import { codeOf, DoorStage, sha, soon } from './testing/door-stage.ts';
import { ScriptedRecorder } from './testing/scripted-recorder.ts';

let door: DoorStage;
beforeEach(async () => {
  door = await DoorStage.open();
});
afterEach(() => door.close());

describe('a talk', () => {
  const voice = async (change: Partial<AgentParts> = {}) => {
    const path = join(door.stage.folder, 'voice.pcm');
    const { agent, info } = await door.device({ voice: voiceToFile(path), ...change });
    await door.start(info);
    return { agent, info, path, recorder: new ScriptedRecorder() };
  };
  const said: string[] = [];
  const callbacks = {
    onStart: () => void said.push('start'),
    onPause: ({ inInterruption }: { readonly inInterruption: boolean }) => void said.push(`pause ${inInterruption}`),
    onResume: () => void said.push('resume'),
    onStop: ({ willRestart }: { readonly willRestart: boolean }) => void said.push(`stop ${willRestart}`),
  };
  beforeEach(() => {
    said.length = 0;
  });

  it('brings every frame of the recorder to the device, over its pauses and restarts', async () => {
    const { path, recorder } = await voice();
    expect(await door.plugin.startVoiceService('a', recorder, { sampleRate: 8000 }, callbacks)).toBe(0);
    expect(await codeOf(door.plugin.startVoice('a', recorder))).toBe(-2401);
    expect(recorder.started).toMatchObject({ sampleRate: 8000, format: 'PCM' });
    const frames = Array.from({ length: 40 }, () => randomBytes(640));
    for (const frame of frames.slice(0, 20)) recorder.record(frame);
    recorder.pause();
    recorder.resume();
    recorder.interrupt();
    recorder.release();
    recorder.end();
    for (const frame of frames.slice(20)) recorder.record(frame);
    door.plugin.stopVoiceService('a');
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    await soon(() => expect(sha(readFileSync(path))).toBe(sha(Buffer.concat(frames))));
    const pauses = ['pause false', 'resume', 'pause true', 'resume'];
    expect(said).toEqual(['start', ...pauses, 'stop true', 'start', 'stop false']);
    expect(await door.plugin.startVoice('a', recorder)).toBe(0);
  });

  it('is -2601 when somebody else talks, when there is no speaker, and when the recorder fails', async () => {
    const { info, recorder } = await voice();
    expect(await door.plugin.startVoiceService('a', recorder, {}, callbacks)).toBe(0);
    expect(await door.plugin.startP2PService('b', info, { msgCallback: door.msgCallback })).toBe(0);
    expect(await codeOf(door.plugin.startVoiceService('b', new ScriptedRecorder()))).toBe(-2601);
    door.plugin.stopVoiceService('a');
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    const broken = new ScriptedRecorder('broken');
    expect(await codeOf(door.plugin.startVoiceService('a', broken))).toBe(-2601);
    expect(await door.plugin.startVoiceService('b', recorder)).toBe(0);
  });

  it('ends when the device is gone, and the recorder with it', async () => {
    const { agent, recorder } = await voice();
    expect(await door.plugin.startVoiceService('a', recorder, {}, callbacks)).toBe(0);
    agent.close();
    await soon(() => expect(said.at(-1)).toBe('stop false'));
    expect(recorder.state).toBe('idle');
  });

  it('takes bytes of the page’s own making as well', async () => {
    const { path } = await voice();
    const events: string[] = [];
    const writer = await door.plugin.startVoiceData(
      'a',
      { urlParams: 'channel=0' },
      {
        onSuccess: (response) => void events.push(`success ${response?.status}`),
        onStop: () => void events.push('stop'),
        onComplete: () => void events.push('complete'),
      },
    );
    const flv = randomBytes(30_000);
    writer.addChunk(new Uint8Array(flv).buffer);
    door.plugin.stopVoice('a');
    await soon(() => expect(events).toEqual(['success 200', 'stop', 'complete']));
    await soon(() => expect(sha(readFileSync(path))).toBe(sha(flv)));
  });
});
