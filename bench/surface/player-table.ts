import type { SurfaceTable } from './table.ts';

/** The P2P-Player: its calls, its events, and the live-player states that the FAQ relies on. */
export const playerTable: SurfaceTable = {
  surface: 'player',
  tests: ['p2p-player', 'p2p-manager'],
  methods: ['addChunk', 'finishMedia', 'setHeaders', 'reset'],
  codes: [],
  events: ['playerReady', 'playerStartPull', 'playerClose', 'playerError', 'statechange.2103'],
  pending: [],
};
