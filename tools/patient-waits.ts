// Before every test file: `vi.waitFor` and `vi.waitUntil` wait as long as `expect.poll` does. Vitest has a setting
// for the latter only.

import { vi } from 'vitest';
import { WAIT_MS } from './patience.ts';

const { waitFor, waitUntil } = vi;

/** Options of a wait with the house's guard in it, unless they name one. */
const patient = <T extends object>(options: number | T = {} as T): T | (T & { timeout: number }) =>
  typeof options === 'number' ? ({ timeout: options } as T & { timeout: number }) : { timeout: WAIT_MS, ...options };

vi.waitFor = (check, options) => waitFor(check, patient(options));
vi.waitUntil = (check, options) => waitUntil(check, patient(options));
