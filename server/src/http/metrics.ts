// What a server counts, in the text format of Prometheus.

import type { RoomCount } from '../../../src/core/tracker/io.ts';
import type { ClusterCounts } from '../cluster/cluster.ts';
import type { EgressSnapshot } from '../origin/egress.ts';
import type { Stream } from '../origin/stream.ts';

/** What the counters are made of. */
export interface Counted {
  readonly streams: readonly Stream[];
  readonly rooms: readonly RoomCount[];
  readonly egress: EgressSnapshot;
  readonly trackerConnections: number;
  readonly loadPercent: number;
  /** Absent where there are no rooms of publishers. */
  readonly bypass?: BypassCounts | undefined;
  /** Absent where there is one server. */
  readonly cluster?: ClusterCounts | undefined;
}

/** Rooms of publishers and what follows from them. */
export interface BypassCounts {
  readonly rooms: number;
  readonly users: number;
  readonly pushes: number;
  readonly recordings: number;
  readonly callbacksWaiting: number;
  /** 1 while nothing is recorded for want of room. */
  readonly diskFull: number;
}

/** Labels in braces, or nothing, and a value. */
type Sample = readonly [labels: string, value: number];

/** Counters of one name. */
interface Family {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** `/metrics`. */
export const metricsText = (counted: Counted): string =>
  [
    ...ofServer(counted),
    ...ofCluster(counted.cluster),
    ...ofStreams(counted.streams),
    ...ofRooms(counted.rooms),
    ...ofBypass(counted.bypass),
  ]
    .map(textOf)
    .join('');

const ofBypass = (bypass: BypassCounts | undefined): readonly Family[] =>
  bypass === undefined
    ? []
    : [
        gauge('shoal_publisher_rooms', 'Rooms with a publisher in them.', [['', bypass.rooms]]),
        gauge('shoal_publisher_users', 'Publishers in rooms.', [['', bypass.users]]),
        gauge('shoal_live_pushes', 'Live pushes that run.', [['', bypass.pushes]]),
        gauge('shoal_recordings', 'Recordings that run.', [['', bypass.recordings]]),
        gauge('shoal_callbacks_waiting', 'Callbacks that are not acknowledged yet.', [['', bypass.callbacksWaiting]]),
        gauge('shoal_recordings_disk_full', '1 while nothing is recorded for want of room.', [['', bypass.diskFull]]),
      ];

const ofServer = ({ egress, loadPercent, trackerConnections }: Counted): readonly Family[] => {
  const forms = Object.entries(egress.perForm).map(([form, bytes]): Sample => [labels({ form }), bytes]);
  return [
    { name: 'shoal_egress_bytes_total', kind: 'counter', help: 'Bytes sent, by form.', samples: forms },
    gauge('shoal_load_percent', 'Load as percent of the limit.', [['', loadPercent]]),
    gauge('shoal_tracker_connections', 'Connections to the tracker.', [['', trackerConnections]]),
  ];
};

const ofCluster = (counts: ClusterCounts | undefined): readonly Family[] =>
  counts === undefined
    ? []
    : [
        gauge('shoal_cluster_store_ready', '1 while the shared store answers.', [
          ['', counts.store === 'ready' ? 1 : 0],
        ]),
        gauge('shoal_cluster_others', 'Other processes that are there.', [['', counts.others]]),
        gauge('shoal_cluster_streams_cut', 'Streams that this process cuts for all.', [['', counts.cut]]),
      ];

const ofStreams = (streams: readonly Stream[]): readonly Family[] => {
  const per = (value: (stream: Stream) => number): readonly Sample[] =>
    streams.map((stream) => [labels({ stream: stream.path }), value(stream)]);
  const pieces = per(({ epoch }) => epoch?.window.next ?? 0);
  return [
    gauge(
      'shoal_stream_live',
      '1 while the source sends.',
      per(({ state }) => (state === 'live' ? 1 : 0)),
    ),
    gauge(
      'shoal_stream_viewers',
      'Connections to the origin.',
      per(({ viewers }) => viewers),
    ),
    { name: 'shoal_stream_pieces_total', kind: 'counter', help: 'Pieces cut in this epoch.', samples: pieces },
    gauge(
      'shoal_stream_window_bytes',
      'Bytes of pieces kept.',
      per(({ epoch }) => epoch?.window.bytes ?? 0),
    ),
  ];
};

const ofRooms = (rooms: readonly RoomCount[]): readonly Family[] => {
  const per = (value: (room: RoomCount) => number): readonly Sample[] =>
    rooms.map((room) => [labels({ stream: room.path }), value(room)]);
  const byNat = rooms.flatMap(({ path, nats }) =>
    Object.entries(nats).map(([nat, count]): Sample => [labels({ stream: path, nat }), count]),
  );
  return [
    gauge(
      'shoal_tracker_viewers',
      'Viewers that joined.',
      per(({ viewers }) => viewers),
    ),
    gauge('shoal_tracker_viewers_by_nat', 'Viewers that joined, by the kind of their NAT.', byNat),
    gauge(
      'shoal_viewers_neighbour_bytes',
      'Bytes present viewers had from neighbours.',
      per(({ reported }) => reported.neighbourBytes),
    ),
    gauge(
      'shoal_viewers_origin_bytes',
      'Bytes present viewers had from the origin.',
      per(({ reported }) => reported.originBytes),
    ),
    gauge(
      'shoal_viewers_stalls',
      'Stalls of present viewers.',
      per(({ reported }) => reported.stalls),
    ),
  ];
};

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  kind: 'gauge',
  help,
  samples,
});

const labels = (values: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(values).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '_')}"`);
  return `{${pairs.join(',')}}`;
};

const textOf = ({ name, kind, help, samples }: Family): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples.map(([of, value]) => `${name}${of} ${value}`)]
    .map((line) => `${line}\n`)
    .join('');
