/**
 * Starts the machine's Chromium. Every tab gets a browser context of its own: contexts share neither cache nor the six
 * connections per host, so one tab never helps or starves another by accident.
 */
import { type Browser, chromium, type Page } from 'playwright';
import { findChromium } from '../../tools/machine.mjs';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Candidates with real addresses, so that the impairment relay can stand between the tabs. The last flag of this
  // name wins, so features that others want disabled belong into this list.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

/** A browser and its tabs. */
export interface Tabs {
  readonly browser: Browser;
  /** Opens an address in a context of its own; what the page complains about is collected in `complaints`. */
  open(url: string): Promise<Page>;
  /** Uncaught errors and console errors of all tabs so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Starts Chromium. */
export const startTabs = async (moreFlags: readonly string[] = []): Promise<Tabs> => {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium found; SHOAL_CHROMIUM may name one');
  const browser = await chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...moreFlags] });
  const complaints: string[] = [];
  return {
    browser,
    complaints,
    async open(url) {
      const context = await browser.newContext();
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      await page.goto(url);
      return page;
    },
    close: () => browser.close(),
  };
};
