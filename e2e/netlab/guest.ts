// A person in one of the lab's homes: a Chromium in the host's namespace, driven from here like any other.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import type { PlayerStats } from '../../src/index.ts';
import { findChromium } from '../../tools/machine.mjs';
import { startChromium } from '../fixtures/chromium.ts';
import { eventually } from '../fixtures/eventually.ts';
import type { NatPage } from '../pages/nat-api.d.ts';
import { DNS_SERVER } from './internet.ts';
import type { Home } from './net-lab.ts';

/** How a guest's browser is started. */
export interface GuestOptions {
  /** Shows pages the addresses of the host, as browsers do once a page may use the camera. */
  readonly showsAddresses?: boolean;
  /** Takes this http page for one that came over https, as all pages with a device do. */
  readonly trusts?: string;
}

export class Guest {
  readonly home: Home;
  readonly #browser: Browser;
  readonly #folder: string;
  #page: Page | undefined;

  private constructor(home: Home, browser: Browser, folder: string) {
    this.home = home;
    this.#browser = browser;
    this.#folder = folder;
  }

  static async arrive(home: Home, options: GuestOptions = {}): Promise<Guest> {
    const folder = mkdtempSync(join(tmpdir(), 'shoal-guest-'));
    const program = join(folder, 'chromium');
    writeFileSync(join(folder, 'resolv.conf'), `nameserver ${DNS_SERVER}\n`);
    // A namespace entered this way has mounts of its own, so this file is the host's alone.
    const lookUp = `mount --bind ${folder}/resolv.conf /etc/resolv.conf`;
    const browser = `${lookUp} && exec ${findChromium()} "$@"`;
    writeFileSync(program, `#!/bin/sh\nexec ip netns exec ${home.host} sh -c '${browser}' chromium "$@"\n`);
    chmodSync(program, 0o755);
    const flags = [
      ...(options.showsAddresses === true ? ['--disable-features=WebRtcHideLocalIpsWithMdns'] : []),
      ...(options.trusts === undefined ? [] : [`--unsafely-treat-insecure-origin-as-secure=${options.trusts}`]),
    ];
    try {
      return new Guest(home, await startChromium({ program, flags }), folder);
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Opens the page and plays; the page before is closed. */
  async watch(page: string, options: Parameters<NatPage['play']>[0]): Promise<void> {
    await this.visit(page);
    await this.page.evaluate((given) => globalThis.natPage.play(given), options);
  }

  /** Opens the page and leaves it to the test; the page before is closed. */
  async visit(page: string): Promise<void> {
    await this.leave();
    this.#page = await (await this.#browser.newContext()).newPage();
    await this.#page.goto(page);
  }

  async leave(): Promise<void> {
    const page = this.#page;
    this.#page = undefined;
    await page?.context().close();
  }

  stats(): Promise<PlayerStats> {
    return this.page.evaluate(() => globalThis.natPage.stats());
  }

  said(): Promise<NatPage['said']> {
    return this.page.evaluate(() => globalThis.natPage.said);
  }

  /** The counters of the server, as this host sees them. */
  metrics(): Promise<string> {
    return this.page.evaluate(async () => (await fetch('/metrics')).text());
  }

  /** What the browser says of itself when its line comes back. */
  async comesOnline(): Promise<void> {
    await this.page.evaluate(() => window.dispatchEvent(new Event('online')));
  }

  /** Waits until a probe has found something, and returns it. */
  async probed(): Promise<NonNullable<PlayerStats['nat']>> {
    return eventually(`${this.home.host} knows its NAT`, async () => (await this.stats()).nat);
  }

  /** Waits until the picture moves on from where it is. */
  async plays(): Promise<void> {
    const from = await this.page.evaluate(() => globalThis.natPage.video.currentTime);
    await eventually(`${this.home.host} plays`, () =>
      this.page.evaluate((start) => globalThis.natPage.video.currentTime > start + 0.5, from),
    );
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error('nothing is watched');
    return this.#page;
  }

  async depart(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
