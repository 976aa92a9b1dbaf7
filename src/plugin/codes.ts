/**
 * The result codes of the plugin surface: what each means, and what makes it so in a browser. Where the documents name no
 * cause, the one named here is ours.
 */
import { type ErrorCode, ShoalError } from '../errors.ts';

/** One row. */
export interface CodeRow {
  /** For `errmsg`. */
  readonly sentence: string;
  /** What leads to it here. */
  readonly cause: string;
}

/** All codes, in the order of the documents. */
export const RESULT_CODES = {
  0: { sentence: 'Success.', cause: 'The call did what it says.' },
  [-2000]: {
    sentence: 'A parameter is missing or has a value that cannot be used.',
    cause:
      'The detail names the parameter. Also: a misspelt member of appParams, updateServiceCallbacks of an unknown id, an xp2pInfo of another device than the one that is named.',
  },
  [-2001]: {
    sentence: 'xp2pInfo cannot be read.',
    cause: 'It is not of the form XP2P, base64, %, version; is of another make; has been changed; or has expired.',
  },
  [-2002]: {
    sentence: 'The module is not initialised.',
    cause: 'Before init() has succeeded, after destroy(), and when init() is overtaken by destroy().',
  },
  [-2003]: { sentence: 'The module was started already.', cause: 'init() after an init() that succeeded.' },
  [-2004]: {
    sentence: 'This operation is not supported here.',
    cause: 'A call for a device on the id of a shared stream.',
  },
  [-2005]: {
    sentence: 'The software of the device is too old.',
    cause: 'The version at the end of xp2pInfo is below 2.3.0.',
  },
  [-2201]: {
    sentence: 'The network module was started already.',
    cause: 'Another copy of the SDK on this page is initialised: a script tag beside an import, or two script tags.',
  },
  [-2202]: {
    sentence: 'The network could not be probed.',
    cause: 'None of the configured STUN servers answered. Never without STUN servers.',
  },
  [-2301]: {
    sentence: 'The local server could not be loaded.',
    cause: 'initParams.localServer names a Service Worker that could not be registered.',
  },
  [-2401]: {
    sentence: 'The service was started already.',
    cause: 'The id has a service, or its service a pull, a talk or a download, already.',
  },
  [-2402]: {
    sentence: 'The pull could not be started.',
    cause:
      'The origin does not know or refuses the stream, or sent nothing of it in time; the device cannot be reached or does not have it. Also the errcode of a command that did not get through.',
  },
  [-2403]: { sentence: 'The service was not started.', cause: 'No service has this id.' },
  [-2404]: {
    sentence: 'This browser does not support P2P.',
    cause: 'WebRTC data channels are missing, or, for a shared stream, MediaSource.',
  },
  [-2501]: {
    sentence: 'The data could not be encrypted.',
    cause:
      'No code and key for the content came from codeUrl or the key service: unreachable, refused, or nonsense. A device was to send in the clear (_crypto=off) to a page that is not one of development.',
  },
  [-2502]: {
    sentence: 'The data could not be decrypted.',
    cause:
      'The content key does not fit the stream, or the origin does not know the code. Whoever answered for a device could not prove to be at the other end of the encrypted line.',
  },
  [-2601]: {
    sentence: 'Voice could not be started.',
    cause: 'No microphone or no permission for it; nobody can be heard at the device, or somebody else is.',
  },
  [-2701]: {
    sentence: 'The file could not be downloaded.',
    cause: 'The device has no such file, or does not give it; the way to it is gone.',
  },
  [-2801]: {
    sentence: 'The state of the device could not be asked.',
    cause: 'With liveStreamDomain a device is asked first whether it has room for a viewer, and did not say.',
  },
} as const satisfies Record<number, CodeRow>;

/** A code of the table. */
export type ResultCode = keyof typeof RESULT_CODES;

/** A code that is not success. */
export type RefusalCode = Exclude<ResultCode, 0>;

/** All codes as numbers. */
export const resultCodes: readonly ResultCode[] = Object.keys(RESULT_CODES).map((code) => Number(code) as ResultCode);

/** What a promise of the module is rejected with. */
export interface Refusal {
  readonly errcode: RefusalCode;
  /** The code's sentence, and in brackets what it is about. */
  readonly errmsg: string;
}

/** Makes a refusal. */
export const refusal = (errcode: RefusalCode, detail?: string): Refusal => {
  const { sentence } = RESULT_CODES[errcode];
  return { errcode, errmsg: detail === undefined || detail === '' ? sentence : `${sentence} (${detail})` };
};

/** A promise that is rejected with a refusal. */
export const refuse = (errcode: RefusalCode, detail?: string): Promise<never> =>
  Promise.reject(refusal(errcode, detail));

/** Whatever was thrown, as a refusal: what a page passed in is -2000, anything else the fallback. */
export const asRefusal = (thrown: unknown, fallback: RefusalCode): Refusal => {
  if (isRefusal(thrown)) return thrown;
  if (thrown instanceof ShoalError) {
    const { code, detail } = thrown;
    return refusal(OF_ERRORS[code] ?? fallback, detail ?? code);
  }
  return refusal(fallback, thrown instanceof Error ? thrown.message : String(thrown));
};

const OF_ERRORS: Readonly<Partial<Record<ErrorCode, RefusalCode>>> = {
  'options/invalid': -2000,
  'state/destroyed': -2002,
  'device/bad-info': -2001,
  'device/expired-info': -2001,
  'device/not-genuine': -2502,
};

const isRefusal = (thrown: unknown): thrown is Refusal =>
  typeof thrown === 'object' && thrown !== null && 'errcode' in thrown && 'errmsg' in thrown;
