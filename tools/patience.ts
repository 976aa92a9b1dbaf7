// How long tests may wait: hang guards, far above what anything takes on a slow and busy machine, and no measure of
// anything. Vitest's own (1 s for a wait, 5 s for a test, 10 s for a hook) are met by a machine that is only busy.

/** What one wait for a state may take; less than the 45 s after which a tracker lets go of whoever is silent. */
export const WAIT_MS = 40_000;

/** What a unit test, or what is done around it, may take. */
export const TEST_MS = 180_000;
