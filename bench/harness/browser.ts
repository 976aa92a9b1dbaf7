/**
 * Starts the machine's Chromium. Every tab gets a browser context of its own: contexts share neither cache nor the six
 * connections per host, so one tab never helps or starves another by accident.
 */
import { basename } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright';
import { findChromium, findHeadlessShell } from '../../tools/machine.mjs';

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
  /** Program and version. */
  readonly name: string;
  /** Opens an address in a context of its own; what the page complains about is collected in `complaints`. */
  open(url: string): Promise<Page>;
  /** Uncaught errors and console errors of all tabs so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

const program = (): string => {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium found; SHOAL_CHROMIUM may name one');
  return executablePath;
};

/** A browser with a profile in a folder and one page, as a person has it: contexts of their own keep all files in memory. */
export const startProfile = async (folder: string): Promise<{ readonly browser: Browser; readonly page: Page }> => {
  const options = { executablePath: program(), headless: true, args: FLAGS };
  const context = await chromium.launchPersistentContext(folder, options);
  const browser = context.browser();
  if (browser === null) throw new Error('a profile without a browser');
  return { browser, page: context.pages()[0] ?? (await context.newPage()) };
};

/** Starts Chromium; `lean` without all that a window needs, where that is there: each page that opens disturbs the others less. */
export const startTabs = async (moreFlags: readonly string[] = [], kind: 'whole' | 'lean' = 'whole'): Promise<Tabs> => {
  const executablePath = (kind === 'lean' ? findHeadlessShell() : undefined) ?? program();
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [...FLAGS, ...moreFlags],
  });
  const complaints: string[] = [];
  return {
    browser,
    name: `${basename(executablePath)} ${browser.version()}`,
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
