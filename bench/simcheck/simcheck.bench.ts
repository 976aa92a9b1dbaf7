/**
 * `bench simcheck`: is the simulator true? One small swarm of real viewers behind the relay adjusts it, two others are
 * foreseen by it and then run for real.
 */
import { type Bench, type Figures, type Run, tidy } from '../harness/bench.ts';
import { runMesh } from '../mesh/mesh.bench.ts';
import { adjust } from './adjust.ts';
import { type Adjustment, type Shown, type Stream, simulate } from './simulated.ts';
import { CALIBRATION, PLAN, PREDICTIONS, type Topology } from './topologies.ts';

interface Real extends Shown {
  readonly stream: Stream;
  readonly processorPercent: number;
}

const runReal = async (topology: Topology, seconds: number, run: Run): Promise<Real> => {
  const { viewers, uplinks } = topology;
  const plan = { viewers, uplinks, seconds, churnPercentPerMinute: 0, hosts: 2 };
  run.say(`${topology.name}: ${viewers} real viewers`);
  const figures = await runMesh({ ...PLAN, ...plan }, run);
  const number = (name: string): number => Number(figures[name]);
  return {
    originCopies: number('originCopies'),
    delayMsP50: number('delayMsP50'),
    delayMsP95: number('delayMsP95'),
    processorPercent: number('processorPercent'),
    stream: {
      bytesPerSec: (number('streamKbps') * 1000) / 8,
      piecesPerSec: number('piecesAccepted') / number('viewers') / seconds,
    },
  };
};

const percentOff = (simulated: number, real: number): number => tidy((100 * (simulated - real)) / real);

const sideBySide = (name: string, real: Real, sim: Shown): Figures => ({
  [`${name}RealOriginCopies`]: tidy(real.originCopies),
  [`${name}SimOriginCopies`]: tidy(sim.originCopies),
  [`${name}CopiesErrorPercent`]: percentOff(sim.originCopies, real.originCopies),
  [`${name}RealDelayMsP50`]: real.delayMsP50,
  [`${name}SimDelayMsP50`]: sim.delayMsP50,
  [`${name}RealDelayMsP95`]: real.delayMsP95,
  [`${name}SimDelayMsP95`]: sim.delayMsP95,
  [`${name}P95ErrorPercent`]: percentOff(sim.delayMsP95, real.delayMsP95),
  [`${name}ProcessorPercent`]: real.processorPercent,
});

const runAll = async (run: Run): Promise<Figures> => {
  const seconds = run.number('seconds');
  const seeds = run.number('seeds');
  const real = await runReal(CALIBRATION, seconds, run);
  const { stream } = real;
  const shownBy = (topology: Topology, how: Adjustment): Shown =>
    simulate(topology, stream, { ...how, seconds, seeds });
  const how = adjust(real, (tried) => shownBy(CALIBRATION, tried));
  run.say(`adjusted: a hop takes ${how.hopMs} ms besides the way`);
  const figures: Record<string, Figures[string]> = {
    calibratedHopMs: how.hopMs,
    streamKbps: tidy((stream.bytesPerSec * 8) / 1000),
    piecesPerSec: tidy(stream.piecesPerSec),
    ...sideBySide(CALIBRATION.name, real, shownBy(CALIBRATION, how)),
  };
  for (const topology of PREDICTIONS) {
    const foreseen = shownBy(topology, how);
    run.say(`${topology.name}: foreseen ${tidy(foreseen.originCopies)} copies, p95 ${foreseen.delayMsP95} ms`);
    Object.assign(figures, sideBySide(topology.name, await runReal(topology, seconds, run), foreseen));
  }
  const busy = [CALIBRATION, ...PREDICTIONS].map(({ name }) => Number(figures[`${name}ProcessorPercent`]));
  return { ...figures, starved: Math.max(...busy) > STARVED_PERCENT };
};

/** Of all processors: above it real viewers wait for the machine, which the simulator does not know. */
const STARVED_PERCENT = 90;

/** Largest errors allowed, percent. */
const COPIES_PERCENT = 25;
const P95_PERCENT = 20;

/** The benchmark. */
export const simcheck: Bench = {
  about: 'the simulator, adjusted to one real swarm, against two others (all on one machine)',
  options: { seconds: 25, seeds: 7 },
  run: runAll,
  goals: () =>
    PREDICTIONS.flatMap(({ name }) => [
      { figure: `${name}CopiesErrorPercent`, is: 'at most' as const, value: COPIES_PERCENT },
      { figure: `${name}CopiesErrorPercent`, is: 'at least' as const, value: -COPIES_PERCENT },
      { figure: `${name}P95ErrorPercent`, is: 'at most' as const, value: P95_PERCENT },
      { figure: `${name}P95ErrorPercent`, is: 'at least' as const, value: -P95_PERCENT },
    ]),
};
