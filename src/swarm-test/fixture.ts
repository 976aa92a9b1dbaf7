/**
 * The fixture for `@playwright/test`: a swarm per test, closed after it, with the table of who feeds whom attached to a
 * test that failed.
 */
import type { Browser } from './playwright.ts';
import { Swarm, type SwarmOptions } from './swarm.ts';

/** What tests get. */
export interface SwarmFixtures {
  readonly swarm: Swarm;
  /** For `test.use({ swarmOptions: ... })`. */
  readonly swarmOptions: SwarmOptions;
}

/** The part of Playwright's test information that is used. */
interface TestInfo {
  readonly status?: string | undefined;
  readonly expectedStatus: string;
  attach(name: string, options: { readonly body: string; readonly contentType: string }): Promise<void>;
}

/** For `base.extend<SwarmFixtures>(swarmFixtures)`. */
export const swarmFixtures: {
  swarmOptions: [SwarmOptions, { option: true }];
  swarm: (
    given: { readonly browser: Browser; readonly swarmOptions: SwarmOptions },
    use: (swarm: Swarm) => Promise<void>,
    info: TestInfo,
  ) => Promise<void>;
} = {
  swarmOptions: [{}, { option: true }],
  swarm: async ({ browser, swarmOptions }, use, info) => {
    const swarm = new Swarm(browser, swarmOptions);
    try {
      await use(swarm);
      if (info.status !== info.expectedStatus) {
        await info.attach('who feeds whom', { body: await swarm.table(), contentType: 'text/plain' });
      }
    } finally {
      await swarm.close();
    }
  },
};
