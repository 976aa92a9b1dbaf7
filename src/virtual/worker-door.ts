/**
 * The page's way to its Service Worker: registered, active, in control of this page, and known to speak our version.
 * Every step that can fail has its own code, since each has another cure.
 */
import { ShoalError } from '../errors.ts';
import { type PageRequest, PIPE_VERSION, virtualBase, type WorkerQuestion, type WorkerSelf } from './pipe-messages.ts';

/** Where the Service Worker is. */
export interface ServiceWorkerPlace {
  /** Address of `shoal-sw.js` on this site; undefined: the site's own Service Worker pulls it in. */
  readonly script: string | undefined;
  /** Narrower or wider than the script's folder. */
  readonly scope: string | undefined;
}

/** A request for this page. */
export interface DoorRequest {
  readonly request: PageRequest;
  readonly port: MessagePort;
}

/** An open door. */
export interface OpenDoor {
  /** Below it this page answers; ends in a slash. */
  readonly base: string;
  /** Which Service Worker runs now; undefined when none answers. */
  ask(): Promise<string | undefined>;
  close(): void;
}

const STEP_WITHIN_MS = 10_000;

/** Opens the door, or throws `virtual/...`. */
export const openDoor = async (
  container: ServiceWorkerContainer | undefined,
  place: ServiceWorkerPlace,
  asked: (request: DoorRequest) => void,
): Promise<OpenDoor> => {
  if (!globalThis.isSecureContext) throw new ShoalError('support/insecure-context');
  if (container === undefined) throw new ShoalError('virtual/unsupported');
  const registration = await register(container, place);
  if (!location.href.startsWith(registration.scope)) {
    throw new ShoalError('virtual/out-of-scope', { detail: new URL(registration.scope).pathname });
  }
  const worker = await activeOf(registration);
  const door = crypto.randomUUID().slice(0, 8);
  const hear = ({ data, ports }: MessageEvent): void => {
    const request = data as Partial<PageRequest> | null;
    const [port] = ports;
    if (request?.shoal !== 'request' || request.door !== door || port === undefined) return;
    asked({ request: data as PageRequest, port });
  };
  container.addEventListener('message', hear);
  container.startMessages();
  try {
    const self = await question(worker, { shoal: 'hello' });
    if (self === undefined) throw new ShoalError('virtual/no-control', { detail: 'no answer' });
    if (self.version !== PIPE_VERSION) {
      throw new ShoalError('virtual/wrong-version', { detail: `wanted ${PIPE_VERSION}, found ${self.version}` });
    }
    await controlled(container);
    return {
      base: virtualBase(registration.scope, self.client, door),
      ask: async () => {
        const active = registration.active ?? worker;
        return (await question(active, { shoal: 'alive' }))?.instance;
      },
      close: () => container.removeEventListener('message', hear),
    };
  } catch (error) {
    container.removeEventListener('message', hear);
    throw error;
  }
};

const register = async (
  container: ServiceWorkerContainer,
  { script, scope }: ServiceWorkerPlace,
): Promise<ServiceWorkerRegistration> => {
  if (script === undefined) {
    return within(container.ready, new ShoalError('virtual/not-registered', { detail: 'no Service Worker' }));
  }
  try {
    return await container.register(script, {
      updateViaCache: 'none',
      ...(scope === undefined ? {} : { scope }),
    });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.name : String(cause);
    throw new ShoalError('virtual/not-registered', { detail: `${script}: ${detail}`, cause });
  }
};

const activeOf = (registration: ServiceWorkerRegistration): Promise<ServiceWorker> => {
  // One that waits is ours too and takes over at once; the one to talk to is the newest.
  const newest = registration.installing ?? registration.waiting ?? registration.active;
  const failure = new ShoalError('virtual/not-registered', { detail: 'it did not become active' });
  if (newest === null) return Promise.reject(failure);
  const active = new Promise<ServiceWorker>((resolve, reject) => {
    const look = (): void => {
      if (newest.state === 'activated') resolve(newest);
      else if (newest.state === 'redundant') reject(failure);
      else return;
      newest.removeEventListener('statechange', look);
    };
    newest.addEventListener('statechange', look);
    look();
  });
  return within(active, failure);
};

/** Fetches of this page pass the Service Worker only when it is the page's controller. */
const controlled = (container: ServiceWorkerContainer): Promise<void> => {
  const change = new Promise<void>((resolve) => {
    if (container.controller !== null) resolve();
    else container.addEventListener('controllerchange', () => resolve(), { once: true });
  });
  return within(change, new ShoalError('virtual/no-control', { detail: 'it did not take the page' }));
};

const question = (worker: ServiceWorker, asked: WorkerQuestion): Promise<WorkerSelf | undefined> => {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const done = (self: WorkerSelf | undefined): void => {
      clearTimeout(timer);
      port1.close();
      resolve(self);
    };
    const timer = setTimeout(() => done(undefined), STEP_WITHIN_MS);
    port1.onmessage = ({ data }: MessageEvent<WorkerSelf>) => done(data);
    worker.postMessage(asked, [port2]);
  });
};

const within = async <T>(promise: Promise<T>, late: ShoalError): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), STEP_WITHIN_MS);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
};
