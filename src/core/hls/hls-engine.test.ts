import { beforeEach, describe, expect, it } from 'vitest';
import type { HlsMessage } from '../../wire/hls-link.ts';
import type { PolicyReport } from '../viewer/io.ts';
import { HlsEngine } from './hls-engine.ts';
import { turnOf } from './hls-view.ts';
import type { HlsInput, HlsOutput } from './io.ts';

const SHARE: PolicyReport = { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours: 16 };
const KEY = '00000000000000aa';
const US = 'aaaaaaaaaaaaaaaa';
const FAR = 60_000;

/** An engine, its clock, and what it has said. */
class Bed {
  readonly engine: HlsEngine;
  readonly said: HlsOutput[] = [];
  now = 1_000;
  #links = 0;

  constructor(policy = SHARE) {
    this.engine = new HlsEngine({ seed: 7, policy });
    this.put({ kind: 'start' });
    this.put({ kind: 'tracker-opened' });
    const token = { token: '', expiresInMs: 900_000, tokenKeys: [] };
    this.put({ kind: 'tracker-said', answer: { kind: 'joined', viewer: US, stream: '', ...token, neighbours: [] } });
    this.said.length = 0;
  }

  put(input: HlsInput): void {
    this.engine.handle(this.now, input);
    for (let output = this.engine.poll(); output !== undefined; output = this.engine.poll()) this.said.push(output);
  }

