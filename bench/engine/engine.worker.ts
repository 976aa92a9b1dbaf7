/**
 * The timed part of `bench engine`, in a dedicated worker of Chromium, where the product runs. It takes turns between the
 * whole viewer and its engine alone, so that a neighbour on the machine disturbs rounds and not the comparison.
 */
import { ByteCore } from '../../wasm/abi.ts';
import { verifyVariants } from '../core/piece-path.ts';
import type { WorkerAnswer } from '../harness/ask-worker.ts';
import { median } from '../harness/quantiles.ts';
import { rateOf, timeRounds } from '../harness/rounds.ts';
import { unpackRecording } from './recording.ts';
import { replayEngine, replayViewer } from './replay.ts';

/** What the page tells the worker. */
export interface EngineOrder {
  readonly rounds: number;
}

const PIECE_BYTES = 8192;

const fetchBytes = async (path: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(path)).arrayBuffer());

const measure = async ({ rounds }: EngineOrder): Promise<Readonly<Record<string, number>>> => {
  const core = await ByteCore.load(await fetchBytes('/core.wasm'));
  const life = unpackRecording(await fetchBytes('/recording'));
  const { recording } = life;
  const windowMs = recording.windowTo - recording.windowFrom;
  const heard = replayViewer(core, life, true);
  const whole: number[] = [];
  const engine: number[] = [];
  const verifying: number[] = [];
  const verify = verifyVariants(core, PIECE_BYTES);
  for (let round = 0; round < rounds; round++) {
    const { tookMs, pieces } = replayViewer(core, life, false);
    whole.push(tookMs);
    // Timed next to it: on a busy machine a share of something else's time means nothing.
    const rates = await timeRounds(verify, { rounds: 1, sampleMs: 40 });
    verifying.push((pieces * 1000) / (rateOf(rates, 'verify') / PIECE_BYTES) / tookMs);
    engine.push(replayEngine(recording, heard));
  }
  const percent = (ms: number): number => (100 * ms) / windowMs;
  const megabits = (bytes: number): number => (bytes * 8) / 1000 / windowMs;
  return {
    corePercent: percent(median(whole)),
    corePercentBest: percent(Math.min(...whole)),
    enginePercent: percent(median(engine)),
    engineShare: median(engine) / median(whole),
    verifyShare: median(verifying),
    links: recording.links,
    inMbitPerSec: megabits(heard.linkBytes + heard.originBytes),
    linkInMbitPerSec: megabits(heard.linkBytes),
    outMbitPerSec: megabits(heard.sentBytes),
    outAsRecorded: heard.sentBytes / recording.sentBytes,
    piecesPerSec: (heard.pieces * 1000) / windowMs,
    engineCallsPerSec: ((heard.inputs.length - heard.windowInput) * 1000) / windowMs,
    windowSeconds: windowMs / 1000,
  };
};

const answer = (reply: WorkerAnswer): void => postMessage(reply);

addEventListener('message', (event: MessageEvent<EngineOrder>) => {
  measure(event.data).then(
    (figures) => answer({ figures }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
