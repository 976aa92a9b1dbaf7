/**
 * What can decide for viewers, by name: the engine that ships, and the policies it is compared with.
 */
import type { DeciderMaker } from './decider.ts';
import { PiecePull } from './policies/piece-pull.ts';
import { SingleTree } from './policies/single-tree.ts';
import { shipped } from './shipped.ts';

export const deciders: Readonly<Record<string, DeciderMaker>> = {
  shoal: shipped,
  tree: (options) => new SingleTree(options),
  pull: (options) => new PiecePull(options, 'piece'),
  segments: (options) => new PiecePull(options, 'group'),
};
