/**
 * What of Playwright is spoken of here. Only its types: the browser comes from whoever writes the test, by
 * `@playwright/test` or by `playwright` itself.
 */
export type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  CDPSession,
  ConsoleMessage,
  Frame,
  Page,
  Worker as PageWorker,
} from 'playwright';
