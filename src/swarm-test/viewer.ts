/**
 * One viewer of a swarm test: a page, the players it made, and what a test may do to it.
 */
import { ShoalError } from '../errors.ts';
import type { PlayerStats } from '../player/stats.ts';
import type { Agent, Said } from './agent.ts';
import type { FrameLog, Stall } from './agent-frames.ts';
import type { LinkMark } from './agent-links.ts';
import { Corruption } from './corruption.ts';
import { DEADLINE_MS, eventually, type Waiting } from './eventually.ts';
import type { Look } from './feeding.ts';
import type { MachineWatch } from './machine-watch.ts';
import type { Network } from './network.ts';
import type { BrowserContext, CDPSession, Frame, Page } from './playwright.ts';

/** A player's stats with a viewer behind it. */
export type SharedStats = PlayerStats & { readonly viewer: NonNullable<PlayerStats['viewer']> };

/** What a viewer is made of. */
export interface ViewerParts {
  readonly name: string;
  readonly page: Page;
  /** Its own network, if it was opened with one. */
  readonly network?: Network | undefined;
  /** What its waits may take, ms. */
  readonly withinMs?: number | undefined;
  /** Says which pauses of a picture are the machine's fault. */
  readonly machine?: MachineWatch | undefined;
}

/** What of the agent can be asked from outside. */
type Question = Exclude<keyof Agent, 'seats' | 'playerMade'>;

const FRAME_MS = 40;

/** One viewer. Where a page makes several players, `seat` says which one is meant: they count from 0, as they were made. */
export class SwarmViewer {
  readonly name: string;
  readonly page: Page;
  readonly #network: Network | undefined;
  readonly #withinMs: number;
  readonly #machine: MachineWatch | undefined;
  #session: Promise<CDPSession> | undefined;
  #state: 'alive' | 'crashed' = 'alive';
  /** Where its players are: on the page itself, unless they were found in a frame of it. */
  #frame: Frame;

  constructor({ name, page, network, withinMs = DEADLINE_MS, machine }: ViewerParts) {
    this.name = name;
    this.page = page;
    this.#network = network;
    this.#withinMs = withinMs;
    this.#machine = machine;
    this.#frame = page.mainFrame();
    page.on('crash', () => {
      this.#state = 'crashed';
    });
  }

