/**
 * Where engines meet: a real tracker, and links that open as soon as both sides have signalled. Nothing is played; what
 * shows is who becomes a neighbour of whom.
 */
import type { ViewerName } from '../../../wire/tracker.ts';
import { PROTOCOL_VERSION } from '../../../wire/version.ts';
import { Random } from '../../kit/random.ts';
import type { TrackerOutput } from '../../tracker/io.ts';
import { Swarm } from '../../tracker/swarm.ts';
import { WIDE_LIMITS } from '../../tracker/testing/joining.ts';
import type { LinkNumber, ViewerInput, ViewerOutput } from '../io.ts';
import { ViewerEngine } from '../viewer-engine.ts';

/** What a message takes, ms. */
const DELAY_MS = [2, 40] as const;
/** What setting up a link takes, ms. */
const SETUP_MS = [50, 900] as const;

interface Seat {
  readonly viewer: ViewerName;
  readonly connection: number;
  readonly engine: ViewerEngine;
  /** Links by who is at the other end, open or not. */
  readonly links: Map<ViewerName, LinkNumber>;
  dialled: number;
}

const nameOf = (connection: number): ViewerName => connection.toString(16).padStart(16, '0');

export class MeetingPlace {
  readonly #tracker: Swarm;
  readonly #random: Random;
  readonly #seats = new Map<number, Seat>();
  #events: { readonly at: number; readonly act: () => void }[] = [];
  now = 0;

  constructor(seed: number) {
    this.#tracker = new Swarm(WIDE_LIMITS, seed);
    this.#random = new Random(seed);
  }

  /** Somebody comes who has at most so many neighbours. */
  comes(neighbours: number): ViewerName {
    const connection = this.#seats.size + 1;
    const policy = { mode: 'on', uploadBytesPerSec: Number.POSITIVE_INFINITY, neighbours } as const;
    const engine = new ViewerEngine({ seed: this.#random.bits(), policy, playout: { kind: 'clock', delayMs: 1_000 } });
    const viewer = nameOf(connection);
    const seat = { viewer, connection, engine, links: new Map(), dialled: 0 };
    this.#seats.set(connection, seat);
    this.#tracker.handle(this.now, { kind: 'opened', connection, address: `10.0.0.${connection}`, viewer });
    this.#tell(seat, { kind: 'start' });
    return viewer;
  }

  /** Lets so much time pass. */
  pass(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const wakeAt = Math.min(...[...this.#seats.values()].map(({ engine }) => engine.nextWakeup()));
      this.#events.sort((a, b) => a.at - b.at);
      const event = this.#events[0];
      const at = Math.min(wakeAt, event?.at ?? Number.POSITIVE_INFINITY);
      if (at > until) break;
      this.now = Math.max(this.now, at);
      if (event !== undefined && event.at <= wakeAt) {
        this.#events.shift();
        event.act();
        continue;
      }
      for (const seat of this.#seats.values()) {
        if (seat.engine.nextWakeup() <= this.now) this.#tell(seat, { kind: 'wake' });
      }
    }
    this.now = until;
  }

  neighboursOf(viewer: ViewerName): readonly ViewerName[] {
    return (
      this.#of(viewer)
        ?.engine.view.neighbours.all()
        .map((neighbour) => neighbour.viewer) ?? []
    );
  }

  /** Links that a viewer has begun. */
  dialledBy(viewer: ViewerName): number {
    return this.#of(viewer)?.dialled ?? 0;
  }

  /** Everybody who can be reached from a viewer over links, itself included. */
  reachedFrom(viewer: ViewerName): number {
    const reached = new Set([viewer]);
    for (const each of reached) for (const next of this.neighboursOf(each)) reached.add(next);
    return reached.size;
  }

  #of(viewer: ViewerName): Seat | undefined {
    return this.#seats.get(Number.parseInt(viewer, 16));
  }

  #later([least, most]: readonly [number, number], act: () => void): void {
    this.#events.push({ at: this.now + this.#random.between(least, most), act });
  }

  #tell(seat: Seat, input: ViewerInput): void {
    seat.engine.handle(this.now, input);
    for (let output = seat.engine.poll(); output !== undefined; output = seat.engine.poll()) this.#does(seat, output);
  }

  #does(seat: Seat, output: ViewerOutput): void {
    const { connection } = seat;
    switch (output.kind) {
      case 'open-tracker':
        return this.#later(DELAY_MS, () => this.#tell(seat, { kind: 'tracker-opened' }));
      case 'join-tracker': {
        const { uploads, nat } = output;
        const known = { version: PROTOCOL_VERSION, path: '/a', credentials: '', viewerKey: '' };
        this.#ask({ kind: 'said', connection, request: { kind: 'join', ...known, uploads, nat } });
        return this.#ask({ kind: 'admitted', connection, admitted: true });
      }
      case 'tell-tracker': {
        const { request } = output;
        return this.#later(DELAY_MS, () => this.#ask({ kind: 'said', connection, request }));
      }
      case 'dial':
        seat.links.set(output.viewer, output.link);
        if (!output.initiator) return;
        seat.dialled++;
        return this.#later(DELAY_MS, () => this.#tell(seat, { kind: 'link-signal', link: output.link, data: 'offer' }));
      case 'signal':
        return this.#signal(seat, output);
      case 'hang-up':
        return this.#hangUp(seat, output.link);
      default:
        // What is played and pushed is nothing here.
        return;
    }
  }

  /** An offer is answered; an answer opens the link at both ends. */
  #signal(seat: Seat, { link, data }: { readonly link: LinkNumber; readonly data: string }): void {
    if (data === 'offer') {
      this.#later(DELAY_MS, () => this.#tell(seat, { kind: 'link-signal', link, data: 'answer' }));
      return;
    }
    this.#later(SETUP_MS, () => {
      const other = this.#otherEnd(seat, link);
      const back = other?.links.get(seat.viewer);
      if (other === undefined || back === undefined) return;
      this.#tell(seat, { kind: 'link-opened', link, viewer: other.viewer });
      this.#tell(other, { kind: 'link-opened', link: back, viewer: seat.viewer });
    });
  }

  #hangUp(seat: Seat, link: LinkNumber): void {
    const other = this.#otherEnd(seat, link);
    const back = other?.links.get(seat.viewer);
    if (other === undefined) return;
    seat.links.delete(other.viewer);
    const wasOpen = back !== undefined && other.engine.view.neighbours.get(back) !== undefined;
    if (wasOpen) this.#later(DELAY_MS, () => this.#tell(other, { kind: 'link-closed', link: back }));
  }

  #otherEnd(seat: Seat, link: LinkNumber): Seat | undefined {
    const found = [...seat.links].find(([, each]) => each === link);
    return found === undefined ? undefined : this.#of(found[0]);
  }

  #ask(input: Parameters<Swarm['handle']>[1]): void {
    this.#tracker.handle(this.now, input);
    for (let output = this.#tracker.poll(); output !== undefined; output = this.#tracker.poll()) this.#answer(output);
  }

  #answer(output: TrackerOutput): void {
    if (output.kind !== 'say' && output.kind !== 'joined') return;
    const seat = this.#seats.get(output.connection);
    if (seat === undefined) return;
    const answer = output.kind === 'say' ? output.answer : { ...output, ...GRANT };
    this.#later(DELAY_MS, () => this.#tell(seat, { kind: 'tracker-said', answer }));
  }
}

const GRANT = { stream: '00'.repeat(32), token: '', expiresInMs: 900_000, tokenKeys: [] };
