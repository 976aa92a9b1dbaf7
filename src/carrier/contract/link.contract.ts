/**
 * What every link port must do, run against links in memory and real ones. A world makes two ports whose signalling is
 * wired to each other by the suite.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../errors.ts';
import type { Fingerprints, Lane, LinkEvents, LinkPort } from '../../viewer/ports.ts';

/** Makes one end. */
export type MakeLinks = (events: LinkEvents) => LinkPort;

interface Heard {
  readonly lane: Lane;
  readonly bytes: Uint8Array;
}

/** One end with everything it reported. */
class End {
  readonly port: LinkPort;
  readonly opened = new Map<number, Fingerprints>();
  readonly closed = new Map<number, ErrorCode>();
  readonly heard: Heard[] = [];
  readonly signals: string[] = [];
  other: End | undefined;
  #waiting: (() => void)[] = [];

  constructor(make: MakeLinks) {
    this.port = make({
      signal: (link, data) => {
        this.signals.push(data);
        this.other?.port.signal(link, data);
      },
      opened: (link, fingerprints) => this.#note(() => this.opened.set(link, fingerprints)),
      message: (_link, lane, bytes) => this.#note(() => this.heard.push({ lane, bytes })),
      closed: (link, code) => this.#note(() => this.closed.set(link, code)),
    });
  }

  /** Resolves when the condition holds after some event. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #note(change: () => void): void {
    change();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const message = (length: number, fill: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill);
const DIAL = { iceServers: [] } as const;

/** Runs the suite. */
export const linkContract = (name: string, make: MakeLinks): void => {
  describe(`links: ${name}`, () => {
    const ends: End[] = [];
    const pair = (): readonly [End, End] => {
      const a = new End(make);
      const b = new End(make);
      a.other = b;
      b.other = a;
      ends.push(a, b);
      return [a, b];
    };
    const dial = (a: End, b: End, link: number): void => {
      b.port.dial(link, { ...DIAL, initiator: false });
      a.port.dial(link, { ...DIAL, initiator: true });
    };
    const opened = async (link = 1): Promise<readonly [End, End]> => {
      const [a, b] = pair();
      dial(a, b, link);
      await Promise.all([a.until(() => a.opened.has(link)), b.until(() => b.opened.has(link))]);
      return [a, b];
    };
    afterEach(() => {
      for (const end of ends.splice(0)) for (let link = 1; link <= 8; link++) end.port.hangUp(link);
    });

    it('opens both ends, which see each other by the same fingerprints', async () => {
      const [a, b] = await opened();
      const mine = a.opened.get(1);
      const theirs = b.opened.get(1);
      expect(mine?.own.length).toBe(32);
      expect(mine?.own).toEqual(theirs?.theirs);
      expect(mine?.theirs).toEqual(theirs?.own);
      expect(mine?.own).not.toEqual(mine?.theirs);
    });

    it('carries each lane to the same lane, whole', async () => {
      const [a, b] = await opened();
      expect(a.port.send(1, 'control', message(20_000, 1))).toBe(true);
      expect(a.port.send(1, 'pieces', message(4600, 2))).toBe(true);
      await b.until(() => b.heard.length === 2);
      const sizes = b.heard.map(({ lane, bytes }) => `${lane} ${bytes.length} ${bytes[0]} ${bytes.at(-1)}`);
      expect(sizes.sort()).toEqual(['control 20000 1 1', 'pieces 4600 2 2']);
    });

    it('keeps the order of the control lane', async () => {
      const [a, b] = await opened();
      for (let at = 0; at < 50; at++) a.port.send(1, 'control', message(100, at));
      await b.until(() => b.heard.length === 50);
      expect(b.heard.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 50 }, (_, at) => at));
    });

    it('delivers a buffer of its own: what the sender does to its bytes later changes nothing', async () => {
      const [a, b] = await opened();
      const bytes = message(1000, 7);
      a.port.send(1, 'control', bytes);
      bytes.fill(9);
      await b.until(() => b.heard.length === 1);
      expect(b.heard[0]?.bytes.every((value) => value === 7)).toBe(true);
    });

    it('sends the same bytes to several links', async () => {
      const [a, b] = pair();
      dial(a, b, 1);
      dial(a, b, 2);
      await b.until(() => b.opened.size === 2);
      await a.until(() => a.opened.size === 2);
      const bytes = message(500, 3);
      expect([a.port.send(1, 'control', bytes), a.port.send(2, 'control', bytes)]).toEqual([true, true]);
      await b.until(() => b.heard.length === 2);
    });

    it('tells the other end when one hangs up, and itself nothing', async () => {
      const [a, b] = await opened();
      a.port.hangUp(1);
      await b.until(() => b.closed.has(1));
      expect(b.closed.get(1)).toBe('link/failed');
      expect(a.closed.size).toBe(0);
      expect(a.port.send(1, 'control', message(1, 1))).toBe(false);
    });

    it('says false for links that are not there or not open, and has no backlog for them', () => {
      const [a] = pair();
      expect(a.port.send(5, 'pieces', message(1, 1))).toBe(false);
      expect(a.port.backlog(5)).toBe(0);
      a.port.dial(6, { ...DIAL, initiator: true });
      expect(a.port.send(6, 'control', message(1, 1))).toBe(false);
      a.port.hangUp(6);
    });

    it('signals at most three times a side', async () => {
      const [a, b] = await opened();
      expect(a.signals.length).toBeLessThanOrEqual(3);
      expect(b.signals.length).toBeLessThanOrEqual(3);
    });

    it('survives nonsense as signalling', async () => {
      const [a, b] = pair();
      b.port.dial(1, { ...DIAL, initiator: false });
      for (const text of ['', '{', 'null', '{"candidates":7}', '{"description":{"type":"rollback"},"candidates":[]}']) {
        b.port.signal(1, text);
      }
      a.port.dial(1, { ...DIAL, initiator: true });
      await Promise.all([a.until(() => a.opened.has(1)), b.until(() => b.opened.has(1))]);
    });
  });
};
