/**
 * Calls between page and worker by comlink, with errors that keep their code: comlink alone passes on name, message and
 * stack only. This is the one file that knows comlink.
 */
import { expose, type Remote, releaseProxy, transfer, transferHandlers, wrap } from 'comlink';
import { type ErrorCode, errorCodes, ShoalError } from '../errors.ts';

/** An error on its way between threads. */
interface Thrown {
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly message: string;
}

/** The part of a worker or a port that calls go through. */
export type CallEnd = Parameters<typeof wrap>[0];

/** The other side's object: every method answers with a promise. */
export type Callable<T> = Remote<T>;

/** Lets the other side call the object's methods. */
export const exposeCalls = (object: object, end: CallEnd): void => {
  keepCodes();
  expose(object, end);
};

/** The other side's object. A call is left pending for ever when the other side dies: see worker-host.ts. */
export const wrapCalls = <T>(end: CallEnd): Callable<T> => {
  keepCodes();
  return wrap<T>(end);
};

/** Gives the other side's object up. Without it comlink's registry keeps the other side alive for ever. */
export const releaseCalls = <T>(object: Callable<T>): void => object[releaseProxy]();

/** Marks what an argument takes along to the other side. */
export const withTransfer = <T extends object>(argument: T, taken: Transferable[]): T => transfer(argument, taken);

/** Whatever was thrown, as a ShoalError. */
export const asShoalError = (thrown: unknown, fallback: ErrorCode): ShoalError => {
  if (thrown instanceof ShoalError) return thrown;
  const { code, detail, message } = flatten(thrown);
  const known = errorCodes.find((one) => one === code);
  if (known !== undefined) return new ShoalError(known, { ...(detail === undefined ? {} : { detail }), cause: thrown });
  return new ShoalError(fallback, { detail: message, cause: thrown });
};

const flatten = (thrown: unknown): Thrown => {
  if (typeof thrown !== 'object' || thrown === null)
    return { code: undefined, detail: undefined, message: String(thrown) };
  const fields = thrown as { readonly code?: unknown; readonly detail?: unknown; readonly message?: unknown };
  return {
    code: typeof fields.code === 'string' ? fields.code : undefined,
    detail: typeof fields.detail === 'string' ? fields.detail : undefined,
    message: typeof fields.message === 'string' ? fields.message : String(thrown),
  };
};

const keepCodes = (): void => {
  const standard = transferHandlers.get('throw');
  if (standard === undefined) return;
  transferHandlers.set('throw', {
    canHandle: standard.canHandle,
    serialize: (marked) => [flatten((marked as { readonly value: unknown }).value), []],
    deserialize: (flat) => {
      throw asShoalError(flat, 'worker/call-failed');
    },
  });
};
