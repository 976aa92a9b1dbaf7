/**
 * How many buffers our code allocates for a piece that comes over a link, is verified, kept and sent on: real viewers
 * in a world of memory and virtual time, with every way to allocate a buffer instrumented while a session handles a
 * message of the pieces lane. What the world does in `send` is not ours and not counted. Handing clear FLV to a player,
 * and the few control messages that a piece sets off, are counted apart.
 */
import { MemoryLinkPort } from '../../src/viewer/testing/memory-links.ts';
import { MemoryWorld } from '../../src/viewer/testing/memory-world.ts';
import { ByteCore } from '../../wasm/abi.ts';
import type { Figures } from '../harness/bench.ts';
import { BufferCount, type Sites } from './buffer-count.ts';

/** What was found. */
export interface RelayAllocations {
  readonly figures: Figures;
  /** Where the relay path allocated, by stack. */
  readonly sites: Sites;
}

const VIEWERS = 6;
const WINDOW_MS = 20_000;
const PLAY_PATH = /takePlayed|src\/viewer\/playback\.ts/;
const CONTROL_MESSAGES = /encodeLinkMessage|encodeOriginRequest|src\/core\/viewer\/status-report\.ts/;

/** Runs the world and counts. */
export const countRelayAllocations = async (wasm: BufferSource): Promise<RelayAllocations> => {
  const world = new MemoryWorld(await ByteCore.load(wasm), { shape: { seconds: 90, videoKbps: 900 } });
  const count = new BufferCount();
  observe(world, count);
  world.run(3000);
  world.gather(VIEWERS, { playing: { deadlineMs: 1000 } });
  const before = totals(world);
  const parts = world.handedOn.size;
  count.install();
  try {
    world.run(WINDOW_MS);
  } finally {
    count.remove();
  }
  const pieces = totals(world) - before;
  world.verify();
  const play = sumOf(count.sites, (site) => PLAY_PATH.test(site));
  const control = sumOf(count.sites, (site) => CONTROL_MESSAGES.test(site));
  const isRelay = (site: string): boolean => !PLAY_PATH.test(site) && !CONTROL_MESSAGES.test(site);
  return {
    sites: new Map([...count.sites].filter(([site]) => isRelay(site))),
    figures: {
      buffersAllocatedPerPiece: sumOf(count.sites, isRelay) / pieces,
      relayedPieces: pieces,
      relayedParts: world.handedOn.size - parts,
      playBuffersPerPiece: play / pieces,
      controlBuffersPerPiece: control / pieces,
    },
  };
};

const sumOf = (sites: Sites, counts: (site: string) => boolean): number =>
  [...sites].reduce((sum, [site, times]) => sum + (counts(site) ? times : 0), 0);

const totals = (world: MemoryWorld): number =>
  world.viewers.reduce((sum, { viewer }) => sum + viewer.stats().piecesFromNeighbours, 0);

/** Puts the counter between links and sessions, on the way in and on the way out. */
const observe = (world: MemoryWorld, count: BufferCount): void => {
  world.links.port = (events, party) => {
    const port = new MemoryLinkPort(
      world.links,
      {
        ...events,
        message: (link, lane, bytes) =>
          lane === 'pieces' ? count.during(() => events.message(link, lane, bytes)) : events.message(link, lane, bytes),
      },
      party,
    );
    const send = port.send.bind(port);
    port.send = (link, lane, bytes) => count.except(() => send(link, lane, bytes));
    return port;
  };
};
