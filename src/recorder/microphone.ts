/**
 * The microphone of a page as frames of PCM: permission, audio thread, and everything that takes the microphone away.
 */
import { workletSource } from 'virtual:shoal-recorder';
import { ShoalError } from '../errors.ts';
import { canResample } from './resampler.ts';
import { type ProcessorOrder, type ProcessorWish, type ProcessorWord, RECORDER_PROCESSOR } from './worklet-messages.ts';

/** What is to be recorded. */
export interface MicrophoneWish extends ProcessorWish {
  readonly constraints: MediaTrackConstraints;
  /** Address of `shoal-recorder-worklet.js` on the page's own site, for pages that forbid blobs as scripts. */
  readonly worklet: string | undefined;
}

/** What it says; nothing after `ended`. */
export interface MicrophoneEvents {
  frame(bytes: ArrayBuffer): void;
  /** Something has taken the microphone for a while: the system, or that nobody sees the page. */
  interrupted(): void;
  released(): void;
  /** It was pulled out, or its permission taken back; what came before has come. */
  gone(): void;
}

/** An open microphone. */
export interface Microphone {
  pause(): void;
  resume(): void;
  /** Lets it go; resolves with the last bytes. */
  stop(): Promise<ArrayBuffer | undefined>;
}

/** Opens one; rejects with a code that begins with `recorder/`. */
export type OpenMicrophone = (wish: MicrophoneWish, events: MicrophoneEvents) => Promise<Microphone>;

/** The page's own. */
export const openMicrophone: OpenMicrophone = async (wish, events) => {
  // Old browsers and pages that are not secure have none.
  const devices = (navigator as Partial<Navigator>).mediaDevices;
  if (devices === undefined || typeof AudioWorkletNode === 'undefined') throw new ShoalError('recorder/unsupported');
  const stream = await devices
    .getUserMedia({ audio: wish.constraints })
    .catch((cause) => Promise.reject(refused(cause)));
  const context = new AudioContext();
  try {
    return await record({ stream, context, wish, events });
  } catch (thrown) {
    letGo(stream, context);
    throw thrown;
  }
};

interface Recording {
  readonly stream: MediaStream;
  readonly context: AudioContext;
  readonly wish: MicrophoneWish;
  readonly events: MicrophoneEvents;
}

const RUNNING_WITHIN_MS = 5_000;
/** The audio thread answers at once, unless it is dead. */
const ENDED_WITHIN_MS = 2_000;

const record = async ({ stream, context, wish, events }: Recording): Promise<Microphone> => {
  const { sampleRate, frameBytes } = wish;
  if (!canResample(context.sampleRate, sampleRate)) {
    throw new ShoalError('recorder/unsupported', { detail: `${context.sampleRate} Hz to ${sampleRate} Hz` });
  }
  await loadWorklet(context, wish.worklet);
  await within(context.resume(), RUNNING_WITHIN_MS, 'the page has not been clicked, or Firefox finds no loudspeaker');
  const processorOptions: ProcessorWish = { sampleRate, frameBytes };
  const node = new AudioWorkletNode(context, RECORDER_PROCESSOR, { numberOfInputs: 1, processorOptions });
  const source = context.createMediaStreamSource(stream);
  let last: (bytes: ArrayBuffer | undefined) => void = () => undefined;
  const ended = new Promise<ArrayBuffer | undefined>((resolve) => {
    last = resolve;
  });
  node.port.onmessage = ({ data }) => {
    const word = data as ProcessorWord;
    if (word.kind === 'frame') events.frame(word.bytes);
    else last(word.bytes);
  };
  // What leads nowhere is not heard by browsers; its output is silence.
  source.connect(node).connect(context.destination);
  const unwatch = watchTakers(stream, context, events);
  const order = (said: ProcessorOrder): void => node.port.postMessage(said);
  return {
    pause: () => order('pause'),
    resume: () => order('resume'),
    async stop() {
      unwatch();
      order('stop');
      // An audio thread that died has nothing more to say.
      const bytes = await within(ended, ENDED_WITHIN_MS, '').catch(() => undefined);
      source.disconnect();
      letGo(stream, context);
      return bytes;
    },
  };
};

const letGo = (stream: MediaStream, context: AudioContext): void => {
  for (const track of stream.getTracks()) track.stop();
  // It may be closed already, when the browser took it.
  context.close().catch(() => undefined);
};

let blobAddress: string | undefined;

const loadWorklet = async (context: AudioContext, own: string | undefined): Promise<void> => {
  blobAddress ??= URL.createObjectURL(new Blob([workletSource], { type: 'text/javascript' }));
  try {
    await context.audioWorklet.addModule(own ?? blobAddress);
  } catch (cause) {
    if (own !== undefined) throw new ShoalError('recorder/failed', { detail: `the worklet ${own}`, cause });
    // Browsers tell nobody that a policy has forbidden a worklet, but nothing else keeps one of a blob from loading.
    throw new ShoalError('support/policy', { detail: 'script-src lacks blob:, or serve the worklet yourself', cause });
  }
};

/** Tells when the microphone is taken for a while and when it is gone. */
const watchTakers = (stream: MediaStream, context: AudioContext, events: MicrophoneEvents): (() => void) => {
  const takers = new Set<string>();
  const set = (taker: string, takes: boolean): void => {
    const before = takers.size;
    if (takes) takers.add(taker);
    else takers.delete(taker);
    if (before === 0 && takers.size > 0) events.interrupted();
    if (before > 0 && takers.size === 0) events.released();
  };
  const [track] = stream.getAudioTracks();
  const until = new AbortController();
  const on = (target: EventTarget | undefined, name: string, heard: () => void): void =>
    target?.addEventListener(name, heard, { signal: until.signal });
  on(track, 'mute', () => set('system', true));
  on(track, 'unmute', () => set('system', false));
  on(track, 'ended', () => events.gone());
  on(context, 'statechange', () => set('audio', context.state !== 'running'));
  on(document, 'visibilitychange', () => set('page', document.visibilityState === 'hidden'));
  return () => until.abort();
};

const refused = (cause: unknown): ShoalError => {
  const name = cause instanceof Error ? cause.name : '';
  const detail = cause instanceof Error ? cause.message : String(cause);
  if (name === 'NotAllowedError' || name === 'SecurityError')
    return new ShoalError('recorder/refused', { detail, cause });
  return new ShoalError('recorder/no-microphone', { detail, cause });
};

const within = async <T>(answer: Promise<T>, ms: number, detail: string): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ShoalError('recorder/failed', { detail })), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
};
