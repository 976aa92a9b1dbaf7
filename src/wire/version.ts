/**
 * Protocol versions. At most two are spoken: the current one and the one before; anything else is a typed fault.
 */

/** What this build speaks. */
export const PROTOCOL_VERSION = 1;
/** The oldest version this build still understands. */
export const PROTOCOL_VERSION_OLDEST = 1;

/** Whether a version named by the other side can be spoken. */
export const speaks = (version: number): boolean => version >= PROTOCOL_VERSION_OLDEST && version <= PROTOCOL_VERSION;