  /** False once its page is closed or has crashed. */
  get isOpen(): boolean {
    return this.#state === 'alive' && !this.page.isClosed();
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** Players the page has made so far. */
  players(): Promise<number> {
    return this.#ask('count');
  }

  /** A snapshot of a player, waiting until the page has made it. */
  async stats(seat = 0): Promise<PlayerStats> {
    await this.untilPlayer(seat);
    return this.#ask('stats', seat);
  }

  /** Stats of a player that shares. Its viewer is there once the worker has started, which is waited for. */
  async shared(seat = 0): Promise<SharedStats> {
    return this.#until(`${this.name} has a viewer that shares`, async () => {
      const stats = await this.stats(seat);
      return stats.viewer !== undefined && (stats as SharedStats);
    });
  }

  /** Why sharing is as it is, in words. */
  async explain(seat = 0): Promise<readonly string[]> {
    await this.untilPlayer(seat);
    return this.#ask('explain', seat);
  }

  /** What a player has said so far. */
  async said(seat = 0): Promise<readonly Said[]> {
    await this.untilPlayer(seat);
    return this.#ask('said', seat);
  }

  /** What was painted for a player so far. */
  async frames(seat = 0): Promise<FrameLog> {
    await this.untilPlayer(seat);
    return this.#ask('frames', seat);
  }

  /** Pauses of its picture for want of data, but for those during which the whole machine stood still. */
  async stalls(seat = 0): Promise<readonly Stall[]> {
    return this.#ownStalls(await this.frames(seat));
  }

  /** From now on nothing that came before counts as a stall. */
  async forgetStalls(seat = 0): Promise<void> {
    await this.untilPlayer(seat);
    await this.#ask('forgetStalls', seat);
  }

  /** This moment, without waiting for anything; a page that does not answer any more gives no stats. */
  async look(seat = 0): Promise<Look> {
    const { name } = this;
    if (!this.isOpen) return { name, stats: undefined, stalls: 0 };
    const answer = Promise.all([this.#ask('stats', seat), this.#ask('frames', seat)]).then(
      ([stats, frames]): Look => ({ name, stats, stalls: this.#ownStalls(frames).length }),
      (): Look => ({ name, stats: undefined, stalls: 0 }),
    );
    return (await within(answer)) ?? { name, stats: undefined, stalls: 0 };
  }

  /** Waits until the page has made a player. */
  async untilPlayer(seat = 0): Promise<void> {
    await this.#until(`${this.name}'s page makes player ${seat}`, () => this.#hasPlayer(seat), {
      shown: () => 'A page that never does is perhaps served with a script of Shoal older than this package.',
    });
  }

  /** Waits until a player said something, and returns it. */
  async hears(name: Said['name'], fits: (said: Said) => boolean = () => true, seat = 0): Promise<Said> {
    return this.#until(
      `${this.name} says ${name}`,
      async () => (await this.said(seat)).find((one) => one.name === name && fits(one)),
      { shown: async () => (await this.said(seat)).map((one) => JSON.stringify(one)).join('\n') },
    );
  }

  /** Waits for so many more painted frames. */
  async paints(count: number, seat = 0): Promise<void> {
    const from = (await this.frames(seat)).painted;
    await this.#until(
      `${this.name} paints ${count} more frames`,
      async () => (await this.frames(seat)).painted >= from + count,
      { withinMs: count * FRAME_MS + this.#withinMs, shown: async () => JSON.stringify(await this.look(seat)) },
    );
  }

  /** Waits until so many more seconds of the stream were painted. */
  async plays(seconds: number, seat = 0): Promise<void> {
    const from = (await this.frames(seat)).playedSeconds;
    await this.#until(
      `${this.name} plays ${seconds} more seconds`,
      async () => (await this.frames(seat)).playedSeconds >= from + seconds,
      { withinMs: seconds * 1000 + this.#withinMs, shown: async () => JSON.stringify(await this.look(seat)) },
    );
  }

  /** Waits until it has so many neighbours. */
  async untilNeighbours(count: number, seat = 0): Promise<SharedStats> {
    return this.#until(`${this.name} has ${count} neighbours`, async () => {
      const stats = await this.shared(seat);
      return stats.viewer.neighbours.length >= count && stats;
    });
  }

  /** Waits until neighbours feed it. Which substreams they feed is the swarm's affair. */
  async untilFed(seat = 0): Promise<SharedStats> {
    return this.#until(
      `neighbours feed ${this.name}`,
      async () => {
        const stats = await this.shared(seat);
        return stats.viewer.fromNeighbours > 0 && stats;
      },
      { shown: async () => (await this.explain(seat)).join('\n') },
    );
  }

  /** How many links to another viewer its page has, or in all; those that are being made count. */
  async countLinks(to?: SwarmViewer): Promise<number> {
    const own = await this.#marks();
    if (to === undefined) return own.length;
    const shared = await this.#marksOf(to);
    return own.filter(({ here, there }) => shared.some((mark) => mark.here === here && mark.there === there)).length;
  }

  /**
   * Cuts the links to another viewer, or all; returns how many there were. They are made again some seconds later, but a
   * link that is cut while it is being made counts as impossible, and is not tried again for a minute.
   */
  async cutLinks(to?: SwarmViewer): Promise<number> {
    return this.#ask('cut', to === undefined ? await this.#marks() : await this.#marksOf(to));
  }

  /** Sends broken pieces from now on, until the corruption is ended. */
  corruptPieces(): Promise<Corruption> {
    return Corruption.begin(this.page);
  }

  /**
   * Takes its network away: every connection breaks, links included, and none can be made. Needs a viewer that was
   * opened with `network: 'own'`; tabs of one context have one network.
   */
  async goOffline(): Promise<void> {
    this.#ownNetwork().up = false;
    await this.#allowLinks(false);
    await this.context.setOffline(true);
  }

  /** Gives its network back. */
  async goOnline(): Promise<void> {
    this.#ownNetwork().up = true;
    await this.#allowLinks(true);
    await this.context.setOffline(false);
  }

  /** Freezes the page, as a phone does with a tab in the background. Chromium only. */
  async freeze(): Promise<void> {
    await (await this.#devtools()).send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  /** Lets a frozen page go on. */
  async thaw(): Promise<void> {
    await (await this.#devtools()).send('Page.setWebLifecycleState', { state: 'active' });
  }

  /** Kills the tab's process: nobody says goodbye. Chromium only. */
  async kill(): Promise<void> {
    const session = await this.#devtools();
    const crashed = this.page.waitForEvent('crash');
    // The answer dies with the page.
    session.send('Page.crash').catch(() => undefined);
    await crashed;
  }

  /** Closes the tab like a person does; the page may say goodbye. */
  async close(): Promise<void> {
    await this.page.close({ runBeforeUnload: false });
  }

  #ownStalls(frames: FrameLog): readonly Stall[] {
    return frames.stalls.filter((stall) => this.#machine?.excuses(stall) !== true);
  }

  #until<T>(what: string, probe: () => T | Promise<T>, waiting: Waiting = {}): Promise<Exclude<T, false | undefined>> {
    return eventually(what, probe, { withinMs: this.#withinMs, ...waiting });
  }

  /** Connections that know both of their ends; a page has others too, such as those that look for its NAT. */
  async #marks(): Promise<LinkMark[]> {
    return (await this.#ask('links')).filter(({ here, there }) => here !== undefined && there !== undefined);
  }

  /** Another viewer's links as they would look from here. */
  async #marksOf(other: SwarmViewer): Promise<LinkMark[]> {
    return (await other.#marks()).map(({ here, there }) => ({ here: there, there: here }));
  }

  #ownNetwork(): Network {
    if (this.#network !== undefined) return this.#network;
    throw new ShoalError('swarm-test/not-possible', { detail: `open ${this.name} with network: 'own' for this` });
  }

  #devtools(): Promise<CDPSession> {
    this.#session ??= this.context.newCDPSession(this.page).catch((cause: unknown) => {
      throw new ShoalError('swarm-test/not-possible', { detail: 'only Chromium can do this', cause });
    });
    return this.#session;
  }

  #ask<Q extends Question>(question: Q, ...args: Parameters<Agent[Q]>): Answer<Q> {
    return ask(this.#frame.isDetached() ? this.page.mainFrame() : this.#frame, question, ...args);
  }

  /** Looks for a player on the page, and in the frames it has; from then on that frame is asked. */
  async #hasPlayer(seat: number): Promise<boolean> {
    const main = this.page.mainFrame();
    for (const frame of this.page.frames()) {
      const count = ask(frame, 'count');
      // A frame may come and go while it is asked; a page that is gone is worth an error.
      if ((await (frame === main ? count : count.catch(() => 0))) <= seat) continue;
      this.#frame = frame;
      return true;
    }
    return false;
  }

  /** Allows or forbids links in every page that has this network. */
  async #allowLinks(allowed: boolean): Promise<void> {
    const frames = this.context.pages().flatMap((page) => page.frames());
    await Promise.all(frames.map((frame) => ask(frame, 'allowLinks', allowed)));
  }
}

type Answer<Q extends Question> = Promise<Awaited<ReturnType<Agent[Q]>>>;

/** Asks the agent of a frame. */
const ask = <Q extends Question>(frame: Frame, question: Q, ...args: Parameters<Agent[Q]>): Answer<Q> =>
  frame.evaluate(
    ([asked, given]) => {
      const agent = (globalThis as unknown as Record<symbol, Record<string, (...args: unknown[]) => unknown>>)[
        Symbol.for('shoal.swarm-test')
      ];
      if (agent?.[asked] === undefined) throw new Error('this page was not opened by a swarm test');
      return agent[asked](...given);
    },
    [question, args] as const,
  ) as Answer<Q>;

/** An answer, unless the page hangs: a frozen one never answers. */
const within = async <T>(answer: Promise<T>, ms = 5000): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
};
