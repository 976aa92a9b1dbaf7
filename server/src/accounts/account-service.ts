// `GET /accounts`: everything for the operator, and for an app what is its own.

import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { isFromHere, NO_STORE, refuse, refuseMethod, sendBytes, sendJson } from '../http/respond.ts';
import { type AccountRow, HOUR_MS, hourOf, rowOf } from './account-entry.ts';
import type { AccountStore, HourRange } from './account-store.ts';
import { csvOf, prometheusOf } from './account-texts.ts';
import type { Accounts } from './accounts.ts';
import type { AppGate } from './app-gate.ts';
import type { Ledger } from './ledger.ts';

/** What the service works with. */
export interface AccountServiceParts {
  readonly accounts: Accounts;
  readonly ledger: Ledger;
  readonly store: AccountStore;
  readonly gate: AppGate | undefined;
  readonly clock: Clock;
  /** The operator's; absent: this machine may ask, and nobody else. */
  readonly secret: string | undefined;
}

const FORMATS = ['json', 'csv', 'prometheus'] as const;
type Format = (typeof FORMATS)[number];

const USUAL_HOURS = 24;
const HOURS_MAX = 24 * 62;

/** See above. */
export class AccountService {
  readonly #parts: AccountServiceParts;

  constructor(parts: AccountServiceParts) {
    this.#parts = parts;
  }

  /** Answers a request. */
  async answer(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(response, 'GET, HEAD');
    const app = this.#appOf(request, query);
    if (app === undefined) return refuse(response, 'account/denied');
    const format = FORMATS.find((known) => known === (query.get('format') ?? 'json'));
    const range = this.#rangeOf(query, format);
    if (format === undefined || range === undefined) return refuse(response, 'account/bad-question');
    this.#parts.accounts.look();
    await this.#parts.ledger.flush();
    const stream = query.get('stream');
    const rows = (await this.#parts.store.read(range))
      .filter(({ key }) => (app === '*' || key.app === app) && (stream === null || key.stream === stream))
      .map(rowOf);
    this.#send(response, format, rows);
  }

  #send(response: ServerResponse, format: Format, rows: readonly AccountRow[]): void {
    const send = (text: string, type: string): void =>
      sendBytes(response, Buffer.from(text), { 'content-type': type, ...NO_STORE });
    switch (format) {
      case 'json':
        return sendJson(response, 200, { rows });
      case 'csv':
        return send(csvOf(rows), 'text/csv; charset=utf-8; header=present');
      case 'prometheus': {
        const hour = new Date(hourOf(this.#parts.clock.wall())).toISOString();
        return send(prometheusOf(rows, hour), 'text/plain; version=0.0.4');
      }
    }
  }

  /** Whose accounts may be told: `*` for all; undefined for nobody's. */
  #appOf(request: IncomingMessage, query: URLSearchParams): string | undefined {
    const { gate, secret } = this.#parts;
    const [appId, appKey, sign] = ['appId', 'appKey', 'sign'].map((name) => query.get(name) ?? '');
    if (sign !== undefined && sign !== '') {
      const t = Number(query.get('t') ?? Number.NaN);
      const app = gate?.signer({ appId: appId ?? '', appKey: appKey ?? '', about: 'accounts', t }, sign);
      return app === undefined || typeof app === 'string' ? undefined : app.id;
    }
    if (secret === undefined) return isFromHere(request) ? (query.get('app') ?? '*') : undefined;
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [given, wanted] = [Buffer.from(bearer), Buffer.from(secret)];
    const isOperator = given.length === wanted.length && timingSafeEqual(given, wanted);
    return isOperator ? (query.get('app') ?? '*') : undefined;
  }

  /** `from` and `to`, ISO 8601; the last day unless said. Counters of Prometheus are over everything that is kept. */
  #rangeOf(query: URLSearchParams, format: Format | undefined): HourRange | undefined {
    const now = this.#parts.clock.wall();
    const [fromText, toText] = [query.get('from'), query.get('to')];
    const to = toText === null ? hourOf(now) + HOUR_MS : Date.parse(toText);
    const hours = format === 'prometheus' ? HOURS_MAX : USUAL_HOURS;
    const from = fromText === null ? to - hours * HOUR_MS : Date.parse(fromText);
    const good = Number.isFinite(from) && Number.isFinite(to) && from < to && to - from <= HOURS_MAX * HOUR_MS;
    return good ? { from: hourOf(from), to } : undefined;
  }
}
