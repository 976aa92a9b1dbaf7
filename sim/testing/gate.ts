/**
 * A short life of a thousand viewers, and what is wrong with it in words: nothing, for a policy that may ship.
 */
import type { DeciderMaker } from '../decider.ts';
import { populate } from '../population.ts';
import { World } from '../world.ts';
import { SESSION_MS, worlds } from '../worlds.ts';

/** Joining takes so long, finding neighbours so long, and then it is looked at for so long. */
const JOIN_MS = 2_000;
const SETTLE_MS = 5_000;
const LOOK_MS = 2_000;
/** What must be reached at least, and at most; with a margin, because the swarm is seconds old. */
const OFFLOAD_LEAST = 0.35;
const MISSED_MOST = 0.008;

export const complaintsOf = (
  decider: DeciderMaker,
  size: { readonly viewers: number; readonly seed: number },
): string[] => {
  const { viewers, seed } = size;
  const world = new World({ ...worlds.real, decider, seed, originBytesPerSec: viewers * 125_000 });
  populate(world, viewers, { withinMs: JOIN_MS, meanMs: SESSION_MS }, () => ({}));
  world.run(JOIN_MS + SETTLE_MS);
  const before = { origin: world.originBytes, watched: world.watchedBytes };
  world.rules.windowFrom = JOIN_MS + SETTLE_MS - world.rules.playoutMs - 2_000;
  world.run(JOIN_MS + SETTLE_MS + LOOK_MS);
  world.checks.finish();
  const complaints = [...world.checks.violations];
  const offload = 1 - (world.originBytes - before.origin) / (world.watchedBytes - before.watched);
  if (offload < OFFLOAD_LEAST) complaints.push(`offload ${offload.toFixed(3)}`);
  let [due, missed, blind] = [0, 0, 0];
  for (const { ledger, joinedAt } of world.viewers.values()) {
    due += ledger.due;
    missed += ledger.missed;
    if (ledger.startedAt === undefined && joinedAt < JOIN_MS) blind++;
  }
  if (missed > due * MISSED_MOST) complaints.push(`${missed} of ${due} pieces missed`);
  if (due < viewers) complaints.push('hardly anything was watched');
  if (blind > 0) complaints.push(`${blind} see nothing`);
  return complaints;
};
