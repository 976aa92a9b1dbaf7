/**
 * Finds the Shoal service of a stream: the description on the stream's own host, or where the page says.
 */
import { ShoalError } from '../errors.ts';
import { readService, SERVICE_PATH, type ServiceDescription } from '../wire/service.ts';

/** A description, and the addresses that matter to a viewer made absolute. */
export interface FoundService {
  readonly description: ServiceDescription;
  /** WebSocket address of the tracker. */
  readonly tracker: string;
  /** Where codes are handed out, when keys of this host's streams travel only wrapped under one. */
  readonly codes: string | undefined;
  /** Where a witness vouches for segments of HLS, when there is one. */
  readonly witness: string | undefined;
}

const WITHIN_MS = 8000;

/** Asks for the description; rejects with `service/not-found` or `service/bad-answer`. */
export const findService = async (
  streamUrl: string,
  address: string | undefined,
  get: typeof fetch,
): Promise<FoundService> => {
  const asked = address ?? new URL(SERVICE_PATH, streamUrl).href;
  const { answer, from } = await ask(asked, get);
  const description = readService(answer);
  if ('kind' in description) throw new ShoalError('service/bad-answer', { detail: description.detail });
  const { tracker, codes, witness } = description;
  if (!URL.canParse(tracker, from)) throw new ShoalError('service/bad-answer', { detail: 'tracker' });
  if (codes !== undefined && !URL.canParse(codes, from))
    throw new ShoalError('service/bad-answer', { detail: 'codes' });
  if (witness !== undefined && !URL.canParse(witness, from))
    throw new ShoalError('service/bad-answer', { detail: 'witness' });
  return {
    description,
    tracker: new URL(tracker, from).href.replace(/^http/, 'ws'),
    codes: codes === undefined ? undefined : new URL(codes, from).href,
    witness: witness === undefined ? undefined : new URL(witness, from).href,
  };
};

/** The answer, and where it came from in the end: addresses in it are relative to that. */
const ask = async (
  address: string,
  get: typeof fetch,
): Promise<{ readonly answer: unknown; readonly from: string }> => {
  try {
    const response = await get(address, { signal: AbortSignal.timeout(WITHIN_MS), credentials: 'omit' });
    if (!response.ok) throw new ShoalError('service/not-found', { detail: `status ${response.status}` });
    return { answer: await response.json(), from: response.redirected ? response.url : address };
  } catch (cause) {
    // A host without our CORS header, an unreachable one and one that answers a page of its own all mean the same.
    throw cause instanceof ShoalError ? cause : new ShoalError('service/not-found', { cause });
  }
};
