/**
 * A scene for one engine, as text: one line per fact, `<ms> <what happens>`, and back one line per thing it says. Between
 * two lines the engine is woken whenever it asks to be.
 *
 * Facts: `start`, `stop`, `pause`, `resume`, `opened`, `closed <code>`, `head K=4 epoch=1`, `applied <substreams>`,
 * `piece 3..9 from origin|<link>` (a keyframe every 8; `late=<ms>` for the time since its cut), `held 3 from <link>`,
 * `joined <me> <others>`, `link 1 <viewer>`, `lost 1`, `playhead <shown> <buffered> playing|stalled`, `wait`, and whatever
 * a neighbour says: `1: subscribe 2 from=5 rank=9`, `1: status open=0,1 lag=5 rank=9 have=0..7`, and so on.
 */
import { fromHex } from '../../../wire/bytes.ts';
import { type Head, makeEpoch } from '../../../wire/head.ts';
import type { LinkMessage, Refusal } from '../../../wire/link.ts';
import type { PolicyReport, Source, ViewerInput, ViewerOutput } from '../io.ts';
import type { PlayoutMode } from '../playout.ts';
import { ViewerEngine } from '../viewer-engine.ts';
import { describeOutput } from './spoken.ts';

/** Cut times count from here. */
export const WALL_ZERO = 1_700_000_000_000;
/** A piece is cut so often. */
export const PIECE_MS = 50;
const GROUP = 8;
const BODY = 5_000;

/** What a scene may set. */
export interface SceneOptions {
  readonly playout: PlayoutMode;
  readonly policy: Partial<PolicyReport>;
  readonly seed: number;
}

export class Scene {
  readonly engine: ViewerEngine;
  readonly said: string[] = [];
  #substreams = 4;
  #epochTag = 0;
  now = 0;

