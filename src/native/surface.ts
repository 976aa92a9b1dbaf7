/**
 * The calls of the native SDK on a page. Thin: every call is one of ours under another name. What native callers wait for
 * with a pause answers with a promise here.
 */

import { type Application, TokenDesk } from '../carrier/application-tokens.ts';
import { asShoalError } from '../carrier/calls.ts';
import { logToConsole } from '../log/console.ts';
import { createLog, type Log } from '../log/log.ts';
import { openSharedWith } from '../virtual/flv-source.ts';
import { VirtualHost } from '../virtual/virtual-host.ts';
import { ErrorCode, EventCode } from './codes.ts';
import { type NativeConfig, type NativeOptions, readConfig } from './config.ts';
import { FileLog } from './file-log.ts';
import { type NativeCallback, NativeInstance } from './instance.ts';

type State =
  | { readonly kind: 'unloaded' }
  | { readonly kind: 'loading' }
  | { readonly kind: 'loaded'; readonly host: VirtualHost; readonly config: NativeConfig };

const INSTANCES_MAX = 32;

/** See above. */
export class NativeSurface {
  readonly START = EventCode.START;
  readonly STARTED = EventCode.STARTED;
  readonly STOP = EventCode.STOP;
  readonly STOPPED = EventCode.STOPPED;
  readonly LOAD_READY = EventCode.LOAD_READY;
  readonly STUCK_TO_ORIGIN = EventCode.STUCK_TO_ORIGIN;
  readonly STATISTICS_DATA = EventCode.STATISTICS_DATA;
  readonly EventCode = EventCode;
  readonly ErrorCode = ErrorCode;
  /** What happened, without secrets. */
  readonly log: Log = createLog();
  readonly #writer = this.log.writer('native');
  readonly #instances = new Map<number, NativeInstance>();
  #options: NativeOptions = {};
  #application: Application = { id: '', key: '', secret: '', package: '' };
  #state: State = { kind: 'unloaded' };
  #lastId = 0;
  #stopDebug: (() => void) | undefined;
  #fileLog: FileLog | undefined;

