/**
 * The talk button: the microphone's frames go to the camera for as long as it is pressed down, and a meter shows that
 * something is heard.
 */
import type { Device, DeviceTalk } from 'shoal/device';
import { getRecorderManager } from 'shoal/recorder';

const SAMPLE_RATE = 8000;
const LOUDEST = 32_768;

/** What the page shows of it. */
export interface TalkView {
  readonly button: HTMLButtonElement;
  readonly level: HTMLMeterElement;
  say(text: string): void;
}

/** Makes the button work. */
export const wireTalk = (device: Device, { button, level, say }: TalkView): void => {
  const recorder = getRecorderManager();
  let talk: DeviceTalk | undefined;
  const show = (isTalking: boolean): void => {
    button.setAttribute('aria-pressed', String(isTalking));
    button.textContent = isTalking ? 'Stop talking' : 'Talk';
    button.disabled = false;
    if (!isTalking) level.value = 0;
  };
  const hangUp = async (words: string): Promise<void> => {
    const ending = talk;
    talk = undefined;
    recorder.stop();
    show(false);
    say(words);
    await ending?.end().catch(() => undefined);
  };
  recorder.onFrameRecorded(({ frameBuffer }) => {
    if (talk === undefined) return;
    level.value = loudnessOf(new Int16Array(frameBuffer, 0, frameBuffer.byteLength >> 1));
    talk.write(new Uint8Array(frameBuffer)).catch((error: Error) => talk !== undefined && void hangUp(error.message));
  });
  recorder.onError(({ errMsg }) => void hangUp(errMsg));
  button.addEventListener('click', async () => {
    if (talk !== undefined) return hangUp('You have hung up.');
    button.disabled = true;
    try {
      talk = await device.talk();
      talk.over.catch((error: Error) => talk !== undefined && void hangUp(error.message));
      recorder.start({ sampleRate: SAMPLE_RATE });
      show(true);
      say('The camera hears you.');
    } catch (error) {
      await hangUp((error as Error).message);
    }
  });
};

/** Between silence and as loud as it gets; ears hear in powers, so the square root. */
const loudnessOf = (samples: Int16Array): number => {
  let sum = 0;
  for (const sample of samples) sum += (sample / LOUDEST) ** 2;
  return Math.sqrt(Math.sqrt(sum / Math.max(1, samples.length)));
};
