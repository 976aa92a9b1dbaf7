/**
 * The calls of the app SDKs: an address is spliced into a stream's own, and whatever fetches it gets the stream through
 * this page. Nothing is to be stopped: a stream goes when its last reader does.
 */

import { TokenDesk } from '../carrier/application-tokens.ts';
import { logToConsole } from '../log/console.ts';
import { createLog, type Log } from '../log/log.ts';
import { openSharedWith } from '../virtual/flv-source.ts';
import { type Features, VirtualHost } from '../virtual/virtual-host.ts';
import { type NativeOptions, readConfig } from './config.ts';

/** Who the application is. */
export interface XNetApplication extends NativeOptions {
  readonly appId?: string;
  readonly appKey?: string;
  readonly secretKey?: string;
  readonly package?: string;
}

const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i;

/** See above. */
export class XNetSurface {
  /** What happened, without secrets. */
  readonly log: Log = createLog();
  readonly #writer = this.log.writer('xnet');
  #host: VirtualHost | undefined;

  /** Begins; false when there can be no virtual address, and then `proxyOf` answers nothing. */
  async create(application: XNetApplication = {}): Promise<boolean> {
    if (this.#host !== undefined) return this.#refuse('create twice');
    const { appId = '', appKey = '', secretKey = '', package: name = '' } = application;
    for (const secret of [appKey, secretKey]) this.log.keepSecret(secret);
    try {
      const config = readConfig(application);
      const get: typeof fetch = (input, init) => fetch(input, init);
      const who = { id: appId, key: appKey, secret: secretKey, package: name };
      const tokens = new TokenDesk({ ...config, application: () => who, fetch: get });
      const renew = tokens.provider;
      const tokenProvider = renew === undefined ? {} : { tokenProvider: renew };
      this.#host = new VirtualHost(
        {
          container: navigator.serviceWorker,
          fetch: get,
          openSource: openSharedWith({ ...tokenProvider, log: this.log, ...config.stream }),
          log: this.#writer,
        },
        { ...config, credentials: () => tokens.query() },
      );
      await this.#host.open();
      return true;
    } catch (error) {
      this.destroy();
      return this.#refuse(String(error));
    }
  }

  /** What to put between `://` and the host of a stream's address; empty when there is no proxy. */
  proxyOf(domain: string): string {
    const base = this.#host?.base;
    if (base === undefined || !HOST.test(domain)) return '';
    return `${base.slice(base.indexOf('://') + 3)}${domain}`;
  }

  /** Makes sure that the proxy answers, as after a time in the background; whether it does. Happens by itself, too. */
  async resume(): Promise<boolean> {
    return (await this.#host?.resume()) ?? false;
  }

  /** What `/feature` switches. */
  setFeature(features: Features): void {
    this.#host?.setFeatures(features);
  }

  /** Writes the log on the console; returns how to stop. */
  enableDebug(): () => void {
    this.log.level = 'debug';
    return logToConsole(this.log, 'debug');
  }

  /** Ends every stream and the proxy. */
  destroy(): void {
    this.#host?.close();
    this.#host = undefined;
  }

  #refuse(reason: string): false {
    this.#writer.warn(reason);
    return false;
  }
}
