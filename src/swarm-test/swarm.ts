/**
 * A swarm of a test: opens viewers of a page, waits until they carry for each other, measures what they do, and says in a
 * table who feeds whom when it is not what the test expects.
 */
import { ShoalError } from '../errors.ts';
import { agentScript } from './agent.ts';
import { Complaints } from './complaints.ts';
import { DEADLINE_MS, eventually } from './eventually.ts';
import { brokenExpectations, checkExpectation, figuresText, type SwarmExpectation } from './expectation.ts';
import { copiesOf, type Feed, feedsOf, type Look, tableOf } from './feeding.ts';
import { figuresOf, type SwarmFigures } from './figures.ts';
import { MachineWatch } from './machine-watch.ts';
import { Network } from './network.ts';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from './playwright.ts';
import { SwarmViewer, type ViewerParts } from './viewer.ts';

/** How a swarm is made. */
export interface SwarmOptions {
  /**
   * Complaints of the console and uncaught errors that no test declared make `close` fail: errors alone (default),
   * warnings too, or none of them.
   */
  readonly complaints?: 'errors' | 'warnings' | 'ignored';
  /** What each wait may take, ms; what plays in real time comes on top. Default 30 s. */
  readonly withinMs?: number;
}

/** How viewers are opened. */
export interface OpenOptions {
  /** How many; default 1. */
  readonly viewers?: number;
  /** Their names in messages and tables; default `viewer 1` and so on. */
  readonly names?: readonly string[];
  /** Each in a browser context of its own, like so many people (default), or as tabs of one. */
  readonly in?: 'contexts' | 'tabs';
  /** One more tab of this context, which stays the caller's. */
  readonly context?: BrowserContext;
  /** Options of the contexts that are made. */
  readonly contextOptions?: BrowserContextOptions;
  /** With `own`, every context has a network that can be taken away. */
  readonly network?: 'shared' | 'own';
  /** What to do with a page before it goes to its address: log in, add scripts. */
  readonly before?: (page: Page) => Promise<unknown> | unknown;
  /** What is waited for at each page: nothing but its loading, its first player, or that this plays (default). */
  readonly until?: 'loaded' | 'player' | 'playing';
}

/** A stretch of time: until every viewer has played so many seconds. */
export interface Stretch {
  /** Default 8. */
  readonly seconds?: number;
}

interface Place {
  readonly context: BrowserContext;
  readonly network: Network | undefined;
}

/** All viewers of a test. */
export class Swarm {
  readonly complaints: Complaints;
  readonly #browser: Browser;
  readonly #options: SwarmOptions;
  readonly #viewers: SwarmViewer[] = [];
  readonly #places: Place[] = [];
  readonly #machine = new MachineWatch();

  constructor(browser: Browser, options: SwarmOptions = {}) {
    this.#browser = browser;
    this.#options = options;
    this.complaints = new Complaints(options.complaints === 'warnings' ? 'warnings' : 'errors');
  }

  /** Every viewer there was, in the order of opening. */
  get all(): readonly SwarmViewer[] {
    return this.#viewers;
  }

  /** The viewers whose pages are open. */
  get viewers(): readonly SwarmViewer[] {
    return this.#viewers.filter(({ isOpen }) => isOpen);
  }

  /** Opens viewers of a page, one after another. */
  async open(url: string, options: OpenOptions = {}): Promise<SwarmViewer[]> {
    return this.openAs((parts) => new SwarmViewer(parts), url, options);
  }

  /** `open`, with viewers that the test makes: of a class of its own, for instance. */
  async openAs<V extends SwarmViewer>(
    make: (parts: ViewerParts) => V,
    url: string,
    options: OpenOptions = {},
  ): Promise<V[]> {
    const { viewers: count = options.names?.length ?? 1, names = [], until = 'playing' } = options;
    if (!Number.isInteger(count) || count < 1) throw new ShoalError('options/invalid', { detail: 'viewers' });
    const opened: V[] = [];
    let place: Place | undefined;
    for (let at = 0; at < count; at++) {
      const name = names[at] ?? `viewer ${this.#viewers.length + 1}`;
      place = options.in === 'tabs' && place !== undefined ? place : await this.#placeFor(name, options);
      const page = await place.context.newPage();
      const viewer = make({
        name,
        page,
        network: place.network,
        withinMs: this.#options.withinMs,
        machine: this.#machine,
      });
      this.#viewers.push(viewer);
      opened.push(viewer);
      await page.addInitScript(agentScript());
      await options.before?.(page);
      await page.goto(url);
      if (until !== 'loaded') await viewer.untilPlayer();
      if (until === 'playing') await viewer.hears('started');
    }
    return opened;
  }

