/**
 * The microphone as frames of 16-bit PCM: `import { getRecorderManager } from 'shoal/recorder'`.
 *
 * @example
 * const recorder = getRecorderManager();
 * recorder.onFrameRecorded(({ frameBuffer }) => send(frameBuffer));
 * recorder.start({ sampleRate: 16000 });
 */
import { openMicrophone } from './microphone.ts';
import { MicrophoneRecorder } from './microphone-recorder.ts';

export type { MicrophoneRecorder } from './microphone-recorder.ts';
export type {
  RecordedFrame,
  RecorderError,
  RecorderManager,
  RecorderOptions,
  RecordingResult,
  Unlisten,
} from './recorder-face.ts';

let recorder: MicrophoneRecorder | undefined;

/**
 * The recorder of this page; there is one. `worklet` is the address of your own copy of `shoal-recorder-worklet.js`, for a page
 * whose policy forbids blobs as scripts; it counts the first time.
 */
export const getRecorderManager = ({ worklet }: { readonly worklet?: string } = {}): MicrophoneRecorder => {
  recorder ??= new MicrophoneRecorder(openMicrophone, worklet, reportLater);
  return recorder;
};

/** What a page's own listener throws is the page's, and reaches its console. */
const reportLater = (thrown: unknown): void =>
  queueMicrotask(() => {
    throw thrown;
  });
