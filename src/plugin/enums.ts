/**
 * The event names of the plugin surface.
 */

/** First argument of a `msgCallback`. */
export const XP2PEventEnum = { Notify: 'notify', Log: 'log' } as const;

/** Second argument of a `msgCallback` for `notify`. */
export const XP2PNotify_SubType = {
  Connected: 'connected',
  Request: 'request',
  Parsed: 'parsed',
  Success: 'success',
  Fail: 'fail',
  Close: 'close',
  Eof: 'eof',
  Disconnect: 'disconnect',
} as const;

/** First argument of an `eventHandler`. */
export const XP2PLocalEventEnum = { NATChanged: 'natChanged', NATError: 'natError' } as const;

/** A name of the enum. */
export type XP2PEvent = (typeof XP2PEventEnum)[keyof typeof XP2PEventEnum];
/** A name of the enum. */
export type XP2PNotify = (typeof XP2PNotify_SubType)[keyof typeof XP2PNotify_SubType];
/** A name of the enum. */
export type XP2PLocalEvent = (typeof XP2PLocalEventEnum)[keyof typeof XP2PLocalEventEnum];
