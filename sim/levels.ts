/**
 * The two levels by name: `exact` runs the engine that ships for every viewer, `model` one event per substream and second.
 */
import type { Figures, RunSize } from './figures.ts';
import { model } from './model/model-level.ts';
import { runScenario, SCENARIO_NAMES } from './scenarios.ts';

/** A finished run, whatever its level. */
export interface LevelRun {
  readonly figures: Figures;
  /** Laws that were broken, in words. */
  readonly violations: readonly string[];
}

/** A level: which scenarios it knows, and how it runs one. */
export interface Level {
  readonly scenarios: readonly string[];
  run(size: RunSize): LevelRun;
}

const exact: Level = {
  scenarios: SCENARIO_NAMES,
  run: (size) => {
    const run = runScenario(size);
    return { figures: run.figures, violations: run.world.checks.violations };
  },
};

/** By name. */
export const levels: Readonly<Record<string, Level>> = { exact, model };