  /** Lets time pass, waking the engine when it wants to be woken. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (let next = this.engine.nextWakeup(); next <= until; next = this.engine.nextWakeup()) {
      this.now = Math.max(this.now, next);
      this.put({ kind: 'wake' });
    }
    this.now = until;
  }

  /** A neighbour dials us and is let in. */
  meet(viewer: string): number {
    this.put({ kind: 'tracker-said', answer: { kind: 'signal', from: viewer, dial: ++this.#links, data: 'offer' } });
    const dial = this.said.findLast((output) => output.kind === 'dial');
    const link = dial?.kind === 'dial' ? dial.link : -1;
    this.put({ kind: 'link-opened', link, viewer });
    return link;
  }

  hear(link: number, message: HlsMessage): void {
    this.put({ kind: 'hls-said', link, message });
  }

  wish(withinMs = FAR, key = KEY): void {
    this.put({ kind: 'wish', key, deadline: this.now + withinMs });
  }

  /** What was told to neighbours of one kind, since the last look. */
  told<K extends HlsMessage['kind']>(kind: K): Extract<HlsMessage, { kind: K }>[] {
    return this.said.flatMap((output) =>
      output.kind === 'tell-hls' && output.message.kind === kind
        ? [output.message as Extract<HlsMessage, { kind: K }>]
        : [],
    );
  }

  fetches(): Extract<HlsOutput, { kind: 'fetch' }>[] {
    return this.said.filter((output) => output.kind === 'fetch');
  }

  /** Everything asked of a link so far. */
  wants(link: number): number[] {
    return this.said.flatMap((output) =>
      output.kind === 'tell-hls' && output.link === link && output.message.kind === 'want' ? output.message.pieces : [],
    );
  }
}

/** A name whose turn for the key comes before ours, or after it. */
const namedFor = (turn: 'before' | 'after', skip = 0): string => {
  const found = Array.from({ length: 200 }, (_, at) => at.toString(16).padStart(16, '0')).filter(
    (name) => turnOf(name, KEY) < turnOf(US, KEY) === (turn === 'before'),
  );
  return found[skip] ?? '';
};

let bed: Bed;
beforeEach(() => {
  bed = new Bed();
});

describe('a segment comes from its server', () => {
  it('at once where there are no neighbours', () => {
    bed.wish();
    expect(bed.fetches()).toEqual([{ kind: 'fetch', key: KEY, range: undefined }]);
  });

  it('at once when it is needed at once, although a neighbour holds it', () => {
    bed.hear(bed.meet(namedFor('after')), { kind: 'held', keys: [KEY] });
    bed.wish(0);
    expect(bed.fetches()).toHaveLength(1);
  });

  it('when it is our turn, and the neighbours are told', () => {
    bed.meet(namedFor('after'));
    bed.wish();
    expect(bed.fetches()).toHaveLength(1);
    expect(bed.told('claim')).toEqual([{ kind: 'claim', key: KEY }]);
  });

  it('after a moment when it is the turn of somebody who does not want it', () => {
    bed.meet(namedFor('before'));
    bed.wish();
    expect(bed.fetches()).toEqual([]);
    bed.pass(1_000);
    expect(bed.fetches()).toHaveLength(1);
  });

  it('in good time when whoever claimed it never has it', () => {
    const link = bed.meet(namedFor('before'));
    bed.wish(5_000);
    bed.hear(link, { kind: 'claim', key: KEY });
    expect(bed.told('ask-sheet')).toHaveLength(1);
    bed.pass(2_000);
    expect(bed.fetches()).toEqual([]);
    bed.pass(1_000);
    expect(bed.fetches()).toHaveLength(1);
  });

  it('as soon as whoever claimed it gives it up', () => {
    const link = bed.meet(namedFor('before'));
    bed.wish();
    bed.hear(link, { kind: 'claim', key: KEY });
    bed.pass(500);
    expect(bed.fetches()).toEqual([]);
    bed.hear(link, { kind: 'dropped', keys: [KEY] });
    expect(bed.fetches()).toHaveLength(1);
  });
});

describe('two who begin to fetch at once', () => {
  it('leave it to the one whose turn comes first', () => {
    const link = bed.meet(namedFor('before'));
    bed.wish();
    bed.pass(100);
    expect(bed.fetches()).toHaveLength(1);
    bed.hear(link, { kind: 'claim', key: KEY });
    expect(bed.said).toContainEqual({ kind: 'cancel-fetch', key: KEY });
    expect(bed.told('ask-sheet')).toHaveLength(1);
  });

  it('go on when ours comes first', () => {
    const link = bed.meet(namedFor('after'));
    bed.wish();
    bed.hear(link, { kind: 'claim', key: KEY });
    expect(bed.said).not.toContainEqual({ kind: 'cancel-fetch', key: KEY });
  });
});

describe('a segment that neighbours hold', () => {
  const PIECES = 12;

  const pull = (...links: number[]): void => {
    for (const link of links) bed.hear(link, { kind: 'held', keys: [KEY] });
    bed.wish();
    bed.put({ kind: 'sheet', key: KEY, pieces: PIECES, from: links[0] ?? 0 });
  };

  const arrive = (link: number, pieces: readonly number[]): void => {
    for (const piece of pieces) bed.put({ kind: 'segment-piece', key: KEY, piece, bytes: 8192, from: link });
  };

  it('is asked of all of them, each piece once', () => {
    const [a, b] = [bed.meet(namedFor('after')), bed.meet(namedFor('after', 1))];
    pull(a, b);
    arrive(a, bed.wants(a));
    arrive(b, bed.wants(b));
    const asked = [...bed.wants(a), ...bed.wants(b)];
    expect(asked.toSorted((x, y) => x - y)).toEqual(Array.from({ length: PIECES }, (_, at) => at));
    expect(bed.wants(a).length).toBeGreaterThan(2);
    expect(bed.wants(b).length).toBeGreaterThan(2);
    expect(bed.fetches()).toEqual([]);
  });

  it('is asked of another when one falls silent, and that one rests', () => {
    const [a, b] = [bed.meet(namedFor('after')), bed.meet(namedFor('after', 1))];
    pull(a, b);
    const lost = bed.wants(a);
    for (let step = 0; step < 20; step++) {
      arrive(b, bed.wants(b));
      bed.pass(100);
    }
    expect(bed.wants(b)).toEqual(expect.arrayContaining(lost));
    expect(bed.engine.view.seats.get(a)?.neighbour.reputation.isTrusted(bed.now)).toBe(false);
  });

  it('is completed by its server, and only what is missing, when they do not bring it in time', () => {
    const a = bed.meet(namedFor('after'));
    pull(a);
    const brought = bed.wants(a).slice(0, 3);
    arrive(a, brought);
    bed.pass(FAR);
    const missing = Array.from({ length: PIECES }, (_, at) => at).filter((piece) => !brought.includes(piece));
    const fetched = bed.fetches().flatMap(({ range }) => {
      const { first, last } = range ?? { first: 0, last: PIECES - 1 };
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
    expect(fetched).toEqual(missing);
  });

  it('is asked of nobody who has none of what is missing, but of its server', () => {
    const a = bed.meet(namedFor('after'));
    pull(a);
    bed.put({ kind: 'link-closed', link: a });
    expect(bed.fetches()).toHaveLength(1);
  });

  it('is asked piece by piece of those who have only some', () => {
    const a = bed.meet(namedFor('after'));
    bed.hear(a, { kind: 'some', key: KEY, first: 0, pieces: Uint8Array.of(0b1010_0000) });
    bed.wish();
    bed.put({ kind: 'sheet', key: KEY, pieces: PIECES, from: a });
    expect(bed.wants(a).toSorted()).toEqual([0, 2]);
  });
});

describe('a neighbour that lies', () => {
  it('is cut and not met again when a piece is false', () => {
    const link = bed.meet(namedFor('after'));
    bed.put({ kind: 'segment-piece-bad', link });
    expect(bed.said).toContainEqual({ kind: 'hang-up', link, reason: 'bad-behaviour' });
    expect(bed.said).toContainEqual(expect.objectContaining({ kind: 'fault', code: 'link/bad-piece' }));
    expect(bed.engine.view.seats.size).toBe(0);
    const dials = bed.said.filter(({ kind }) => kind === 'dial').length;
    bed.put({
      kind: 'tracker-said',
      answer: { kind: 'signal', from: namedFor('after'), dial: 99, data: 'offer' },
    });
    expect(bed.said.filter(({ kind }) => kind === 'dial')).toHaveLength(dials);
  });

  it('is cut when a sheet is false, and only passed over when nobody here can tell', () => {
    const [a, b] = [bed.meet(namedFor('after')), bed.meet(namedFor('after', 1))];
    for (const link of [a, b]) bed.hear(link, { kind: 'held', keys: [KEY] });
    bed.wish();
    bed.put({ kind: 'sheet-refused', key: KEY, link: a, why: 'unknown' });
    bed.put({ kind: 'sheet-refused', key: KEY, link: b, why: 'bad' });
    expect(bed.engine.view.seats.has(a)).toBe(true);
    expect(bed.engine.view.seats.has(b)).toBe(false);
    expect(bed.fetches()).toHaveLength(1);
  });
});

describe('what is given', () => {
  const hold = (pieces = 3): void => bed.put({ kind: 'held', key: KEY, pieces });

  it('is told to neighbours, old and new', () => {
    bed.meet(namedFor('after'));
    hold();
    bed.meet(namedFor('after', 1));
    expect(bed.told('held')).toEqual([
      { kind: 'held', keys: [KEY] },
      { kind: 'held', keys: [KEY] },
    ]);
  });

  it('is what is held, and the rest is declined', () => {
    const link = bed.meet(namedFor('after'));
    hold(3);
    bed.hear(link, { kind: 'want', key: KEY, pieces: [0, 2, 3] });
    expect(bed.said.filter(({ kind }) => kind === 'push-piece')).toEqual([
      { kind: 'push-piece', link, key: KEY, piece: 0 },
      { kind: 'push-piece', link, key: KEY, piece: 2 },
    ]);
    expect(bed.told('absent')).toEqual([{ kind: 'absent', key: KEY, pieces: [3] }]);
  });

  it('waits for the sheet of what is just being fetched', () => {
    const link = bed.meet(namedFor('after'));
    bed.wish();
    bed.hear(link, { kind: 'ask-sheet', key: KEY });
    expect(bed.said.filter(({ kind }) => kind === 'tell-sheet')).toEqual([]);
    hold();
    expect(bed.said).toContainEqual({ kind: 'tell-sheet', link, key: KEY });
  });

  it('is nothing under a policy of downloads only, and nothing is claimed', () => {
    bed = new Bed({ ...SHARE, mode: 'download-only' });
    const link = bed.meet(namedFor('after'));
    bed.wish();
    bed.pass(2_000);
    hold();
    bed.hear(link, { kind: 'want', key: KEY, pieces: [0] });
    expect([...bed.told('claim'), ...bed.told('held')]).toEqual([]);
    expect(bed.said.filter(({ kind }) => kind === 'push-piece')).toEqual([]);
    expect(bed.fetches()).toHaveLength(1);
  });

  it('never crosses the upload cap of the page', () => {
    bed = new Bed({ ...SHARE, uploadBytesPerSec: 20_000 });
    const link = bed.meet(namedFor('after'));
    hold(200);
    bed.hear(link, { kind: 'want', key: KEY, pieces: Array.from({ length: 60 }, (_, at) => at) });
    bed.pass(2_000);
    const sent = bed.said.filter(({ kind }) => kind === 'push-piece').length * 8192;
    expect(sent).toBeGreaterThan(20_000);
    expect(sent).toBeLessThanOrEqual(20_000 * 3 + 8192);
  });
});

it('acknowledges every byte that came, of use or not, so that the other side does not take it for being under way', () => {
  const link = bed.meet(namedFor('after'));
  bed.engine.arrived(bed.now, link, 5_000);
  bed.put({ kind: 'segment-piece', key: KEY, piece: 0, bytes: 4_000, from: link });
  bed.pass(1_000);
  expect(bed.told('status').at(-1)?.received).toBe(5_000);
});

it('sends nothing more of what a neighbour has got from elsewhere', () => {
  bed = new Bed({ ...SHARE, uploadBytesPerSec: 20_000 });
  const link = bed.meet(namedFor('after'));
  bed.put({ kind: 'held', key: KEY, pieces: 60 });
  bed.hear(link, { kind: 'want', key: KEY, pieces: Array.from({ length: 60 }, (_, at) => at) });
  const sent = bed.said.filter(({ kind }) => kind === 'push-piece').length;
  expect(sent).toBeLessThan(60);
  bed.hear(link, { kind: 'held', keys: [KEY] });
  bed.pass(5_000);
  expect(bed.said.filter(({ kind }) => kind === 'push-piece')).toHaveLength(sent);
  expect(bed.told('absent')).toEqual([]);
});

it('leaves everybody when sharing is switched off, and is served by servers alone', () => {
  const link = bed.meet(namedFor('after'));
  bed.put({ kind: 'policy', policy: { ...SHARE, mode: 'off' } });
  expect(bed.said).toContainEqual({ kind: 'hang-up', link, reason: 'leaving' });
  expect(bed.said).toContainEqual({ kind: 'close-tracker' });
  bed.wish();
  expect(bed.fetches()).toHaveLength(1);
});