  constructor(options: Partial<SceneOptions> = {}) {
    this.engine = new ViewerEngine({
      seed: options.seed ?? 1,
      policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16, ...options.policy },
      playout: options.playout ?? { kind: 'clock', delayMs: 1_000 },
    });
  }

  /** Plays a script; returns what was said meanwhile, only what begins with one of the words. */
  play(script: string, words: readonly string[]): string[] {
    const before = this.said.length;
    for (const line of script.split('\n')) {
      const text = line.trim();
      if (text === '' || text.startsWith('//')) continue;
      const [, at, fact] = /^(\d+)\s+(.*)$/.exec(text) ?? [];
      if (at === undefined || fact === undefined) throw new Error(`no line of a scene: ${text}`);
      this.wakeUntil(Number(at));
      for (const input of this.#inputs(fact)) this.handle(input);
    }
    return this.said
      .slice(before)
      .filter((each) => words.some((word) => each.split(' ').slice(1).join(' ').startsWith(word)));
  }

  handle(input: ViewerInput): void {
    this.engine.handle(this.now, input);
    for (let output = this.engine.poll(); output !== undefined; output = this.engine.poll()) this.#note(output);
  }

  wakeUntil(at: number): void {
    for (let next = this.engine.nextWakeup(); next <= at; next = this.engine.nextWakeup()) {
      this.now = Math.max(this.now, next);
      this.handle({ kind: 'wake' });
    }
    this.now = Math.max(this.now, at);
  }

  #note(output: ViewerOutput): void {
    this.said.push(`${Math.round(this.now)} ${describeOutput(output)}`);
    if (output.kind === 'push') {
      for (const link of output.links) this.engine.uploaded(this.now, link, BODY + 100);
    }
  }

  #inputs(fact: string): readonly ViewerInput[] {
    const spoken = /^(\d+): (.*)$/.exec(fact);
    if (spoken !== null) {
      const message = this.#message(spoken[2] ?? '');
      return [{ kind: 'link-said', link: Number(spoken[1]), message }];
    }
    const words = fact.split(/\s+/);
    const [kind = '', first = '', second = ''] = words;
    switch (kind) {
      case 'start':
      case 'stop':
      case 'pause':
      case 'resume':
        return [{ kind }];
      case 'wait':
        return [{ kind: 'wake' }];
      case 'opened':
        return [
          { kind: 'origin-opened' },
          { kind: 'origin-said', frame: { kind: 'clock', stampMs: 0, wallMs: WALL_ZERO + this.now } },
        ];
      case 'closed':
        return [
          {
            kind: 'origin-closed',
            code: first === 'refused' ? 'origin/refused' : 'origin/unreachable',
            retryAfterMs: 0,
          },
        ];
      case 'head':
        return [this.#head(words)];
      case 'applied':
        return [{ kind: 'origin-said', frame: { kind: 'applied', mask: maskOf(first), sequence: 0 } }];
      case 'absent':
        return [{ kind: 'origin-said', frame: { kind: 'absent', sequence: Number(first) } }];
      case 'piece':
        return range(first).map((sequence) => this.#piece(sequence, words));
      case 'held':
        return range(first).map((sequence) => ({
          kind: 'piece-duplicate',
          sequence,
          bytes: BODY,
          from: sourceOf(words),
        }));
      case 'bad':
        return [{ kind: 'piece-rejected', from: sourceOf(words), reason: 'bad' }];
      case 'joined':
        return [{ kind: 'tracker-opened' }, this.#joined(first, words.slice(2))];
      case 'signal':
        return [
          {
            kind: 'tracker-said',
            answer: { kind: 'signal', from: nameOf(first), dial: Number(second), data: words[3] ?? '' },
          },
        ];
      case 'tracker-closed':
        return [{ kind: 'tracker-closed' }];
      default:
        return [this.#linkFact(fact, words)];
    }
  }

  #linkFact(fact: string, words: readonly string[]): ViewerInput {
    const [kind = '', first = '', second = ''] = words;
    switch (kind) {
      case 'link':
        return { kind: 'link-opened', link: Number(first), viewer: nameOf(second) };
      case 'met':
        return { kind: 'tracker-said', answer: { kind: 'neighbours', neighbours: words.slice(1).map(nameOf) } };
      case 'lost':
        return { kind: 'link-closed', link: Number(first) };
      case 'share':
        return { kind: 'policy', policy: { ...this.engine.view.policy, mode: first as PolicyReport['mode'] } };
      case 'playhead': {
        const stalled = words[3] === 'stalled';
        const playhead = { shownMs: Number(first), bufferedMs: Number(second), playing: !stalled, stalled };
        return { kind: 'playhead', playhead };
      }
      default:
        throw new Error(`no fact of a scene: ${fact}`);
    }
  }

  #head(words: readonly string[]): ViewerInput {
    const epoch = Number(field(words, 'epoch', '1'));
    this.#substreams = Number(field(words, 'K', '4'));
    this.#epochTag = epoch;
    return { kind: 'head', head: headOf(epoch, this.#substreams), epochTag: epoch, from: sourceOf(words) };
  }

  #piece(sequence: number, words: readonly string[]): ViewerInput {
    const late = Number(field(words, 'late', '30'));
    return {
      kind: 'piece',
      from: sourceOf(words),
      header: {
        kind: 'piece',
        keyframe: sequence % GROUP === 0,
        encrypted: false,
        last: words.includes('last'),
        length: BODY,
        epochTag: this.#epochTag,
        sequence,
        dtsMs: sequence * PIECE_MS,
        cutMs: Math.round(WALL_ZERO + this.now - late),
        generation: 0,
        tagStart: 0,
        groupOffset: sequence % GROUP,
      },
    };
  }

  #joined(me: string, others: readonly string[]): ViewerInput {
    const neighbours = others.map(nameOf);
    const grant = { token: '', expiresInMs: 900_000, tokenKeys: [] };
    return {
      kind: 'tracker-said',
      answer: { kind: 'joined', viewer: nameOf(me), stream: '00'.repeat(32), neighbours, ...grant },
    };
  }

  #message(text: string): LinkMessage {
    const words = text.split(/\s+/);
    const [kind = '', first = '', second = 'full'] = words;
    const substream = Number(first);
    const names = words.slice(2).filter((word) => !word.includes('='));
    const ancestors = names.map((name) => fromHex(nameOf(name)) ?? new Uint8Array(8));
    switch (kind) {
      case 'subscribe':
        return {
          kind,
          substream,
          from: Number(field(words, 'from', '0')),
          rank: Number(field(words, 'rank', '65535')),
        };
      case 'accept':
        return { kind, substream, first: 0, ancestors };
      case 'ancestors':
        return { kind, substream, ancestors };
      case 'refuse':
      case 'drop':
        return { kind, substream, reason: second as Refusal };
      case 'unsubscribe':
        return { kind, substream };
      case 'want':
      case 'missing':
      case 'absent':
        return { kind, sequences: first.split(',').flatMap(range) };
      case 'bye':
        return { kind, reason: 'leaving' };
      case 'status':
        return this.#status(words);
      default:
        throw new Error(`no message: ${text}`);
    }
  }

  #status(words: readonly string[]): LinkMessage {
    const held = range(field(words, 'have', '0..0'));
    const base = held[0] ?? 0;
    const have = new Uint8Array(16);
    for (const sequence of held)
      have[(sequence - base) >> 3] = (have[(sequence - base) >> 3] ?? 0) | (0x80 >> ((sequence - base) & 7));
    return {
      kind: 'status',
      epochTag: this.#epochTag,
      base,
      have,
      open: maskOf(field(words, 'open', '')),
      relaying: maskOf(field(words, 'relaying', '')),
      lags: new Uint8Array(this.#substreams).fill(Number(field(words, 'lag', '5'))),
      ranks: Array.from({ length: this.#substreams }, () => Number(field(words, 'rank', '1'))),
      received: 0,
      stamp: Math.round(this.now) & 0xffff,
      echo: (Math.round(this.now) - 50) & 0xffff,
      echoAgeMs: 0,
    };
  }
}

/** A viewer of four substreams with two neighbours, fed by the origin. */
export const JOINED = `
  0 start
  50 opened
  50 head K=4
  55 applied 0,1,2,3
  60 piece 0..7 from origin
  100 joined a b c
  300 link 1 b
  300 link 2 c
`;
/** ... and then by the first of them. */
export const FED = `${JOINED}
  310 1: status open=0,1,2,3 lag=5 rank=1 have=0..7
  420 1: accept 0 d
  420 1: accept 1
  420 1: accept 2
  420 1: accept 3
  450 piece 8..11 from 1
  650 piece 12..15 from 1
`;

/** Plays what came before, then a script; returns what is said during the script and begins with one of the words. */
export const heard = (
  before: string,
  script: string,
  words: readonly string[],
  options: Partial<SceneOptions> = {},
): string[] => {
  const scene = new Scene(options);
  scene.play(before, []);
  return scene.play(script, words);
};

/** A viewer's name of one letter. */
export const nameOf = (letter: string): string => letter.charCodeAt(0).toString(16).padStart(16, '0');

/** A head of the streams of scenes. */
export const headOf = (epoch: number, substreams: number): Head => ({
  kind: 'head',
  version: 1,
  stream: new Uint8Array(32),
  epoch: makeEpoch(epoch, 0),
  revision: 0,
  substreams,
  encrypted: false,
  generation: 0,
  fromSequence: 0,
  byteRate: 100_000,
  madeMs: 0,
  publicKey: new Uint8Array(32),
  prelude: new Uint8Array(0),
});

const field = (words: readonly string[], name: string, otherwise: string): string =>
  words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? otherwise;

const range = (text: string): number[] => {
  const [first = 0, last = first] = text.split('..').map(Number);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
};

const maskOf = (substreams: string): number =>
  substreams === '' ? 0 : substreams.split(',').reduce((mask, each) => mask | (1 << Number(each)), 0) >>> 0;

const sourceOf = (words: readonly string[]): Source => {
  const at = words.indexOf('from');
  const source = at < 0 ? 'origin' : (words[at + 1] ?? 'origin');
  return source === 'origin' ? 'origin' : Number(source);
};
