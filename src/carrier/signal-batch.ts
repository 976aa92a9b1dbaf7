/**
 * Turns what a peer connection wants signalled into at most three messages: the description at once, the candidates of
 * the first 50 ms, and all later ones together. A tracker then relays 3 messages a side instead of a dozen.
 */
import { asList, asRecord, asText, asWhole, parseJson } from '../wire/json.ts';
import { SIGNAL_BYTES_MAX } from '../wire/limits.ts';

/** A candidate as it crosses the wire. */
export interface Candidate {
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

/** One signalling message. */
export interface SignalMessage {
  readonly description?: { readonly type: 'offer' | 'answer'; readonly sdp: string };
  readonly candidates: readonly Candidate[];
}

const FIRST_BATCH_MS = 50;
const LAST_BATCH_MS = 1000;
const CANDIDATES_MAX = 32;
const CANDIDATE_CHARS_MAX = 400;

type Stage = 'first' | 'last' | 'done';

/** Collects candidates and says when a message is due. */
export class SignalBatch {
  readonly #say: (text: string) => void;
  #stage: Stage = 'first';
  #waiting: Candidate[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  describe(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): void {
    this.#say(encodeSignal({ description, candidates: [] }));
  }

  add(candidate: Candidate): void {
    if (this.#stage === 'done' || candidate.candidate === '' || this.#waiting.length >= CANDIDATES_MAX) return;
    this.#waiting.push(candidate);
    this.#timer ??= setTimeout(() => this.#flush(), this.#stage === 'first' ? FIRST_BATCH_MS : LAST_BATCH_MS);
  }

  /** No candidate follows: what waits is said now. */
  complete(): void {
    if (this.#stage === 'last' && this.#waiting.length > 0) this.#flush();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stage = 'done';
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const candidates = this.#waiting;
    this.#waiting = [];
    this.#stage = this.#stage === 'first' ? 'last' : 'done';
    this.#say(encodeSignal({ candidates }));
  }
}

/** Writes a signalling message. */
export const encodeSignal = (message: SignalMessage): string => JSON.stringify(message);

/** Reads what the other side signalled, or undefined when it is not a signalling message. */
export const decodeSignal = (text: string): SignalMessage | undefined => {
  if (text.length > SIGNAL_BYTES_MAX) return undefined;
  const fields = asRecord(parseJson(text));
  const candidates = asList(fields?.candidates, CANDIDATES_MAX, readCandidate);
  if (fields === undefined || candidates === undefined) return undefined;
  if (fields.description === undefined) return { candidates };
  const described = asRecord(fields.description);
  const type = described?.type;
  const sdp = asText(described?.sdp, SIGNAL_BYTES_MAX);
  if ((type !== 'offer' && type !== 'answer') || sdp === undefined) return undefined;
  return { description: { type, sdp }, candidates };
};

const readCandidate = (value: unknown): Candidate | undefined => {
  const fields = asRecord(value);
  const candidate = asText(fields?.candidate, CANDIDATE_CHARS_MAX);
  const sdpMid = asText(fields?.sdpMid, 16);
  const sdpMLineIndex = asWhole(fields?.sdpMLineIndex, 0, 8);
  if (candidate === undefined || sdpMid === undefined || sdpMLineIndex === undefined) return undefined;
  return { candidate, sdpMid, sdpMLineIndex };
};
