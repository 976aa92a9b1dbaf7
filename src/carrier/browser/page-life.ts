/**
 * The life of the page around a player: hidden and seen, frozen and thawed, gone and back, and what its line costs.
 */

/** What happens to a page. */
export interface PageEvents {
  /** The page can be seen again, or was thawed. */
  seen(): void;
  hidden(): void;
  /** The page goes away; it may come back from the browser's cache. */
  gone(): void;
  /** It came back from the cache: everything it had open is dead. */
  back(): void;
  /** The line changed, or what it costs. */
  line(): void;
}

/** The part of the Network Information API that is used; few browsers have it. */
interface Connection extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
  readonly metered?: boolean;
}

const connectionOf = (): Connection | undefined => (navigator as { readonly connection?: Connection }).connection;

/** Whether the person pays for this line by volume, or asked for little data. */
export const isLineMetered = (): boolean => {
  const connection = connectionOf();
  return connection?.saveData === true || connection?.metered === true || connection?.type === 'cellular';
};

/** Watches the page; returns how to stop. */
export const watchPage = (events: PageEvents): (() => void) => {
  const until = new AbortController();
  const { signal } = until;
  document.addEventListener(
    'visibilitychange',
    () => (document.visibilityState === 'hidden' ? events.hidden() : events.seen()),
    { signal },
  );
  document.addEventListener('resume', () => events.seen(), { signal });
  window.addEventListener('pagehide', () => events.gone(), { signal });
  window.addEventListener('pageshow', (event) => event.persisted && events.back(), { signal });
  window.addEventListener('online', () => events.line(), { signal });
  connectionOf()?.addEventListener('change', () => events.line(), { signal });
  return () => until.abort();
};

/** What happens to the line of a page. */
export interface LineEvents {
  /** It came back, or became one of another kind. */
  changed(): void;
  /** The browser thinks otherwise of it; mostly another guess at its speed. */
  hinted(): void;
}

/** Watches the line; returns how to stop. */
export const watchLine = (events: LineEvents): (() => void) => {
  const until = new AbortController();
  const { signal } = until;
  const connection = connectionOf();
  let type = connection?.type;
  window.addEventListener('online', () => events.changed(), { signal });
  connection?.addEventListener(
    'change',
    () => {
      const isOther = connection.type !== type;
      type = connection.type;
      if (isOther) events.changed();
      else events.hinted();
    },
    { signal },
  );
  return () => until.abort();
};
