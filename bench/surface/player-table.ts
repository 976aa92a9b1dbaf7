import type { SurfaceTable } from './table.ts';

/** The P2P-Player: its calls and its remote control, the flows of the FAQ, its events, and the live-player codes. */
export const playerTable: SurfaceTable = {
  surface: 'player',
  tests: ['faq'],
  methods: [
    'addChunk',
    'finishMedia',
    'setHeaders',
    'reset',
    'play',
    'pause',
    'resume',
    'stop',
    'mute',
    'snapshot',
    'checkReset',
    'checkCanRetry',
    'resetP2P',
    'resetLocalServer',
  ],
  codes: [2001, 2003, 2004, 2006, 2007, 2008, 2009, 2103, -2301],
  events: ['playerReady', 'playerStartPull', 'playerClose', 'playerError', 'statechange'],
  pending: [],
};
