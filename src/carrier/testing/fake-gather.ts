/**
 * Gatherings of ICE candidates in a test's hands.
 */
import type { GatherCandidates, GatherEvents } from '../browser/nat-gather.ts';
import type { LineEvents } from '../browser/page-life.ts';

/** One gathering, open until it is let go. */
export interface FakeGathering {
  readonly servers: readonly string[];
  readonly events: GatherEvents;
  state: 'open' | 'closed';
}

/** See above. */
export class FakeGather {
  readonly gatherings: FakeGathering[] = [];
  line: LineEvents | undefined;

  readonly gather: GatherCandidates = (servers, events) => {
    const gathering: FakeGathering = { servers, events, state: 'open' };
    this.gatherings.push(gathering);
    return () => {
      gathering.state = 'closed';
    };
  };

  readonly watchLine = (events: LineEvents): (() => void) => {
    this.line = events;
    return () => {
      this.line = undefined;
    };
  };

  /** The newest gathering. */
  get last(): FakeGathering {
    const last = this.gatherings.at(-1);
    if (last === undefined) throw new TypeError('nothing was gathered');
    return last;
  }

  /** Ends the newest gathering: one socket, seen under these ports. */
  end(ports: readonly number[], address = '203.0.113.7'): void {
    const { events } = this.last;
    events.sighted({ kind: 'own', address: 'f00d.local', port: 5000, base: 'h' });
    for (const port of ports) events.sighted({ kind: 'mapped', address, port, base: 's' });
    events.gathered();
  }
}
