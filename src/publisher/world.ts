/**
 * What a publisher takes from the browser, in one place, so that tests can hand in another one.
 */
import { workerSource } from 'virtual:shoal-publisher-worker';
import type { WorkerFace } from '../carrier/browser/worker-host.ts';
import type { OpenSocket } from '../carrier/socket-face.ts';
import { toBase64Url } from '../wire/bytes.ts';
import type { MediaDevicesFace } from './capture.ts';
import { feedPictures, feedSound } from './frames.ts';
import { realTiming, type Timing } from './sending/timing.ts';
import { publishLacks } from './support.ts';

/** The browser, as a publisher sees it. */
export interface PublisherWorld {
  readonly devices: MediaDevicesFace | undefined;
  readonly lacks: typeof publishLacks;
  readonly feedPictures: typeof feedPictures;
  readonly feedSound: typeof feedSound;
  readonly openSocket: OpenSocket;
  readonly timing: Timing;
  startWorker(): WorkerFace;
  /** 16 random bytes, base64url. */
  session(): string;
}

/** The real one. */
export const browserPublisherWorld = (): PublisherWorld => ({
  devices: navigator.mediaDevices as MediaDevices | undefined,
  lacks: publishLacks,
  feedPictures,
  feedSound,
  openSocket: (address) => new WebSocket(address),
  timing: realTiming(),
  startWorker,
  session: () => toBase64Url(crypto.getRandomValues(new Uint8Array(16))),
});

let address: string | undefined;

const startWorker = (): Worker => {
  address ??= URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  return new Worker(address, { name: 'shoal-publisher' });
};
