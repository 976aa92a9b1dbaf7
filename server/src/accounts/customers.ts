// Everything of a server that has to do with customers, put together: apps, tokens, accounts, and who asks for them.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ByteCore } from '../../../wasm/abi.ts';
import type { Clock } from '../clock.ts';
import type { SharedStore } from '../cluster/shared-store.ts';
import { refuse } from '../http/respond.ts';
import type { Log } from '../log.ts';
import type { ServerConfig } from '../options.ts';
import type { Admit } from '../origin/admission.ts';
import type { Streams } from '../origin/streams.ts';
import { type SourceTable, upstreamUrl } from '../sources/source-table.ts';
import type { JoinTokens } from '../tracker/join-tokens.ts';
import { HOUR_MS } from './account-entry.ts';
import { AccountService } from './account-service.ts';
import { type AccountStore, MemoryAccountStore } from './account-store.ts';
import { Accounts } from './accounts.ts';
import { AppGate } from './app-gate.ts';
import { type App, readAppsFile } from './apps.ts';
import { FileAccountStore } from './file-account-store.ts';
import { KnownTokens } from './known-tokens.ts';
import { Ledger } from './ledger.ts';
import { SharedAccountStore } from './shared-account-store.ts';
import { TokenService } from './token-service.ts';
import { Watchers } from './watchers.ts';

/** What a configuration says about customers, read before anything runs. */
export interface CustomerPlan {
  readonly apps: readonly App[] | undefined;
  /** Absent where nothing is counted. */
  readonly store: AccountStore | undefined;
  /** What processes of a cluster share. */
  readonly shared: SharedStore | undefined;
}

/** Reads apps and opens the store of accounts; rejects with `server/bad-config`. */
export const planCustomers = async (
  config: ServerConfig,
  { log, clock, shared }: { readonly log: Log; readonly clock: Clock; readonly shared: SharedStore | undefined },
): Promise<CustomerPlan> => {
  const { accountsDir } = config;
  const apps = await readAppsFile(config.apps);
  const keepMs = config.accountsDays * 24 * HOUR_MS;
  if (accountsDir !== undefined) {
    const path = join(accountsDir, 'accounts.jsonl');
    return { apps, shared, store: await FileAccountStore.open({ path, log, keepMs, wall: () => clock.wall() }) };
  }
  if (apps === undefined) return { apps, shared, store: undefined };
  if (shared !== undefined) return { apps, shared, store: new SharedAccountStore(shared, keepMs) };
  log.write('warn', 'accounts-in-memory', {});
  return { apps, shared, store: new MemoryAccountStore() };
};

/** What customers are served with. */
export interface CustomerParts {
  readonly plan: CustomerPlan;
  readonly config: ServerConfig;
  readonly clock: Clock;
  readonly log: Log;
  readonly core: ByteCore;
  readonly sources: SourceTable;
  /** Who is let in where there are no apps, and what is asked behind them. */
  readonly admit: Admit;
  readonly streams: Streams;
  readonly tokens: JoinTokens;
  readonly random: () => number;
}

/** See above. */
export class Customers {
  /** What the doors of origin and tracker take. */
  readonly door: {
    readonly admit: Admit;
    readonly gate: AppGate | undefined;
    readonly accounts: Accounts | undefined;
  };
  readonly #store: AccountStore | undefined;
  readonly #tokens: TokenService | undefined;
  readonly #service: AccountService | undefined;

  constructor(parts: CustomerParts) {
    const { admit, plan, clock, config, sources } = parts;
    const hostOf = (path: string): string | undefined => upstreamUrl(sources, path)?.host;
    const gate = plan.apps === undefined ? undefined : new AppGate(plan.apps, clock, hostOf);
    this.#tokens = gate === undefined ? undefined : new TokenService(gate, clock);
    this.#store = plan.store;
    const ledger = plan.store === undefined ? undefined : new Ledger(plan.store, clock, parts.log);
    const accounts = ledger === undefined ? undefined : accountsOf(parts, ledger);
    this.door = { admit: gate?.before(admit) ?? admit, gate, accounts };
    if (plan.store === undefined || ledger === undefined || accounts === undefined) return;
    const secret = config.accountsSecret;
    this.#service = new AccountService({ accounts, ledger, store: plan.store, gate, clock, secret });
  }

  /** Whether an address is ours. */
  serves(path: string): boolean {
    return path === '/token' || path === '/accounts';
  }

  /** Answers at such an address. */
  async answer(
    path: string,
    { request, response, query }: { request: IncomingMessage; response: ServerResponse; query: URLSearchParams },
  ): Promise<void> {
    const service = path === '/token' ? this.#tokens : this.#service;
    if (service === undefined) return refuse(response, 'origin/not-found');
    return service.answer(request, response, query);
  }

  /** Writes everything down. */
  async close(): Promise<void> {
    await this.door.accounts?.close();
    await this.#store?.close();
  }
}

const accountsOf = ({ clock, core, plan, random, streams, tokens }: CustomerParts, ledger: Ledger): Accounts => {
  const known = new KnownTokens((token) => tokens.isOurs(token));
  return new Accounts({
    clock,
    ledger,
    random,
    watchers: new Watchers(),
    shared: plan.shared,
    hash: (bytes) => core.blake3(bytes),
    verify: (key, text, signature) => core.verify(key, text, signature),
    isOurs: (token) => known.isOurs(token),
    running: (path) => streams.running(path),
  });
};
