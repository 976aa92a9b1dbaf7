/**
 * Knows what kind of NAT the player is behind, while it shares and somebody configured STUN servers: asks them, tells the
 * viewer, whose tracker picks neighbours by it, and tells the page what changes.
 */
import type { NatReport, NatWatch } from '../carrier/browser/nat-probe.ts';
import type { SharingPolicy } from '../carrier/worker-control.ts';
import type { NatKind } from '../wire/nat.ts';
import type { IceServer } from '../wire/service.ts';
import type { Emitter, PlayerEvents } from './events.ts';
import type { ParsedOptions } from './options.ts';
import type { PlayerWorld } from './world.ts';

/** Who is told, and how much is shared at the start. */
export interface NatDeskParts {
  readonly mode: SharingPolicy['mode'];
  found(nat: NatKind): void;
  readonly page: Pick<Emitter<PlayerEvents>, 'emit'>;
}

/**
 * A viewer that meets the tracker before its NAT is known is introduced to some it cannot reach, each of which costs it
 * seconds; a probe takes two round trips.
 */
const WAIT_MS = 300;

const SENTENCES: Readonly<Partial<Record<NatKind, string>>> = {
  symmetric: 'This network gives every destination another port (symmetric NAT), so only some viewers can be reached.',
  blocked: 'No STUN server answers; where UDP is blocked, only viewers of the same network can be reached.',
};

/** The desk of one player. */
export class NatDesk {
  readonly #options: Pick<ParsedOptions, 'iceServers' | 'stunServers' | 'natAddresses'>;
  readonly #world: PlayerWorld;
  readonly #parts: NatDeskParts;
  #servers: readonly string[] | undefined;
  #mode: SharingPolicy['mode'];
  #watch: NatWatch | undefined;
  #report: NatReport | undefined;

  constructor(
    options: Pick<ParsedOptions, 'iceServers' | 'stunServers' | 'natAddresses'>,
    world: PlayerWorld,
    parts: NatDeskParts,
  ) {
    this.#options = options;
    this.#world = world;
    this.#parts = parts;
    this.#mode = parts.mode;
  }

  /** What the last probe found; undefined before the first and while nothing is shared. */
  get report(): NatReport | undefined {
    return this.#report;
  }

  /** What the NAT means for sharing, in words; nothing where it does not matter. */
  get sentences(): readonly string[] {
    const sentence = SENTENCES[this.#report?.kind ?? 'unknown'];
    return sentence === undefined ? [] : [sentence];
  }

  /** The servers of the service are known, and sharing begins; `ready` is called once, after a moment at most. */
  open(ofService: readonly IceServer[], ready: () => void): void {
    const { iceServers, stunServers } = this.#options;
    const named = [...iceServers, ...ofService].map(({ urls }) => urls);
    this.#servers = [...new Set(stunServers ?? named.filter((url) => url.startsWith('stun:')))];
    const probe = this.#look();
    if (probe === undefined || this.#servers.length === 0) {
      ready();
      return;
    }
    let call: (() => void) | undefined = ready;
    const once = (): void => {
      clearTimeout(timer);
      call?.();
      call = undefined;
    };
    const timer = setTimeout(once, WAIT_MS);
    probe.then(once, once);
  }

  /** Nobody is asked anything before the person agrees to share, nor after sharing ends. */
  setPolicy({ mode }: SharingPolicy): void {
    this.#mode = mode;
    this.#look();
  }

  /** Sharing is over; it may begin again. */
  close(): void {
    this.#servers = undefined;
    this.#look();
  }

  /** Begins or ends the watch as things stand; returns the first probe of one that begins. */
  #look(): Promise<unknown> | undefined {
    const servers = this.#mode === 'off' || !this.#world.support.webrtc ? undefined : this.#servers;
    if ((servers === undefined) === (this.#watch === undefined)) return undefined;
    if (servers === undefined) {
      this.#watch?.stop();
      this.#watch = undefined;
      this.#report = undefined;
      return undefined;
    }
    const watch = this.#world.watchNat(
      { stunServers: servers, addresses: this.#options.natAddresses, seed: this.#world.seed() },
      {
        natChanged: (event) => this.#parts.page.emit('natChanged', event),
        natError: (event) => this.#parts.page.emit('natError', event),
        probed: (report) => {
          this.#report = report;
          this.#parts.found(report.kind);
        },
      },
    );
    this.#watch = watch;
    watch.setService(true);
    // Rejected only when the watch is stopped before; nobody waits for it then.
    const probe = watch.probe();
    probe.catch(() => undefined);
    return probe;
  }
}
