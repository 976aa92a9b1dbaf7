/**
 * Whether this browser can publish, asked before the user is bothered with a question for the camera.
 */
import { type ErrorCode, sentenceOf } from '../errors.ts';

/** Why a browser cannot publish. */
export interface PublishLack {
  readonly code: ErrorCode;
  /** For a stranger. */
  readonly sentence: string;
}

/** The parts of a browser that matter. */
export interface PublishSurroundings {
  readonly isSecureContext?: boolean;
  readonly Worker?: unknown;
  readonly WebAssembly?: unknown;
  readonly navigator?: { readonly mediaDevices?: unknown };
  readonly VideoEncoder?: Pick<typeof VideoEncoder, 'isConfigSupported'>;
  readonly AudioEncoder?: Pick<typeof AudioEncoder, 'isConfigSupported'>;
}

/** A size every encoder has; what is really sent is asked for when its size is known. */
const SAMPLE_PICTURE = { codec: 'avc1.42e01e', width: 640, height: 360, bitrate: 800_000, framerate: 30 };
const SAMPLE_SOUND = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 2, bitrate: 96_000 };

/** What this browser lacks to publish; empty where it can. */
export const publishLacks = async (
  browser: PublishSurroundings = globalThis as unknown as PublishSurroundings,
): Promise<readonly PublishLack[]> => {
  const codes: ErrorCode[] = [];
  if (browser.isSecureContext === false) codes.push('support/insecure-context');
  if (browser.Worker === undefined) codes.push('support/no-worker');
  if (browser.WebAssembly === undefined) codes.push('support/no-webassembly');
  if (!(await encodes(browser))) codes.push('publish/no-encoder');
  return codes.map((code) => ({ code, sentence: sentenceOf(code) }));
};

const encodes = async ({ VideoEncoder, AudioEncoder }: PublishSurroundings): Promise<boolean> => {
  if (VideoEncoder === undefined || AudioEncoder === undefined) return false;
  try {
    const answers = await Promise.all([
      VideoEncoder.isConfigSupported(SAMPLE_PICTURE),
      AudioEncoder.isConfigSupported(SAMPLE_SOUND),
    ]);
    return answers.every(({ supported }) => supported === true);
  } catch {
    return false;
  }
};
