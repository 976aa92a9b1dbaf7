/**
 * What every origin port must do, run against connections in memory and real ones. The suite plays the origin: a world
 * gives it the other side of each connection.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../errors.ts';
import type { OriginEvents, OriginOpening, OriginPort } from '../../viewer/ports.ts';
import { encodeOriginFrame, encodeOriginRequest, type OriginFrame } from '../../wire/origin.ts';

/** The origin's side of one connection. */
export interface OriginSide {
  /** Path and query of the request. */
  readonly address: string;
  send(frame: Uint8Array): void;
  /** The next request of the viewer. */
  heard(): Promise<Uint8Array>;
  /** Ends the connection as an origin at its limit does. */
  refuse(): void;
  /** Cuts the connection. */
  cut(): void;
}

/** Where an origin port meets an origin. */
export interface OriginWorld {
  /** False for a transport that can only listen. */
  readonly asks: boolean;
  make(events: OriginEvents): OriginPort;
  /** The next connection. */
  accepted(): Promise<OriginSide>;
  close(): Promise<void>;
}

type Said =
  | { readonly kind: 'opened' }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'closed'; readonly code: ErrorCode; readonly retryAfterMs: number };

const OPENING: OriginOpening = { mask: 0xffff_ffff, from: 'keyframe', credentials: 'token=a%20b', code: 'c-1' };
const FRAMES: readonly OriginFrame[] = [
  { kind: 'applied', mask: 5, sequence: 77 },
  { kind: 'clock', stampMs: 9, wallMs: 1_763_700_000_000 },
  { kind: 'key', generation: 3, wrapped: false, nextInMs: 0, key: new Uint8Array(32).fill(4) },
];

/** Runs the suite. */
export const originContract = (name: string, openWorld: () => Promise<OriginWorld>): void => {
  describe(`origin: ${name}`, () => {
    let world: OriginWorld;
    let port: OriginPort;
    let said: Said[];
    let wake: () => void;
    beforeAll(async () => {
      world = await openWorld();
    });
    afterAll(() => world.close());
    beforeEach(() => {
      said = [];
      wake = () => undefined;
      const note = (event: Said): void => {
        said.push(event);
        wake();
      };
      port = world.make({
        opened: () => note({ kind: 'opened' }),
        frame: (bytes) => note({ kind: 'frame', bytes }),
        closed: (code, retryAfterMs) => note({ kind: 'closed', code, retryAfterMs }),
      });
    });
    const until = async (condition: () => boolean): Promise<void> => {
      while (!condition()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    };
    const count = (kind: Said['kind']): number => said.filter((event) => event.kind === kind).length;
    const connect = async (): Promise<OriginSide> => {
      port.open(OPENING);
      const side = await world.accepted();
      // An HTTP response shows only with its first bytes.
      side.send(encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 1 }));
      await until(() => count('opened') === 1 && count('frame') === 1);
      said = said.filter((event) => event.kind !== 'frame');
      return side;
    };

    it('asks for the pieces of its stream with everything the opening says', async () => {
      const side = await connect();
      expect(side.address).toBe('/live/demo.pieces?mask=4294967295&from=keyframe&code=c-1&token=a%20b');
      port.close();
    });

    it('hands out each frame whole, in order, in a buffer of its own', async () => {
      const side = await connect();
      const frames = FRAMES.map(encodeOriginFrame);
      for (const frame of frames) side.send(frame);
      await until(() => count('frame') === frames.length);
      const heard = said.flatMap((event) => (event.kind === 'frame' ? [event.bytes] : []));
      expect(heard).toEqual(frames);
      for (const bytes of heard) expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, bytes.length]);
      port.close();
    });

    it('passes requests on where it can, and drops them where it cannot', async () => {
      const side = await connect();
      const request = encodeOriginRequest({ kind: 'want', sequences: [1, 2, 3] });
      port.send(request);
      if (world.asks) expect(new Uint8Array(await side.heard())).toEqual(request);
      port.close();
      port.send(request);
    });

    it('reports a cut once, and can be opened again', async () => {
      const side = await connect();
      side.cut();
      await until(() => count('closed') === 1);
      expect(said.at(-1)).toEqual({ kind: 'closed', code: 'origin/unreachable', retryAfterMs: 0 });
      said = [];
      const again = await connect();
      again.cut();
      await until(() => count('closed') === 1);
    });

    it('reports an origin at its limit with the wait it asks for', async () => {
      port.open(OPENING);
      const side = await world.accepted();
      side.refuse();
      await until(() => count('closed') === 1);
      expect(said.at(-1)).toEqual({ kind: 'closed', code: 'origin/overloaded', retryAfterMs: 3000 });
    });

    it('says nothing more after it was closed', async () => {
      const side = await connect();
      port.close();
      said = [];
      side.send(encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 1 }));
      side.cut();
      const other = await connectAnother(world);
      expect(said).toEqual([]);
      other.close();
    });

    it('replaces a connection by a newer one', async () => {
      const first = await connect();
      said = [];
      const second = await connect();
      first.send(encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 1 }));
      first.cut();
      second.send(encodeOriginFrame({ kind: 'applied', mask: 2, sequence: 2 }));
      await until(() => count('frame') === 1);
      expect(said.filter((event) => event.kind === 'frame')).toEqual([
        { kind: 'frame', bytes: encodeOriginFrame({ kind: 'applied', mask: 2, sequence: 2 }) },
      ]);
      expect(count('closed')).toBe(0);
      port.close();
    });
  });
};

/** A whole exchange on another port: by its end, whatever a closed port had to say would have been said. */
const connectAnother = async (world: OriginWorld): Promise<OriginPort> => {
  let heard: () => void = () => undefined;
  const frame = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const port = world.make({ opened: () => undefined, frame: () => heard(), closed: () => undefined });
  port.open(OPENING);
  (await world.accepted()).send(encodeOriginFrame({ kind: 'applied', mask: 1, sequence: 1 }));
  await frame;
  return port;
};
