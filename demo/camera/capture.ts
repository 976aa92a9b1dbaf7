/**
 * A snapshot of what is shown, and a recording of it on this computer.
 */
import { save } from './files.ts';

const BYTES_MAX = 100 * 1024 * 1024;
const EVERY_MS = 1000;
const TYPES = ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/webm;codecs=vp8,opus', 'video/webm'];

const nameOf = (ending: string): string =>
  `camera ${new Date().toISOString().slice(0, 19).replaceAll(':', '.')}.${ending}`;

/** Saves the picture that is on the screen now. */
export const snapshot = async (video: HTMLVideoElement): Promise<void> => {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (picture !== null) save(picture, nameOf('png'));
};

/** Records the screen from one press of the button to the next, up to 100 MB. */
export const wireRecording = (
  video: HTMLVideoElement,
  button: HTMLButtonElement,
  say: (text: string) => void,
): void => {
  let recorder: MediaRecorder | undefined;
  button.addEventListener('click', () => {
    if (recorder !== undefined) return recorder.stop();
    const type = TYPES.find((known) => MediaRecorder.isTypeSupported(known));
    // What the element plays changes with quality and recordings; its captured stream goes on.
    const stream = (video as unknown as { captureStream(): MediaStream }).captureStream();
    const parts: Blob[] = [];
    let bytes = 0;
    const running = new MediaRecorder(stream, type === undefined ? {} : { mimeType: type });
    recorder = running;
    running.ondataavailable = ({ data }) => {
      parts.push(data);
      bytes += data.size;
      say(`${(bytes / 1e6).toFixed(1)} MB recorded`);
      if (bytes > BYTES_MAX && running.state === 'recording') running.stop();
    };
    running.onerror = () => say('The browser cannot record this.');
    running.onstop = () => {
      recorder = undefined;
      button.setAttribute('aria-pressed', 'false');
      button.textContent = 'Record';
      if (bytes > 0)
        save(new Blob(parts, { type: running.mimeType }), nameOf(running.mimeType.includes('mp4') ? 'mp4' : 'webm'));
    };
    running.start(EVERY_MS);
    button.setAttribute('aria-pressed', 'true');
    button.textContent = 'Stop and save';
  });
};
