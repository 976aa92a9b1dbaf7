/**
 * The world a viewer runs in: its byte core, its ports, and where its notices go.
 */
import type { ByteCore } from '../../wasm/abi.ts';
import type { ViewerNotice } from './face.ts';
import type {
  ClockPort,
  CodePort,
  LinkEvents,
  LinkPort,
  OriginEvents,
  OriginPort,
  RandomBytes,
  SinkPort,
  TrackerEvents,
  TrackerPort,
} from './ports.ts';

/** Everything a viewer is given. */
export interface ViewerWorld {
  readonly core: ByteCore;
  readonly clock: ClockPort;
  readonly random: RandomBytes;
  origin(events: OriginEvents): OriginPort;
  tracker(events: TrackerEvents): TrackerPort;
  /** Undefined where there are no data channels. */
  links(events: LinkEvents): LinkPort | undefined;
  readonly sink: SinkPort;
  readonly codes?: CodePort;
  notice(notice: ViewerNotice): void;
}
