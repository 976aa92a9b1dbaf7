import type { SurfaceTable } from './table.ts';

/**
 * The P2P-Player: its calls and those of its remote control, the helper of the FAQ, its events, and the states of a live
 * player that pages rely on.
 */
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
    'requestFullScreen',
    'exitFullScreen',
    'checkCanRetry',
    'checkReset',
    'resetP2P',
    'resetLocalServer',
  ],
  codes: [2001, 2003, 2004, 2006, 2007, 2008, 2009, 2103, -2301],
  events: ['playerReady', 'playerStartPull', 'playerClose', 'playerError', 'statechange.2103'],
  pending: [],
};
