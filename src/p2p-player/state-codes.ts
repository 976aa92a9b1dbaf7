/**
 * The state codes of the player, as pages of the vendor's live player know them, and when each comes here.
 */

/** One row. */
export interface StateRow {
  readonly name: string;
  /** What leads to it in a browser. */
  readonly cause: string;
}

/** All codes. */
export const STATE_CODES = {
  2001: { name: 'connected', cause: 'The first bytes of a pull came.' },
  2003: { name: 'first picture decoded', cause: 'The video element has its first frame.' },
  2004: { name: 'playing', cause: 'The picture moves: for the first time, or after a stall or a retry.' },
  2006: { name: 'ended', cause: 'finishMedia was called and everything was shown.' },
  2007: { name: 'loading', cause: 'Playback waits for data.' },
  2008: { name: 'decoder started', cause: 'The video element knows what it decodes.' },
  2009: { name: 'resolution', cause: 'The size of the picture is known or changed.' },
  2103: { name: 'disconnected, trying again', cause: 'The message names the reason as errCode; see PULL_FAULTS.' },
  [-2301]: { name: 'gave up', cause: 'As many tries as allowed came to nothing.' },
} as const satisfies Record<number, StateRow>;

/** A state code. */
export type StateCode = keyof typeof STATE_CODES;

/** What a 2103 says behind `errCode:`. */
export const PULL_FAULTS = {
  [-1001]: 'no data came for a while',
  [-1004]: 'the media source of the element is gone, so nothing can connect to it',
  [-1011]: 'the headers say that this is no FLV',
  [-1016]: 'the data is not a video stream this browser can play',
} as const satisfies Record<number, string>;

/** Why a pull broke. */
export type PullFault = keyof typeof PULL_FAULTS;

/** The message of a 2103. */
export const messageOf = (fault: PullFault, detail: string): string =>
  `errCode:${fault} errMsg:${PULL_FAULTS[fault]}${detail === '' ? '' : ` (${detail})`}`;
