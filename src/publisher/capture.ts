/**
 * Gets camera and microphone, or the screen, from the user. What browsers throw becomes one of our codes.
 */
import { type ErrorCode, ShoalError } from '../errors.ts';

/** What is asked of a camera and its microphone. */
export interface CameraWish {
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  /** Whether sound is wanted: a microphone, or what a shared tab plays. */
  readonly sound: boolean;
  readonly picture: boolean;
  readonly cameraId: string | undefined;
  readonly microphoneId: string | undefined;
}

/** The part of `navigator.mediaDevices` that is used. */
export type MediaDevicesFace = Pick<MediaDevices, 'getUserMedia' | 'getDisplayMedia'>;

/** Asks for camera and microphone. */
export const captureCamera = (devices: MediaDevicesFace | undefined, wish: CameraWish): Promise<MediaStream> => {
  const { width, height, frameRate, cameraId, microphoneId } = wish;
  const video = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: frameRate },
    ...(cameraId === undefined ? {} : { deviceId: { exact: cameraId } }),
  };
  const audio = microphoneId === undefined ? true : { deviceId: { exact: microphoneId } };
  return asked(() => present(devices).getUserMedia({ video: wish.picture && video, audio: wish.sound && audio }));
};

/** Asks for a screen, a window or a tab; sound comes where the browser and the choice have it. */
export const captureScreen = (devices: MediaDevicesFace | undefined, wish: CameraWish): Promise<MediaStream> => {
  const { width, height, frameRate, sound } = wish;
  return asked(() =>
    present(devices).getDisplayMedia({
      video: { width: { max: width }, height: { max: height }, frameRate: { ideal: frameRate } },
      audio: sound,
    }),
  );
};

const CODES: Readonly<Record<string, ErrorCode>> = {
  NotAllowedError: 'publish/no-permission',
  SecurityError: 'publish/no-permission',
  NotFoundError: 'publish/no-device',
  OverconstrainedError: 'publish/no-device',
  NotReadableError: 'publish/device-busy',
  AbortError: 'publish/device-busy',
};

const asked = async (ask: () => Promise<MediaStream>): Promise<MediaStream> => {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof ShoalError) throw cause;
    const name = cause instanceof Error ? cause.name : '';
    throw new ShoalError(CODES[name] ?? 'publish/no-device', { detail: name, cause });
  }
};

const present = (devices: MediaDevicesFace | undefined): MediaDevicesFace => {
  if (devices === undefined) throw new ShoalError('support/insecure-context');
  return devices;
};
