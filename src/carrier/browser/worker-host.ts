/**
 * A worker as the page sees it: it starts or fails, answers calls within bounded time or fails, and its death is
 * noticed, whatever it died of, and ends every outstanding call. Death shows in three ways: an error nobody caught, a
 * lock that only a living worker holds, and missing signs of life.
 */
import { ShoalError } from '../../errors.ts';
import { asShoalError, type Callable, releaseCalls, wrapCalls } from '../calls.ts';
import { LIFE_LOCK, type WorkerControl } from '../worker-control.ts';

/** The part of a worker that is used. */
export interface WorkerFace {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
  removeEventListener(type: string, listener: (event: Event) => void): void;
  terminate(): void;
}

/** How a host is made. */
export interface WorkerHostOptions {
  start(): WorkerFace;
  /** The browser's lock manager, where there is one. */
  readonly locks: Pick<LockManager, 'request'> | undefined;
  /** Called once, when the worker died on its own. */
  died(error: ShoalError): void;
  readonly callWithinMs?: number;
  readonly pingEveryMs?: number;
}

const CALL_WITHIN_MS = 10_000;
const PING_EVERY_MS = 5000;
/** One missed sign of life may be a page that just woke up. */
const MISSED_PINGS_MAX = 2;

/** What every worker does, whatever else it is for. */
interface Living {
  /** Leaves politely. */
  stop(): unknown;
  /** Answers at once: a sign of life. */
  ping(): void;
}

type Call = (...given: never[]) => unknown;
/** What a method of a worker is called with. */
export type CallArguments<Control, M extends keyof Control> = Control[M] extends (...given: infer G) => unknown
  ? G
  : never;
type Answer<Control, M extends keyof Control> = Control[M] extends Call ? Awaited<ReturnType<Control[M]>> : never;

/** One worker: a viewer's unless said otherwise. */
export class WorkerHost<Control extends Living = WorkerControl> {
  readonly #options: WorkerHostOptions;
  readonly #worker: WorkerFace;
  readonly #remote: Callable<Control>;
  readonly #outstanding = new Set<(error: ShoalError) => void>();
  readonly #lockAbort = new AbortController();
  #state: 'alive' | 'dead' = 'alive';
  #missed = 0;
  #pinging: ReturnType<typeof setTimeout> | undefined;

  /** Throws `worker/start-failed` when the browser refuses. */
  constructor(options: WorkerHostOptions) {
    this.#options = options;
    try {
      this.#worker = options.start();
    } catch (cause) {
      throw new ShoalError('worker/start-failed', { cause });
    }
    this.#remote = wrapCalls<Control>(this.#worker);
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#die('message' in event ? String(event.message) : 'error');
    });
    this.#worker.addEventListener('messageerror', () => this.#die('unreadable message'));
    this.#watchLock();
    this.#schedulePing();
  }

  /** Calls a method; rejects with the worker's own error, `worker/died` or `worker/call-timeout`. */
  call<M extends keyof Control & string>(method: M, args: CallArguments<Control, M>): Promise<Answer<Control, M>> {
    return new Promise<Answer<Control, M>>((resolve, reject) => {
      if (this.#state === 'dead') {
        reject(new ShoalError('worker/died', { detail: method }));
        return;
      }
      const fail = (error: ShoalError): void => {
        clearTimeout(timer);
        this.#outstanding.delete(fail);
        reject(error);
      };
      const timer = setTimeout(
        () => fail(new ShoalError('worker/call-timeout', { detail: method })),
        this.#options.callWithinMs ?? CALL_WITHIN_MS,
      );
      this.#outstanding.add(fail);
      const remote = this.#remote as unknown as Record<string, (...given: unknown[]) => Promise<Answer<Control, M>>>;
      const invoke = remote[method] as (...given: unknown[]) => Promise<Answer<Control, M>>;
      invoke(...args).then(
        (answer) => {
          clearTimeout(timer);
          this.#outstanding.delete(fail);
          resolve(answer);
        },
        (error: unknown) => fail(asShoalError(error, 'worker/call-failed')),
      );
    });
  }

  /** Asks the worker to leave, then ends it; nothing is reported. */
  end(): void {
    if (this.#state === 'dead') return;
    const last = this.call('stop', [] as never).catch(ignoreEnd);
    this.#bury(new ShoalError('state/destroyed'));
    // Its farewells to neighbours and tracker need a moment to leave.
    const grace = new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    void Promise.all([last, grace]).then(() => this.#worker.terminate());
  }

  #die(detail: string): void {
    if (this.#state === 'dead') return;
    const error = new ShoalError('worker/died', { detail });
    this.#bury(error);
    this.#worker.terminate();
    this.#options.died(error);
  }

  #bury(error: ShoalError): void {
    this.#state = 'dead';
    clearTimeout(this.#pinging);
    this.#lockAbort.abort();
    releaseCalls(this.#remote);
    for (const fail of [...this.#outstanding]) fail(error);
  }

  /** The worker takes the lock first, since it is told its name before anything else; we get it when it dies. */
  #watchLock(): void {
    const { locks } = this.#options;
    if (locks === undefined) return;
    const hear = (event: Event): void => {
      const said = (event as MessageEvent<unknown>).data as { readonly [LIFE_LOCK]?: unknown } | null;
      const name = typeof said === 'object' ? said?.[LIFE_LOCK] : undefined;
      if (typeof name !== 'string') return;
      this.#worker.removeEventListener('message', hear);
      locks.request(name, { signal: this.#lockAbort.signal }, () => this.#die('gone')).catch(ignoreEnd);
    };
    this.#worker.addEventListener('message', hear);
  }

  #schedulePing(): void {
    this.#pinging = setTimeout(() => {
      this.call('ping', [] as never).then(
        () => {
          this.#missed = 0;
          this.#schedulePing();
        },
        () => {
          if (this.#state === 'dead') return;
          this.#missed += 1;
          if (this.#missed >= MISSED_PINGS_MAX) this.#die('silent');
          else this.#schedulePing();
        },
      );
    }, this.#options.pingEveryMs ?? PING_EVERY_MS);
  }
}

const FAREWELL_MS = 200;

/** Rejections that only say that the host itself ended the worker. */
const ignoreEnd = (): void => undefined;
