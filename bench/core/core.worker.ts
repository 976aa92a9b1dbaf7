/**
 * The timed part of `bench core`, in a dedicated worker of Chromium, where the product runs. Fetches its inputs from the
 * page's server and posts its figures.
 */
import { ByteCore } from '../../wasm/abi.ts';
import type { WorkerAnswer } from '../harness/ask-worker.ts';
import { median } from '../harness/quantiles.ts';
import { inSeries, type Rates, rateOf, ratioOf, timeRounds } from '../harness/rounds.ts';
import { demuxAll } from './mpegts-flv.ts';
import { cutAll, kernelVariants, storeVariant, verifyVariants, webCryptoVariants } from './piece-path.ts';
import { scanAll, scanVariants } from './scan.ts';

/** What the page tells the worker. */
export interface CoreOrder {
  readonly rounds: number;
  readonly sampleMs: number;
}

const CHUNK_BYTES = 16 * 1024;
const PIECE_BYTES = 8192;

const fetchBytes = async (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(path)).arrayBuffer());

const chunksOf = (bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.slice(index * size, (index + 1) * size));

const agree = (core: ByteCore, chunks: readonly Uint8Array<ArrayBuffer>[]): number => {
  const scanned = scanAll(core, chunks);
  const { samples } = demuxAll(chunks, false);
  const { segmentBytes } = demuxAll(chunks, true);
  // A loop of the sample has an end-of-sequence tag per round, which is a tag but no sample.
  if (Math.abs(scanned.frames - samples) > samples / 200) {
    throw new Error(`${scanned.frames} frames scanned, ${samples} demuxed`);
  }
  const total = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (segmentBytes < 0.9 * total) throw new Error(`${segmentBytes} of ${total} bytes remuxed`);
  return scanned.tags;
};

const measure = async ({ rounds, sampleMs }: CoreOrder): Promise<Readonly<Record<string, number>>> => {
  const core = await ByteCore.load(await fetchBytes('/core.wasm'));
  const chunks = chunksOf(await fetchBytes('/stream.flv'), CHUNK_BYTES);
  const tags = agree(core, chunks);
  const scans = await timeRounds(scanVariants(core, chunks), { rounds, sampleMs });
  const cut = cutAll(core, chunks.slice(0, 200), 125);
  const meanPiece = cut.pieces.reduce((sum, piece) => sum + piece.length, 0) / cut.pieces.length;
  const paths = await timeRounds(
    {
      ...kernelVariants(core, PIECE_BYTES),
      ...verifyVariants(core, PIECE_BYTES),
      store: storeVariant(core, cut),
      ...(await webCryptoVariants(PIECE_BYTES)),
    },
    // Many short rounds: a neighbour on the machine then disturbs single rounds, not the comparison.
    { rounds: rounds * 5, sampleMs: sampleMs / 4 },
  );
  return { ...scanFigures(scans), flvTags: tags, ...pathFigures(paths, meanPiece) };
};

const MB = 1e6;

const scanFigures = (rates: Rates): Readonly<Record<string, number>> => ({
  flvScanMBps: rateOf(rates, 'scan') / MB,
  flvScanVsMpegts: ratioOf(rates, 'scan', 'mpegtsRemux'),
  flvScanVsMpegtsDemuxOnly: ratioOf(rates, 'scan', 'mpegtsDemux'),
  flvScanFreshMBps: rateOf(rates, 'scanFresh') / MB,
  flvScanFreshVsMpegts: ratioOf(rates, 'scanFresh', 'mpegtsRemux'),
  flvScanFreshVsFreshCopies: ratioOf(rates, 'scanFresh', 'freshCopies'),
  mpegtsDemuxRemuxMBps: rateOf(rates, 'mpegtsRemux') / MB,
  mpegtsDemuxMBps: rateOf(rates, 'mpegtsDemux') / MB,
});

const pathFigures = (rates: Rates, meanPiece: number): Readonly<Record<string, number>> => {
  const ofKernels = (name: string, kernels: readonly string[], scale = 1): number => {
    const bound = inSeries(rates, kernels);
    return median((rates[name] ?? []).map((rate, round) => (rate * scale) / (bound[round] ?? Number.NaN)));
  };
  const steps = ['copyIn', 'blake3', 'chacha20', 'copyOut'];
  return {
    piecePathMBps: rateOf(rates, 'piecePath') / MB,
    piecePathVsKernels: ofKernels('piecePath', steps),
    piecePathVsWebCrypto: ratioOf(rates, 'piecePath', 'webCryptoPath'),
    webCryptoPathMBps: rateOf(rates, 'webCryptoPath') / MB,
    blake3MBps: rateOf(rates, 'blake3') / MB,
    chacha20MBps: rateOf(rates, 'chacha20') / MB,
    verifyPerSec: rateOf(rates, 'verify') / PIECE_BYTES,
    webCryptoVerifyPerSec: rateOf(rates, 'webCryptoVerify'),
    storePathMBps: rateOf(rates, 'store') / MB,
    // Real pieces are shorter than 8 KiB and a signature costs the same for each: scaled to full pieces.
    storePathVsKernelsAndVerify: ofKernels('store', [...steps, 'verify'], PIECE_BYTES / meanPiece),
  };
};

const answer = (reply: WorkerAnswer): void => postMessage(reply);

addEventListener('message', (event: MessageEvent<CoreOrder>) => {
  measure(event.data).then(
    (figures) => answer({ figures }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
