/**
 * The parts of `bench core` that need no browser, on little data: that they measure what they say.
 */
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ByteCore } from '../../wasm/abi.ts';
import { makeFlv } from '../../wasm/testing/flv-maker.ts';
import { BufferCount } from './buffer-count.ts';
import { headerShares } from './header-shares.ts';
import { demuxAll } from './mpegts-flv.ts';
import { cutAll, kernelVariants, storeVariant, verifyVariants } from './piece-path.ts';
import { countRelayAllocations } from './relay-allocations.ts';
import { scanAll } from './scan.ts';

// mpegts.js looks at the browser as soon as it is loaded.
vi.hoisted(() => vi.stubGlobal('self', { navigator: { userAgent: 'chrome/120 safari/537' } }));

const wasm = readFileSync(new URL('../../wasm/dist/shoal.wasm', import.meta.url));
const core = await ByteCore.load(wasm);

const chunksOf = (bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size));

test('scanner and mpegts.js find the same frames, however delivered', () => {
  const flv = makeFlv({ seconds: 4 });
  const chunks = chunksOf(flv, 16 * 1024);
  const fresh = scanAll(core, chunks);
  expect(scanAll(core, chunks, new Uint8Array(256 * 1024))).toEqual(fresh);
  expect(fresh.bytes).toBe(flv.length - 13);
  expect(demuxAll(chunks, false).samples).toBe(fresh.frames);
  expect(demuxAll(chunks, true).segmentBytes).toBeGreaterThan(0.9 * flv.length);
});

test('every timed variant does its work', () => {
  const cut = cutAll(core, chunksOf(makeFlv({ seconds: 4 }), 1400), 125);
  const variants = { ...kernelVariants(core, 8192), ...verifyVariants(core, 8192), store: storeVariant(core, cut) };
  for (const [name, variant] of Object.entries(variants)) expect(variant(), name).toBeGreaterThan(8192);
});

test('the share of headers is that of the pieces cut', async () => {
  const shares = await headerShares(wasm, makeFlv({ seconds: 8 }));
  const perSecond = Number(shares.piecesPerSec) * 92;
  const streamBytes = Number(shares.streamKbps) * 125;
  expect(shares.headerBytesPercent).toBeCloseTo((perSecond * 100) / (streamBytes + perSecond), 1);
});

test('buffers are counted in every way they can be made, and only while counting', () => {
  const count = new BufferCount();
  const kept = new Uint8Array(8);
  count.install();
  try {
    count.during(() => {
      new Uint8Array(1);
      new Float64Array(1);
      new ArrayBuffer(1);
      Uint8Array.of(1);
      kept.slice();
      kept.buffer.slice(0);
      new Uint8Array(kept.buffer, 0, 1);
      kept.subarray(1);
      count.except(() => new Uint8Array(1));
    });
    new Uint8Array(1);
  } finally {
    count.remove();
  }
  count.during(() => new Uint8Array(1));
  expect([...count.sites.values()].reduce((sum, times) => sum + times, 0)).toBe(6);
});

test('relaying a piece allocates no buffer', async () => {
  const { figures, sites } = await countRelayAllocations(wasm);
  expect(figures.relayedPieces).toBeGreaterThan(1000);
  expect([...sites]).toEqual([]);
});