  /** Waits until neighbours feed all viewers but one: somebody must fetch the stream first. */
  async untilSharing(viewers: readonly SwarmViewer[] = this.viewers): Promise<void> {
    await this.#until('neighbours feed everybody but one', viewers, (looks) => {
      const fed = looks.filter(({ stats }) => (stats?.viewer?.fromNeighbours ?? 0) > 0);
      return fed.length >= looks.length - 1;
    });
  }

  /** Waits until the origin sends each substream about once to all viewers together, and nobody lacks one. */
  async untilSettled(viewers: readonly SwarmViewer[] = this.viewers): Promise<void> {
    await this.#until('the origin feeds each substream to one viewer only', viewers, (looks) => {
      const substreams = looks[0]?.stats?.viewer?.substreams ?? 0;
      const copies = copiesOf(looks);
      const complete = looks.every(({ stats }) => stats?.viewer?.orphaned === 0);
      return copies !== undefined && copies * substreams <= substreams + 1 && complete;
    });
  }

  /** Who feeds whom at this moment. */
  async feeds(): Promise<readonly Feed[]> {
    return feedsOf(await this.look());
  }

  /** Who feeds whom at this moment, for people. */
  async table(): Promise<string> {
    return tableOf(await this.look());
  }

  /** Every viewer at this moment. */
  look(viewers: readonly SwarmViewer[] = this.viewers): Promise<Look[]> {
    return Promise.all(viewers.map((viewer) => viewer.look()));
  }

  /** What a stretch of time shows. */
  async measure(stretch: Stretch = {}, viewers: readonly SwarmViewer[] = this.viewers): Promise<SwarmFigures> {
    const { seconds = 8 } = stretch;
    if (!(seconds > 0 && seconds <= 3600)) throw new ShoalError('options/invalid', { detail: 'seconds' });
    const before = await this.look(viewers);
    await Promise.all(viewers.map((viewer) => viewer.plays(seconds)));
    return figuresOf(before, await this.look(viewers));
  }

  /** Measures, and fails with figures and table unless everything holds that is expected. */
  async expect(expectation: SwarmExpectation, stretch: Stretch = {}): Promise<SwarmFigures> {
    checkExpectation(expectation);
    const figures = await this.measure(stretch);
    const broken = brokenExpectations(expectation, figures);
    if (broken.length > 0) {
      const detail = `${broken.join('; ')}\n\n${figuresText(figures)}\n\n${await this.table()}\n`;
      throw new ShoalError('swarm-test/not-held', { detail });
    }
    return figures;
  }

  /** Closes everything. Fails for complaints that no test declared. */
  async close(): Promise<void> {
    // What pages say while they are being closed is nobody's fault.
    const undeclared = this.#options.complaints === 'ignored' ? [] : this.complaints.undeclared();
    for (const { context, network } of this.#places.splice(0)) {
      await context.close();
      await network?.close();
    }
    await this.#machine.stop();
    if (undeclared.length > 0)
      throw new ShoalError('swarm-test/complaints', { detail: `\n${undeclared.join('\n')}\n` });
  }

  async #placeFor(name: string, options: OpenOptions): Promise<Place> {
    if (options.context !== undefined) return { context: options.context, network: undefined };
    const network = options.network === 'own' ? await Network.open() : undefined;
    const proxy = network === undefined ? {} : { proxy: network.proxy };
    const context = await this.#browser.newContext({ ...options.contextOptions, ...proxy });
    const place = { context, network };
    this.#places.unshift(place);
    this.complaints.listenTo(context, name);
    return place;
  }

  async #until(
    what: string,
    viewers: readonly SwarmViewer[],
    holds: (looks: readonly Look[]) => boolean,
  ): Promise<void> {
    const { withinMs = DEADLINE_MS } = this.#options;
    await eventually(what, async () => holds(await this.look(viewers)), {
      withinMs,
      shown: async () => tableOf(await this.look(viewers)),
    });
  }
}
