/**
 * The recorder's part in the audio thread: what the microphone hears becomes frames of PCM there, so that a busy page makes
 * no gaps.
 */
import { PcmFrames } from '../src/recorder/pcm-frames.ts';
import {
  type ProcessorOrder,
  type ProcessorWish,
  type ProcessorWord,
  RECORDER_PROCESSOR,
} from '../src/recorder/worklet-messages.ts';

/** The scope of a worklet, of which TypeScript knows nothing. */
declare const sampleRate: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: unknown): void;

class RecorderProcessor extends AudioWorkletProcessor {
  readonly #frames: PcmFrames;
  #mono = new Float32Array(128);
  #state: 'recording' | 'paused' | 'over' = 'recording';

  constructor({ processorOptions }: { readonly processorOptions: ProcessorWish }) {
    super();
    this.#frames = new PcmFrames({
      from: sampleRate,
      to: processorOptions.sampleRate,
      frameBytes: processorOptions.frameBytes,
    });
    this.port.onmessage = ({ data }) => this.#heed(data as ProcessorOrder);
  }

  process([channels = []]: readonly (readonly Float32Array[])[]): boolean {
    if (this.#state === 'recording') for (const bytes of this.#frames.push(this.#mix(channels))) this.#frame(bytes);
    return this.#state !== 'over';
  }

  #heed(order: ProcessorOrder): void {
    if (this.#state === 'over') return;
    if (order === 'pause') this.#state = 'paused';
    else if (order === 'resume') this.#state = 'recording';
    else this.#end();
  }

  #end(): void {
    this.#state = 'over';
    const frames = [...this.#frames.end()];
    const last = frames.pop();
    for (const bytes of frames) this.#frame(bytes);
    this.#say({ kind: 'ended', bytes: last });
  }

  /** One channel of all; a microphone without any is silent. */
  #mix(channels: readonly Float32Array[]): Float32Array {
    const [first] = channels;
    if (channels.length === 1 && first !== undefined) return first;
    const { length } = first ?? this.#mono;
    if (this.#mono.length !== length) this.#mono = new Float32Array(length);
    const mono = this.#mono.fill(0);
    for (const channel of channels) {
      for (let at = 0; at < length; at++) mono[at] = (mono[at] ?? 0) + (channel[at] ?? 0) / channels.length;
    }
    return mono;
  }

  #frame(bytes: ArrayBuffer): void {
    this.#say({ kind: 'frame', bytes });
  }

  #say(word: ProcessorWord): void {
    this.port.postMessage(word, word.bytes === undefined ? [] : [word.bytes]);
  }
}

registerProcessor(RECORDER_PROCESSOR, RecorderProcessor);
