/**
 * What holds for an engine whatever it is told.
 */
import { describe, expect, test } from 'vitest';
import type { LinkMessage } from '../../wire/link.ts';
import { Random } from '../kit/random.ts';
import type { Source, ViewerInput, ViewerOutput } from './io.ts';
import { FED, headOf, nameOf, Scene, WALL_ZERO } from './testing/scene.ts';
import { describeOutput } from './testing/spoken.ts';
import { ViewerEngine } from './viewer-engine.ts';

const makeEngine = (seed: number): ViewerEngine =>
  new ViewerEngine({
    seed,
    policy: { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 6 },
    playout: { kind: 'clock', delayMs: 800 },
    windowCapacity: 256,
  });

const drain = (engine: ViewerEngine): ViewerOutput[] => {
  const outputs: ViewerOutput[] = [];
  for (let output = engine.poll(); output !== undefined; output = engine.poll()) outputs.push(output);
  return outputs;
};

/** Facts of every kind, sensible or not. */
class Chaos {
  readonly #random: Random;
  #sequence = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  pause(): number {
    return this.#random.unit() < 0.01 ? this.#random.between(1_000, 9_000) : this.#random.between(0, 40);
  }

  input(now: number): ViewerInput {
    const random = this.#random;
    const link = random.below(9);
    const from: Source = random.unit() < 0.5 ? 'origin' : link;
    const inputs: readonly (() => ViewerInput)[] = [
      () => ({ kind: 'wake' }),
      () => ({ kind: 'start' }),
      () => ({ kind: 'origin-opened' }),
      () => ({ kind: 'origin-closed', code: 'origin/unreachable', retryAfterMs: random.below(2_000) }),
      () => ({ kind: 'origin-said', frame: { kind: 'applied', mask: random.bits(), sequence: random.below(1_000) } }),
      () => ({ kind: 'origin-said', frame: { kind: 'clock', stampMs: random.below(3), wallMs: WALL_ZERO + now } }),
      () => ({ kind: 'origin-said', frame: { kind: 'absent', sequence: random.below(1_000) } }),
      () => ({ kind: 'origin-said', frame: { kind: 'load', percent: 90, retryAfterMs: random.below(3_000) } }),
      () => this.#head(from),
      () => ({ kind: 'piece-rejected', from, reason: random.unit() < 0.98 ? 'foreign' : 'bad' }),
      () => ({ kind: 'piece-duplicate', sequence: random.below(this.#sequence + 20), bytes: 5_000, from }),
      () => ({ kind: 'tracker-opened' }),
      () => ({ kind: 'tracker-closed' }),
      () => this.#joined(),
      () => this.#signal(),
      () => ({ kind: 'link-signal', link, data: 'sdp' }),
      () => ({ kind: 'link-opened', link, viewer: this.#name() }),
      () => ({ kind: 'link-closed', link }),
      () => ({ kind: 'link-fault', link, code: 'link/bad-message', detail: '' }),
      () => ({
        kind: 'playhead',
        playhead: {
          shownMs: random.below(9_000),
          bufferedMs: random.below(9_000),
          playing: true,
          stalled: random.unit() < 0.2,
        },
      }),
      () => ({ kind: random.unit() < 0.5 ? 'pause' : 'resume' }),
      () => this.#policy(),
    ];
    const dice = random.unit();
    if (dice < 0.4) return this.#piece(now, from);
    if (dice < 0.75) return { kind: 'link-said', link, message: this.#message() };
    return (inputs[random.below(inputs.length)] ?? (() => ({ kind: 'wake' })))();
  }

  #name(): string {
    return nameOf('abcdefghijkl'[this.#random.below(12)] ?? 'a');
  }

  #head(from: Source): ViewerInput {
    const epoch = 1 + this.#random.below(3);
    return { kind: 'head', head: headOf(epoch, 4 + this.#random.below(4)), epochTag: epoch, from };
  }

  #joined(): ViewerInput {
    const neighbours = Array.from({ length: this.#random.below(9) }, () => this.#name());
    const grant = { token: '', expiresInMs: 1_000, tokenKeys: [] };
    return { kind: 'tracker-said', answer: { kind: 'joined', viewer: this.#name(), stream: '', neighbours, ...grant } };
  }

  #signal(): ViewerInput {
    const data = this.#random.unit() < 0.3 ? '' : 'sdp';
    return { kind: 'tracker-said', answer: { kind: 'signal', from: this.#name(), dial: this.#random.below(20), data } };
  }

  #policy(): ViewerInput {
    const mode = (['on', 'download-only', 'off'] as const)[this.#random.below(3)] ?? 'on';
    return {
      kind: 'policy',
      policy: { mode, uploadBytesPerSec: this.#random.below(2) === 0 ? 50_000 : 1e6, neighbours: 6 },
    };
  }

  #piece(now: number, from: Source): ViewerInput {
    const far = this.#random.unit() < 0.02 ? this.#random.below(9_000) : 0;
    const sequence = Math.max(0, this.#sequence + far - this.#random.below(12));
    if (far === 0) this.#sequence++;
    const cutMs = Math.round(WALL_ZERO + now - this.#random.below(900));
    return {
      kind: 'piece',
      from,
      header: {
        kind: 'piece',
        keyframe: sequence % 16 === 0,
        encrypted: false,
        last: this.#random.unit() < 0.001,
        length: 1 + this.#random.below(8_000),
        epochTag: 1,
        sequence,
        dtsMs: sequence * 50,
        cutMs,
        generation: 0,
        tagStart: 0,
        groupOffset: sequence % 16,
      },
    };
  }

  #message(): LinkMessage {
    const random = this.#random;
    const substream = random.below(32);
    const near = (): number =>
      random.unit() < 0.1 ? random.bits() : Math.max(0, this.#sequence + random.below(20) - 15);
    const sequences = Array.from({ length: 1 + random.below(30) }, near);
    const ancestors = Array.from(
      { length: random.below(12) },
      () => new Uint8Array([0, 0, 0, 0, 0, 0, 0, 97 + random.below(12)]),
    );
    const messages: readonly LinkMessage[] = [
      { kind: 'subscribe', substream, from: near(), rank: random.below(0x1_0000) },
      { kind: 'accept', substream, first: near(), ancestors },
      { kind: 'ancestors', substream, ancestors },
      { kind: 'refuse', substream, reason: 'full' },
      { kind: 'drop', substream, reason: 'congested' },
      { kind: 'unsubscribe', substream },
      { kind: 'want', sequences },
      { kind: 'missing', sequences },
      { kind: 'absent', sequences },
      { kind: 'bye', reason: 'leaving' },
      {
        kind: 'status',
        epochTag: 1 + random.below(2),
        base: near(),
        have: new Uint8Array(random.below(33)).fill(random.below(256)),
        open: random.bits(),
        relaying: random.bits(),
        lags: new Uint8Array(random.below(33)).fill(random.below(256)),
        ranks: Array.from({ length: random.below(33) }, () => random.below(0x1_0000)),
        received: random.bits(),
        stamp: random.below(0x1_0000),
        echo: random.below(0x1_0000),
        echoAgeMs: random.below(0x1_0000),
      },
    ];
    return messages[random.below(messages.length)] ?? { kind: 'bye', reason: 'idle' };
  }
}

const FACTS = 4_000;

const live = (
  seed: number,
  look?: (engine: ViewerEngine, outputs: readonly ViewerOutput[], now: number) => void,
): string[] => {
  const engine = makeEngine(seed);
  const chaos = new Chaos(seed);
  const said: string[] = [];
  let now = 0;
  engine.handle(now, { kind: 'start' });
  for (let fact = 0; fact < FACTS; fact++) {
    now += chaos.pause();
    engine.handle(now, chaos.input(now));
    const outputs = drain(engine);
    said.push(...outputs.map(describeOutput));
    look?.(engine, outputs, now);
  }
  return said;
};

describe.each([1, 2, 3, 4, 5, 6])('whatever it is told, seed %i', (seed) => {
  test('it says the same when told the same', () => expect(live(seed)).toEqual(live(seed)));

  test('it keeps its bounds and its word', () => {
    live(seed, (engine, outputs, now) => {
      expect(engine.holes).toBeLessThanOrEqual(512);
      expect(engine.view.neighbours.count).toBeLessThanOrEqual(6);
      expect(outputs.length).toBeLessThan(2_000);
      expect(engine.nextWakeup()).toBeGreaterThan(now - 1);
      const counted = engine.feeds.all().reduce((sum, { substream }) => sum + engine.children.of(substream).size, 0);
      expect(engine.children.count).toBe(counted);
      for (const output of outputs) {
        if (output.kind === 'push') expect(output.sequence).toBeLessThanOrEqual(engine.view.pieces.newest);
        if (output.kind === 'rate') expect(output.rate >= 0.9 && output.rate <= 1.1).toBe(true);
      }
      for (const feed of engine.feeds.all()) {
        if (typeof feed.source === 'number') expect(engine.view.neighbours.get(feed.source)).toBeDefined();
        if (feed.trial !== undefined) expect(engine.view.neighbours.get(feed.trial.link)).toBeDefined();
      }
    });
  });
});

describe('an engine', () => {
  test('that is woken with nothing due says nothing', () => {
    const scene = new Scene();
    scene.play(FED, []);
    const { engine } = scene;
    engine.handle(scene.now, { kind: 'wake' });
    drain(engine);
    const next = engine.nextWakeup();
    expect(next).toBeGreaterThan(scene.now);
    engine.handle((scene.now + next) / 2, { kind: 'wake' });
    expect(drain(engine)).toEqual([]);
    expect(engine.nextWakeup()).toBe(next);
  });

  test('takes a clock that goes back for one that stands', () => {
    const scene = new Scene();
    scene.play(FED, []);
    scene.engine.handle(scene.now - 500, { kind: 'wake' });
    drain(scene.engine);
    expect(scene.engine.nextWakeup()).toBeGreaterThan(scene.now - 1);
  });

  test('that has stopped takes leave and is silent for good', () => {
    const scene = new Scene();
    scene.play(`${FED}\n699 wait`, []);
    expect(scene.play('700 stop', [''])).toEqual([
      '700 1: bye leaving',
      '700 hang-up 1 leaving',
      '700 2: bye leaving',
      '700 hang-up 2 leaving',
      '700 tell-tracker leave',
      '700 close-tracker',
      '700 close-origin',
      '700 state stopped',
    ]);
    expect(scene.engine.nextWakeup()).toBe(Number.POSITIVE_INFINITY);
    expect(
      scene.play('710 piece 16 from 1\n720 1: subscribe 0 from=9\n730 link 3 d\n740 stop\n9000 wait', ['']),
    ).toEqual([]);
  });

  test('that is drained has nothing more to say', () => {
    const engine = makeEngine(1);
    engine.handle(0, { kind: 'start' });
    expect(drain(engine).length).toBeGreaterThan(0);
    expect(engine.poll()).toBeUndefined();
    expect(engine.poll()).toBeUndefined();
  });
});
