/**
 * Where a swarm of tabs is measured: a source in a process of its own, a browser, and the page its tabs all open.
 */
import { startTabs, type Tabs } from '../harness/browser.ts';
import { Child } from '../harness/child.ts';
import { serveWatchPage, WatchTab } from '../watch/tabs.ts';
import type { Distance, SentSoFar, SourceAddress, SourceRequest } from './source-words.ts';

/** A built stage. */
export interface Stage extends SourceAddress {
  readonly tabs: Tabs;
  sent(): Promise<SentSoFar>;
  open(name: string): Promise<WatchTab>;
  close(): Promise<void>;
}

/** Builds one. */
export const buildStage = async (distance: Distance | undefined): Promise<Stage> => {
  const source = new Child('swarm/source');
  const ask = <T>(request: SourceRequest): Promise<T> => source.ask<T>(request);
  const address = await ask<SourceAddress>({ kind: 'start', distance });
  const page = await serveWatchPage();
  const tabs = await startTabs([], 'lean');
  return {
    ...address,
    tabs,
    sent: () => ask({ kind: 'sent' }),
    open: (name) => WatchTab.open(tabs, `${page.url}/`, name),
    async close() {
      await tabs.close();
      page.close();
      await ask({ kind: 'close' });
      source.close();
    },
  };
};
