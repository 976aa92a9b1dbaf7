/**
 * From what one gathering of ICE candidates showed to the kind of NAT. Two servers that see one socket under one address
 * mean a mapping that does not depend on who is spoken to; under two, one that does.
 */
import type { NatKind } from '../../wire/nat.ts';
import { familyOf, type Mapped } from './addresses.ts';

/** One UDP candidate. */
export interface Sighting {
  /** `own` as the browser knows the socket, `mapped` as a server saw it. */
  readonly kind: 'own' | 'mapped';
  /** An address, or a name that hides one. */
  readonly address: string;
  readonly port: number;
  /** Equal for candidates of one local address: the candidate's foundation. */
  readonly base: string;
}

/** A socket gave up on a server. */
export interface ServerFailure {
  /** The server as the browser calls it. */
  readonly server: string;
  /** Address family of the socket, where the browser tells. */
  readonly family: 4 | 6 | undefined;
}

/** What a gathering has shown so far. */
export interface Gathering {
  readonly servers: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly failures: readonly ServerFailure[];
  /** Nothing more will come. */
  readonly isComplete: boolean;
}

/** What a probe found. */
export interface NatFinding {
  readonly kind: NatKind;
  readonly mapped: readonly Mapped[];
  readonly servers: { readonly asked: number; readonly failed: number };
  /** UDP sockets the browser offers; none where it keeps WebRTC off the network. */
  readonly sockets: number;
}

/** Judges a gathering. */
export const classify = (gathering: Gathering): NatFinding => {
  const own = gathering.sightings.filter((sighting) => sighting.kind === 'own');
  const mapped = distinct(gathering.sightings.filter((sighting) => sighting.kind === 'mapped'));
  const asked = new Set(gathering.servers).size;
  const failed = Math.min(asked, failedServers(gathering.failures, own, decisive(mapped)));
  return {
    kind: kindOf(gathering, { own, mapped, reached: asked - failed }),
    mapped: mapped.map(({ address, port }) => ({ address, port })),
    servers: { asked, failed },
    sockets: own.length,
  };
};

interface Facts {
  readonly own: readonly Sighting[];
  readonly mapped: readonly Sighting[];
  /** Servers that have not failed; once a gathering is complete they have answered. */
  readonly reached: number;
}

const kindOf = (gathering: Gathering, { own, mapped, reached }: Facts): NatKind => {
  if (gathering.servers.length === 0) return 'host-only';
  if (mapped.length === 0) {
    // A browser that shows its address leaves out a mapping that equals it.
    const isSeen = own.some(({ address }) => familyOf(address) !== undefined);
    return isSeen && gathering.isComplete && reached > 0 ? 'open' : 'blocked';
  }
  const socketKinds = bySocket(own, decisive(mapped)).map((socket): NatKind => {
    if (socket.some((sighting) => own.some(({ address }) => address === sighting.address))) return 'open';
    if (socket.length > 1) return 'symmetric';
    return gathering.isComplete && reached > 1 ? 'cone' : 'unknown';
  });
  // Whoever is reachable by one socket is reachable.
  return BEST_FIRST.find((kind) => socketKinds.includes(kind)) ?? 'unknown';
};

/** IPv4 decides where there is any, since most neighbours have nothing else. */
const decisive = (mapped: readonly Sighting[]): readonly Sighting[] => {
  const old = mapped.filter(({ address }) => familyOf(address) === 4);
  return old.length > 0 ? old : mapped;
};

/** The mappings of each socket. */
const bySocket = (own: readonly Sighting[], mapped: readonly Sighting[]): readonly (readonly Sighting[])[] => {
  const sockets = new Map<string, Sighting[]>();
  // A single socket needs no foundation to be told from others, and some browsers give each server one of its own.
  const isSingle = own.length === 1;
  for (const sighting of mapped) {
    const base = isSingle ? '' : sighting.base;
    sockets.set(base, [...(sockets.get(base) ?? []), sighting]);
  }
  return [...sockets.values()];
};

/**
 * Servers that no socket which counts could reach. Browsers try a socket of each family, also where the machine has no
 * address of that family, and such a socket reaches nobody.
 */
const failedServers = (
  failures: readonly ServerFailure[],
  own: readonly Sighting[],
  mapped: readonly Sighting[],
): number => {
  const family = [...mapped, ...own].map(({ address }) => familyOf(address)).find((known) => known !== undefined);
  const counts = failures.filter((failure) => family === undefined || (failure.family ?? family) === family);
  const sockets = Math.max(1, new Set(mapped.map(({ base }) => base)).size);
  const times = new Map<string, number>();
  for (const { server } of counts) times.set(server, (times.get(server) ?? 0) + 1);
  return [...times.values()].filter((count) => count >= sockets).length;
};

const distinct = (sightings: readonly Sighting[]): readonly Sighting[] => {
  const seen = new Map<string, Sighting>();
  for (const sighting of sightings) seen.set(`${sighting.base} ${sighting.address} ${sighting.port}`, sighting);
  return [...seen.values()];
};

const BEST_FIRST: readonly NatKind[] = ['open', 'cone', 'unknown', 'symmetric'];
