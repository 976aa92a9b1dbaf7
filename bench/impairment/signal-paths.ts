/**
 * Makes every path between two viewers cross the network relay: the candidates in their signals are taken out, and one
 * that points to the sender's public socket is put in. Since no viewer ever learns another's real address, no path can
 * go around the relay.
 */
import { type Candidate, decodeSignal, encodeSignal } from '../../src/carrier/signal-batch.ts';
import type { NetRelay } from './netrelay.ts';

interface Member {
  readonly id: number;
  readonly port: number;
}

/** Who signals to whom in which dial. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly dial: number;
}

/** The signals of all viewers of a swarm. */
export class SignalPaths {
  readonly #relay: NetRelay;
  readonly #members = new Map<string, Member>();
  readonly #links = new Map<string, number>();
  /** Sides whose public address the other side has been told. */
  readonly #told = new Set<string>();
  #nextViewer = 1;

  constructor(relay: NetRelay) {
    this.#relay = relay;
  }

  /** Gives a viewer its public socket; its signals can be rewritten from then on. */
  async join(name: string, uplinkBytesPerSec: number): Promise<void> {
    const id = this.#nextViewer++;
    this.#members.set(name, { id, port: await this.#relay.addViewer(id, uplinkBytesPerSec) });
  }

  leave(name: string): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    this.#members.delete(name);
    this.#relay.removeViewer(member.id);
  }

  /** The signal as the other side may see it; what is no signal passes unchanged. */
  rewrite(route: Route, data: string): string {
    const member = this.#members.get(route.from);
    const signal = decodeSignal(data);
    if (member === undefined || signal === undefined) return data;
    const { description } = signal;
    const inline = description === undefined ? [] : candidatesIn(description.sdp);
    const real = [...inline, ...signal.candidates];
    const candidates = this.#public(route, member, real);
    if (description === undefined) return encodeSignal({ candidates });
    return encodeSignal({ description: { ...description, sdp: withoutCandidates(description.sdp) }, candidates });
  }

  /** Registers real addresses; the first one becomes the candidate that the other side is told. */
  #public(route: Route, member: Member, real: readonly Candidate[]): Candidate[] {
    const usable = real.filter(({ candidate }) => usableAddress(candidate) !== undefined);
    for (const { candidate } of usable) {
      this.#relay.addAddress(this.#link(route), member.id, usableAddress(candidate) ?? '');
    }
    const [first] = usable;
    const side = `${route.from} ${this.#link(route)}`;
    if (first === undefined || this.#told.has(side)) return [];
    this.#told.add(side);
    return [{ ...first, candidate: pointing(first.candidate, this.#relay.ip, member.port) }];
  }

  #link({ from, to, dial }: Route): number {
    const key = `${from < to ? `${from} ${to}` : `${to} ${from}`} ${dial}`;
    const link = this.#links.get(key) ?? this.#links.size + 1;
    this.#links.set(key, link);
    return link;
  }
}

// candidate:FOUNDATION COMPONENT PROTOCOL PRIORITY ADDRESS PORT typ TYPE ...
const PROTOCOL_AT = 2;
const ADDRESS_AT = 4;
const PORT_AT = 5;

/** IP and port of a UDP candidate over IPv4. */
const usableAddress = (candidate: string): string | undefined => {
  const words = candidate.split(' ');
  const address = words[ADDRESS_AT] ?? '';
  if (words[PROTOCOL_AT]?.toLowerCase() !== 'udp' || !/^\d+\.\d+\.\d+\.\d+$/.test(address)) return undefined;
  return `${address}:${words[PORT_AT]}`;
};

const pointing = (candidate: string, ip: string, port: number): string => {
  const words = candidate.split(' ');
  words[ADDRESS_AT] = ip;
  words[PORT_AT] = String(port);
  return words.join(' ');
};

const CANDIDATE_LINE = /^a=(candidate:[^\r\n]*)\r?\n/gm;

/** Data channels alone make one section; its mid stands in the description. */
const candidatesIn = (sdp: string): Candidate[] => {
  const sdpMid = /^a=mid:(.*?)\r?$/m.exec(sdp)?.[1] ?? '0';
  return [...sdp.matchAll(CANDIDATE_LINE)].map(([, candidate = '']) => ({ candidate, sdpMid, sdpMLineIndex: 0 }));
};

const withoutCandidates = (sdp: string): string =>
  sdp.replace(CANDIDATE_LINE, '').replace(/^a=end-of-candidates\r?\n/gm, '');
