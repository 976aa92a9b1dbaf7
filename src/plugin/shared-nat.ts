/**
 * One watch on the NAT for the module and all its streams: each stream believes it has one of its own.
 */
import type { NatListener, NatOptions, NatReport, NatWatch } from '../carrier/browser/nat-probe.ts';

/** Makes a stream's watch. */
export type WatchNat = (options: NatOptions, listener: NatListener) => NatWatch;

/** Shares one watch. */
export class SharedNat {
  readonly #watch: NatWatch;
  readonly #listeners = new Set<NatListener>();

  constructor(start: WatchNat, options: NatOptions, own: NatListener) {
    this.#watch = start(options, {
      natChanged: (event) => this.#tell(own, (one) => one.natChanged(event)),
      natError: (event) => this.#tell(own, (one) => one.natError(event)),
      probed: (report) => this.#tell(own, (one) => one.probed?.(report)),
    });
  }

  /** Asks the servers anew. */
  probe(): Promise<NatReport> {
    return this.#watch.probe();
  }

  /** Tells whether any service runs. */
  setService(runs: boolean): void {
    this.#watch.setService(runs);
  }

  stop(): void {
    this.#listeners.clear();
    this.#watch.stop();
  }

  /** A stream's watch: it is told what the module's finds, and asks nobody itself. */
  readonly watchNat: WatchNat = (_options, listener) => {
    const shared = this.#watch;
    this.#listeners.add(listener);
    return {
      get report() {
        return shared.report;
      },
      probe: async () => {
        const report = shared.report ?? (await shared.probe());
        if (this.#listeners.has(listener)) listener.probed?.(report);
        return report;
      },
      setService: () => undefined,
      stop: () => void this.#listeners.delete(listener),
    };
  };

  #tell(own: NatListener, tell: (one: NatListener) => void): void {
    for (const one of [own, ...this.#listeners]) tell(one);
  }
}
