// How a device says no: a code, and what it means as a status for pages that know only those.

import type { Exchange } from '../../src/carrier/exchange.ts';
import { type ErrorCode, ShoalError } from '../../src/errors.ts';

/** Why something was not done; undefined when it was. */
export type Refusal = { readonly code: ErrorCode; readonly detail: string } | undefined;

/** Codes as the statuses a page of the seeds expects. */
const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = {
  'device/no-right': 403,
  'device/no-such-file': 404,
  'device/busy': 405,
  'device/bad-request': 400,
  'device/talking': 409,
};

/** Answers a request by a refusal. */
export const refuse = (exchange: Exchange, code: ErrorCode, detail: string): void => {
  exchange.answer({ status: STATUS_OF[code] ?? 500, headers: { 'x-shoal-error': code, 'x-shoal-detail': detail } });
  exchange.end();
};

/** The code of what was thrown, for a detail. */
export const codeOf = (thrown: unknown): string => (thrown instanceof ShoalError ? thrown.code : String(thrown));
