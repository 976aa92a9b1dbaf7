// What a host says about itself: the service description, its health and its counters.

import type { RoomCount } from '../../../src/core/tracker/io.ts';
import { toBase64Url } from '../../../src/wire/bytes.ts';
import type { ServiceDescription } from '../../../src/wire/service.ts';
import { PROTOCOL_VERSION } from '../../../src/wire/version.ts';
import type { ServerConfig } from '../options.ts';
import type { EgressSnapshot } from '../origin/egress.ts';
import type { Stream } from '../origin/stream.ts';
import { stunUrlOf } from '../stun/stun-address.ts';

/** Path that says which stream stands for a source. */
export const SOURCES_PATH = '/sources';

/** `/.well-known/shoal.json`. Addresses are relative to the host that was asked, unless the configuration names others. */
export const describeService = (config: ServerConfig, publicKey: Uint8Array): ServiceDescription => ({
  version: PROTOCOL_VERSION,
  tracker: config.trackerUrl ?? `${config.path}/tracker`,
  ...(config.publicCodes ? { codes: `${config.path}/code` } : {}),
  sources: `${config.path}${SOURCES_PATH}`,
  originKeys: [toBase64Url(publicKey)],
  iceServers: [...Object.values(config.ice), ...stunServers(config)],
});

const stunServers = (config: ServerConfig): { urls: string }[] =>
  config.stun.flatMap((address) => {
    const urls = stunUrlOf(address);
    return urls === undefined ? [] : [{ urls }];
  });

/** What the counters are made of. */
export interface Counted {
  readonly streams: readonly Stream[];
  readonly rooms: readonly RoomCount[];
  readonly egress: EgressSnapshot;
  readonly trackerConnections: number;
  readonly loadPercent: number;
}

const label = (text: string): string => text.replace(/[\\"\n]/g, '_');

/** `/metrics`, in the text format of Prometheus. */
export const metricsText = ({ streams, rooms, egress, trackerConnections, loadPercent }: Counted): string => {
  const lines: string[] = [];
  const family = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    samples: readonly (readonly [string, number])[],
  ): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`);
    for (const [labels, value] of samples) lines.push(`${name}${labels} ${value}`);
  };
  const perStream = (value: (stream: Stream) => number) =>
    streams.map((stream) => [`{stream="${label(stream.path)}"}`, value(stream)] as const);
  const perRoom = (value: (room: RoomCount) => number) =>
    rooms.map((room) => [`{stream="${label(room.path)}"}`, value(room)] as const);
  const forms = Object.entries(egress.perForm).map(([form, bytes]) => [`{form="${form}"}`, bytes] as const);
  family('shoal_egress_bytes_total', 'counter', 'Bytes sent, by form.', forms);
  family('shoal_load_percent', 'gauge', 'Load as percent of the limit.', [['', loadPercent]]);
  family(
    'shoal_stream_live',
    'gauge',
    '1 while the source sends.',
    perStream((stream) => (stream.state === 'live' ? 1 : 0)),
  );
  family(
    'shoal_stream_viewers',
    'gauge',
    'Connections to the origin.',
    perStream((stream) => stream.viewers),
  );
  family(
    'shoal_stream_pieces_total',
    'counter',
    'Pieces cut in this epoch.',
    perStream((stream) => stream.epoch?.window.next ?? 0),
  );
  family(
    'shoal_stream_window_bytes',
    'gauge',
    'Bytes of pieces kept.',
    perStream((stream) => stream.epoch?.window.bytes ?? 0),
  );
  family('shoal_tracker_connections', 'gauge', 'Connections to the tracker.', [['', trackerConnections]]);
  family(
    'shoal_tracker_viewers',
    'gauge',
    'Viewers that joined.',
    perRoom((room) => room.viewers),
  );
  family(
    'shoal_tracker_viewers_by_nat',
    'gauge',
    'Viewers that joined, by the kind of their NAT.',
    rooms.flatMap(({ path, nats }) =>
      Object.entries(nats).map(([nat, count]) => [`{stream="${label(path)}",nat="${nat}"}`, count] as const),
    ),
  );
  family(
    'shoal_viewers_neighbour_bytes',
    'gauge',
    'Bytes present viewers had from neighbours.',
    perRoom((room) => room.reported.neighbourBytes),
  );
  family(
    'shoal_viewers_origin_bytes',
    'gauge',
    'Bytes present viewers had from the origin.',
    perRoom((room) => room.reported.originBytes),
  );
  family(
    'shoal_viewers_stalls',
    'gauge',
    'Stalls of present viewers.',
    perRoom((room) => room.reported.stalls),
  );
  return `${lines.join('\n')}\n`;
};
