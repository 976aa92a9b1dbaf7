/**
 * An impaired world around a server: give viewers its URL instead of the server's, and the way to the origin takes the
 * round trip, every path between viewers crosses the network relay with its delay, loss and thin uplinks.
 */
import { type SentBytes, startFront } from './front.ts';
import { NetRelay, type PathConditions, type RelayStats } from './netrelay.ts';
import { SignalPaths } from './signal-paths.ts';
import { type Joining, startTrackerProxy } from './tracker-proxy.ts';

/** What the world is made of. */
export interface WorldOptions extends PathConditions {
  /** Port of the server on loopback; origin and tracker in one. */
  readonly serverPort: number;
  /** Bytes a second a viewer can send to others; 0 or absent for no limit. */
  uplinkOf?(joining: Joining): number;
}

/** A running world. */
export interface ImpairedWorld {
  /** To be used in place of the server's own. */
  readonly url: string;
  /** Bytes the server sent to viewers so far, by purpose. */
  sent(): SentBytes;
  /** What crossed the network between viewers. */
  relayed(): Promise<RelayStats>;
  readonly relayPid: number | undefined;
  close(): void;
}

/** Starts one. */
export const impairedWorld = async (options: WorldOptions): Promise<ImpairedWorld> => {
  const relay = NetRelay.start(options);
  const proxy = await startTrackerProxy({
    tracker: `ws://127.0.0.1:${options.serverPort}/tracker`,
    paths: new SignalPaths(relay),
    uplinkOf: (joining) => options.uplinkOf?.(joining) ?? 0,
  });
  const front = await startFront({
    rttMs: options.rttMs,
    portOf: (purpose) => (purpose === 'tracker' ? proxy.port : options.serverPort),
  });
  return {
    url: `http://127.0.0.1:${front.port}`,
    sent: () => front.sent(),
    relayed: () => relay.stats(),
    relayPid: relay.pid,
    close() {
      front.close();
      proxy.close();
      relay.close();
    },
  };
};
