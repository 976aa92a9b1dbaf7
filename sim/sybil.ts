/**
 * One of many names of one attacker: it joins the tracker, answers every dial, says that it holds everything and would
 * take anybody, accepts every subscription, and never sends a piece. Links to it are dead weight.
 */
import type { ViewerInput } from '../src/core/viewer/io.ts';
import type { LinkMessage, Status } from '../src/wire/link.ts';
import type { TrackerAnswer } from '../src/wire/tracker.ts';
import type { Sink } from './event-wheel.ts';
import { GhostLine } from './ghost-line.ts';
import type { Line } from './lines.ts';
import type { LinkEnd } from './link-end.ts';
import type { LinkDialler } from './viewer-traits.ts';
import type { World } from './world.ts';

const INPUT = 0;
const STATUS = 1;
const REPORT = 2;
const STATUS_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 5_000;
const LINKS_MAX = 16;
const DSL: Line = {
  kind: { name: 'sybil', perCent: 0, up: 0, down: 1, accessMs: 5, loss: 0 },
  up: 0,
  down: 1,
  accessMs: 5,
  loss: 0,
};

export class Sybil implements LinkDialler, Sink {
  readonly name: string;
  readonly address: string;
  readonly stream = 0;
  readonly originRttMs = 30;
  readonly region = 0;
  readonly line = DSL;
  readonly page = 'visible' as const;
  readonly up = true;
  readonly ghostLine = new GhostLine({ uplinkBitsPerSec: 0, downlinkBitsPerSec: 1e9, routerMs: 0 });
  readonly #world: World;
  readonly #ends = new Map<number, LinkEnd>();
  #heard: Status | undefined;
  #links = 0;

  constructor(world: World, name: string, address: string) {
    this.#world = world;
    this.name = name;
    this.address = address;
    world.strangers.set(name, this);
    world.tracker.open(this);
    this.#later(STATUS, STATUS_EVERY_MS);
    this.#later(REPORT, REPORT_EVERY_MS);
  }

  later(delayMs: number, input: ViewerInput): void {
    this.#world.wheel.schedule(this.#world.now + delayMs, this, INPUT, input);
  }

  fire(code: number, what: unknown): void {
    if (code === INPUT) return this.#input(what as ViewerInput);
    if (code === STATUS) {
      for (const end of this.#ends.values()) this.#boast(end);
      return this.#later(STATUS, STATUS_EVERY_MS);
    }
    const report = {
      originBytes: 0,
      neighbourBytes: 1e6,
      uploadedBytes: 1e9,
      playedBytes: 1e6,
      stalls: 0,
      neighbours: 2,
      slots: 60,
    };
    this.#world.tracker.tell(this, { kind: 'report', report });
    this.#later(REPORT, REPORT_EVERY_MS);
  }

  connect(end: LinkEnd): void {
    this.#ends.set(end.link, end);
    this.#boast(end);
  }

  linkLost(link: number): void {
    this.#ends.delete(link);
  }

  headCame(): void {
    return undefined;
  }

  pieceCame(): void {
    return undefined;
  }

  heard(link: number, message: LinkMessage): void {
    const end = this.#ends.get(link);
    if (message.kind === 'status') this.#heard = message;
    if (end === undefined || message.kind !== 'subscribe') return;
    end.say({ kind: 'accept', substream: message.substream, first: message.from, ancestors: [] });
  }

  #later(code: number, delayMs: number): void {
    this.#world.wheel.schedule(this.#world.now + delayMs, this, code, undefined);
  }

  #input(input: ViewerInput): void {
    if (input.kind === 'tracker-opened') return this.#world.tracker.join(this, true);
    if (input.kind === 'tracker-closed') return;
    if (input.kind === 'tracker-said') this.#answered(input.answer);
  }

  #answered(answer: TrackerAnswer): void {
    if (answer.kind !== 'signal' || !answer.data.startsWith('offer') || this.#ends.size >= LINKS_MAX) return;
    const link = ++this.#links;
    const { from, dial } = answer;
    const data = `answer ${link} ${this.name}`;
    this.#world.tracker.tell(this, { kind: 'signal', to: from, dial, data });
  }

  /** A perfect status, after the model of one it heard: everything held, no lag, lowest rank, open to all. */
  #boast(end: LinkEnd): void {
    const model = this.#heard;
    if (model === undefined) return;
    const { substreams } = this.#world.origin(0).head;
    end.say({
      ...model,
      base: model.base + 2 * substreams,
      have: new Uint8Array(16).fill(0xff),
      open: 2 ** substreams - 1,
      lags: new Uint8Array(substreams).fill(1),
      ranks: Array.from({ length: substreams }, () => 0),
      echoAgeMs: 0xffff,
    });
  }
}

/** Names and addresses: many names, few networks, as somebody who rents them has. */
const NAMES_PER_ADDRESS = 30;
const NETWORKS = 4;

/** Lets an attacker join with so many names, evenly within this time. */
export const sendSybils = (world: World, count: number, withinMs: number): void => {
  for (let at = 0; at < count; at++) {
    const host = Math.floor(at / NAMES_PER_ADDRESS);
    const address = `203.0.${host % NETWORKS}.${Math.floor(host / NETWORKS) & 255}`;
    world.at(world.now + (withinMs * at) / count, () => void new Sybil(world, world.newName(), address));
  }
};