  /** Says what a native SDK has built in; before `LoadAndInit`. False when an option cannot be used. */
  Configure(options: NativeOptions): boolean {
    if (this.#state.kind !== 'unloaded') return this.#refuse('Configure after LoadAndInit');
    try {
      readConfig(options);
    } catch (error) {
      return this.#refuse(String(error));
    }
    this.#options = options;
    return true;
  }

  /** Keeps a log in the browser: `count` files of `bytes` each under the name `dir`, the oldest of which make room. */
  EnableFileLog(dir: string, bytes: number, count: number): boolean {
    const fileLog = FileLog.open({ dir, bytes, count });
    if (fileLog === undefined) return this.#refuse('EnableFileLog wants a name, bytes from 1024 and 1 to 100 files');
    void this.#fileLog?.close();
    this.#fileLog = fileLog;
    fileLog.follow(this.log);
    return true;
  }

  /** The files of the log, oldest first. */
  async ExportFileLog(): Promise<readonly File[]> {
    return (await this.#fileLog?.files()) ?? [];
  }

  /** Writes the log on the console too, in every detail. */
  EnableDebug(): void {
    this.log.level = 'debug';
    this.#stopDebug ??= logToConsole(this.log, 'debug');
  }

  DisableDebug(): void {
    this.log.level = 'info';
    this.#stopDebug?.();
    this.#stopDebug = undefined;
  }

  /** Loads: the Service Worker is asked for, and if it can be had it controls the page once this answers. */
  async LoadAndInit(path: string): Promise<boolean> {
    if (typeof path !== 'string' || path === '') return this.#refuse('LoadAndInit wants a path');
    if (this.#state.kind !== 'unloaded') return this.#refuse('LoadAndInit twice without Unload');
    const loading: State = { kind: 'loading' };
    this.#state = loading;
    const config = readConfig(this.#options);
    const get: typeof fetch = (input, init) => fetch(input, init);
    const { tokenUrl, tokenProvider } = config;
    const tokens = new TokenDesk({ tokenUrl, tokenProvider, application: () => this.#application, fetch: get });
    const renew = tokens.provider;
    const host = new VirtualHost(
      {
        container: navigator.serviceWorker,
        fetch: get,
        openSource: openSharedWith({
          ...(renew === undefined ? {} : { tokenProvider: renew }),
          log: this.log,
          ...config.stream,
        }),
        log: this.#writer,
      },
      { ...config, credentials: () => tokens.query() },
    );
    // Without a Service Worker everything works but the virtual address; PlayURL says so and hands out the original one.
    await host.open().catch((error: unknown) => this.#writer.warn(asShoalError(error, 'virtual/no-control').message));
    if (!this.#isStill(loading)) {
      host.close();
      return this.#refuse('Unload while LoadAndInit was at it');
    }
    this.#state = { kind: 'loaded', host, config };
    this.#writer.info(`loaded ${path}`);
    return true;
  }

  SetPackage(name: string): void {
    this.#application = { ...this.#application, package: String(name) };
  }

  /** Does nothing: the SDK knows its version. */
  SetVersion(_version: string): void {
    this.#writer.warn('SetVersion is deprecated and does nothing');
  }

  SetAppId(id: string): void {
    this.#application = { ...this.#application, id: String(id) };
  }

  SetAppKey(key: string): void {
    this.log.keepSecret(String(key));
    this.#application = { ...this.#application, key: String(key) };
  }

  /** Signs what goes to the token service; it is not sent. Whoever reads the page reads it: prefer a `tokenProvider`. */
  SetSecretKey(secret: string): void {
    this.log.keepSecret(String(secret));
    this.#application = { ...this.#application, secret: String(secret) };
  }

  /** Makes an instance; 0 when that is not possible. Its LOAD_READY comes after this has answered. */
  async CreateInstance(event: NativeCallback, error: NativeCallback, name = ''): Promise<number> {
    if (this.#state.kind !== 'loaded') return this.#refuseId('CreateInstance before LoadAndInit');
    if (typeof event !== 'function' || typeof error !== 'function')
      return this.#refuseId('CreateInstance wants callbacks');
    if (this.#instances.size >= INSTANCES_MAX) return this.#refuseId(`more than ${INSTANCES_MAX} instances`);
    const { host, config } = this.#state;
    const id = ++this.#lastId;
    const log = this.log.writer(name === '' ? `native ${id}` : `native ${id} ${name}`);
    const { startWithinMs, statisticsEveryMs } = config;
    const instance = new NativeInstance({ id, event, error, host, startWithinMs, statisticsEveryMs, log });
    this.#instances.set(id, instance);
    return id;
  }

  /** Plays a source; its STARTED event brings the address to hand to a player. */
  PlayURL(id: number, url: string): boolean {
    const instance = this.#instances.get(id);
    if (instance === undefined) {
      // Nobody is there to be told; whoever shares the page may be looking for the mistake.
      for (const other of this.#instances.values()) other.tellError('NO_SUCH_CHANNEL', `there is no instance ${id}`);
      return this.#refuse(`PlayURL: there is no instance ${id}`);
    }
    if (typeof url !== 'string' || url.trim() === '') {
      instance.tellError('CHANNEL_EMPTY', 'PlayURL was given no address');
      return false;
    }
    return instance.play(url);
  }

  /** Stops what an instance plays; the instance can play again. */
  Unplay(id: number): boolean {
    return this.#instances.get(id)?.stop('Unplay') ?? this.#refuse(`Unplay: there is no instance ${id}`);
  }

  /** Stops everything; instances are gone, and `LoadAndInit` may be called again. */
  Unload(): void {
    for (const instance of this.#instances.values()) instance.close('Unload');
    this.#instances.clear();
    if (this.#state.kind === 'loaded') this.#state.host.close();
    this.#state = { kind: 'unloaded' };
  }

  #isStill(state: State): boolean {
    return this.#state === state;
  }

  #refuse(reason: string): false {
    this.#writer.warn(reason);
    return false;
  }

  #refuseId(reason: string): 0 {
    this.#writer.warn(reason);
    return 0;
  }
}
