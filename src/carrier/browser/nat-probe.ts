/**
 * Watches the NAT of this page: asks the configured STUN servers how they see it, and says when that changes. No server
 * that is not configured is contacted, and without any no socket is opened.
 */
import { maskMapped, showMapped } from '../../core/nat/addresses.ts';
import type { NatFinding } from '../../core/nat/classify.ts';
import { type NatInput, type NatOutput, NatWatch as NatWatchEngine } from '../../core/nat/nat-watch.ts';
import { ShoalError } from '../../errors.ts';
import type { ClockPort } from '../../viewer/ports.ts';
import type { NatKind } from '../../wire/nat.ts';
import { createClock } from '../clock.ts';
import { type GatherCandidates, gatherCandidates } from './nat-gather.ts';
import { type LineEvents, watchLine } from './page-life.ts';

/** What a probe found. */
export interface NatReport {
  readonly kind: NatKind;
  /** Addresses with ports under which STUN servers see this page, the part that names a household left out by default. */
  readonly mapped: readonly string[];
  /** STUN servers asked, and those that could not be reached. */
  readonly servers: { readonly asked: number; readonly failed: number };
}

/** The NAT is of another kind, or the address outside is another one. */
export interface NatChanged {
  readonly old: NatReport;
  readonly new: NatReport;
}

/** No STUN server was heard. */
export interface NatFailed {
  readonly error: ShoalError;
  readonly report: NatReport;
}

/** Who is told. */
export interface NatListener {
  natChanged(event: NatChanged): void;
  /** Once for each probe that was asked for, and once when a line that worked stops doing so. */
  natError(event: NatFailed): void;
  /** Every probe that ended, also those after which nothing is new. */
  probed?(report: NatReport): void;
}

/** What to watch with. All but the servers is for tests and for those who know. */
export interface NatOptions {
  /** Addresses such as `stun:stun.example:3478`; names are looked up by the browser. Two or more tell cone from symmetric. */
  readonly stunServers: readonly string[];
  /** Show mapped addresses in full; `masked` by default. */
  readonly addresses?: 'masked' | 'full';
  /** Seed of its dice. */
  readonly seed?: number;
  readonly clock?: ClockPort;
  readonly gather?: GatherCandidates;
  watchLine?(events: LineEvents): () => void;
}

/** A running watch. It probes when asked and when the network changes; every minute only while a service runs. */
export interface NatWatch {
  /** What the last probe found; undefined before the first. */
  readonly report: NatReport | undefined;
  /**
   * Probes now, or joins the probe under way. A failed probe resolves too, with the kind `blocked`, after `natError`;
   * rejects with `state/destroyed` when the watch is stopped before.
   */
  probe(): Promise<NatReport>;
  /** Tells whether a service runs: then it probes every minute. */
  setService(runs: boolean): void;
  stop(): void;
}

/** Begins to watch; the first probe is the caller's to ask for. */
export const watchNat = (options: NatOptions, listener: NatListener): NatWatch => new Watch(options, listener);

interface Waiting {
  resolve(report: NatReport): void;
  reject(error: ShoalError): void;
}

class Watch implements NatWatch {
  readonly #options: NatOptions;
  readonly #listener: NatListener;
  readonly #engine: NatWatchEngine;
  readonly #clock: ClockPort;
  readonly #unwatch: () => void;
  readonly #inputs: NatInput[] = [];
  #draining = false;
  #waiting: Waiting[] = [];
  #letGo: (() => void) | undefined;

  constructor(options: NatOptions, listener: NatListener) {
    this.#options = options;
    this.#listener = listener;
    this.#engine = new NatWatchEngine({ servers: options.stunServers, seed: options.seed ?? 0 });
    this.#clock = options.clock ?? createClock();
    this.#unwatch = (options.watchLine ?? watchLine)({
      changed: () => this.#handle({ kind: 'network-changed' }),
      hinted: () => this.#handle({ kind: 'network-hint' }),
    });
  }

  get report(): NatReport | undefined {
    const { finding } = this.#engine;
    return finding === undefined ? undefined : this.#show(finding);
  }

  probe(): Promise<NatReport> {
    if (this.#engine.state === 'stopped') return Promise.reject(new ShoalError('state/destroyed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#handle({ kind: 'probe' });
    });
  }

  setService(runs: boolean): void {
    this.#handle({ kind: 'service', runs });
  }

  stop(): void {
    if (this.#engine.state === 'stopped') return;
    this.#handle({ kind: 'stop' });
    this.#unwatch();
    this.#clock.cancel();
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new ShoalError('state/destroyed'));
  }

  /** A gathering may report while it is being begun. */
  #handle(input: NatInput): void {
    this.#inputs.push(input);
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        this.#engine.handle(this.#clock.now(), next);
        for (let output = this.#engine.poll(); output !== undefined; output = this.#engine.poll())
          this.#perform(output);
      }
    } finally {
      this.#draining = false;
      this.#clock.wakeAt(this.#engine.nextWakeup(), () => this.#handle({ kind: 'wake' }));
    }
  }

  #perform(output: NatOutput): void {
    switch (output.kind) {
      case 'gather':
        return this.#gather(output.run);
      case 'drop':
        this.#letGo?.();
        this.#letGo = undefined;
        return;
      case 'found':
        return this.#found(this.#show(output.finding));
      case 'changed':
        return this.#listener.natChanged({ old: this.#show(output.old), new: this.#show(output.found) });
      case 'failed':
        return this.#listener.natError(this.#failure(output.finding));
    }
  }

  #gather(run: number): void {
    try {
      this.#letGo = (this.#options.gather ?? gatherCandidates)(this.#options.stunServers, {
        sighted: (sighting) => this.#handle({ kind: 'sighted', run, sighting }),
        failed: (failure) => this.#handle({ kind: 'server-failed', run, failure }),
        gathered: () => this.#handle({ kind: 'gathered', run }),
      });
    } catch {
      // A browser that makes no peer connection, or not with these servers, reaches nobody.
      this.#handle({ kind: 'gathered', run });
    }
  }

  #found(report: NatReport): void {
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(report);
    this.#listener.probed?.(report);
  }

  #failure(finding: NatFinding): NatFailed {
    const { asked, failed } = finding.servers;
    const detail = finding.sockets === 0 ? 'this browser opens no UDP socket' : `${asked} asked, ${failed} unreachable`;
    return { error: new ShoalError('nat/no-answer', { detail }), report: this.#show(finding) };
  }

  #show({ kind, mapped, servers }: NatFinding): NatReport {
    const show = this.#options.addresses === 'full' ? showMapped : maskMapped;
    return { kind, mapped: mapped.map(show), servers };
  }
}
