/**
 * Turns what a peer connection wants signalled into few messages: the description at once, the candidates of the first
 * moments, and later ones together. In a swarm those are three messages a side, so that a tracker relays 3 instead of a
 * dozen; between two who have only each other nothing is saved by making a candidate wait.
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

/** How candidates are gathered into messages. */
export interface BatchPace {
  readonly firstMs: number;
  readonly laterMs: number;
  /** Messages with candidates, after which no more are told. */
  readonly messages: number;
}

/** In a swarm. */
const SWARM_PACE: BatchPace = { firstMs: 50, laterMs: 1000, messages: 2 };
const CANDIDATES_MAX = 32;
const CANDIDATE_CHARS_MAX = 400;

/** Collects candidates and says when a message is due. */
export class SignalBatch {
  readonly #say: (text: string) => void;
  readonly #pace: BatchPace;
  #left: number;
  #waiting: Candidate[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(say: (text: string) => void, pace: BatchPace = SWARM_PACE) {
    this.#say = say;
    this.#pace = pace;
    this.#left = pace.messages;
  }

  get #isFirst(): boolean {
    return this.#left === this.#pace.messages;
  }

  describe(description: { readonly type: 'offer' | 'answer'; readonly sdp: string }): void {
    this.#say(encodeSignal({ description, candidates: [] }));
  }

  add(candidate: Candidate): void {
    if (this.#left === 0 || candidate.candidate === '' || this.#waiting.length >= CANDIDATES_MAX) return;
    this.#waiting.push(candidate);
    this.#timer ??= setTimeout(() => this.#flush(), this.#isFirst ? this.#pace.firstMs : this.#pace.laterMs);
  }

  /** No candidate follows: what waits is said now. */
  complete(): void {
    if (!this.#isFirst && this.#waiting.length > 0) this.#flush();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#left = 0;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const candidates = this.#waiting;
    this.#waiting = [];
    this.#left -= 1;
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
