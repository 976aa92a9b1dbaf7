// The rooms of the house: which folder is a room, which rooms its files may import from, and which libraries.
// Every check that speaks of rooms reads this table; ARCHITECTURE.md is held to it.

/** A room: a folder (or a few files) with one job. */
export interface Room {
  /** Name used in messages, in ARCHITECTURE.md and in other rooms' `may` lists. */
  readonly name: string;
  /** Paths from the project root; a file belongs to the room with the longest matching path. */
  readonly paths: readonly string[];
  /** Rooms whose files this room may import besides its own; `*` stands for all. */
  readonly may: readonly string[];
  /** Packages this room may import, each in one file only; `node:` stands for Node's own modules. */
  readonly libraries: readonly string[];
  /** Files that nobody imports because something outside starts them. */
  readonly entries: readonly string[];
  /** True for rooms that only serve the house: nothing imports them, and every file of theirs counts as used. */
  readonly service?: boolean;
}

const pure = { libraries: [], entries: [] } as const;
const service = { service: true, entries: [], may: ['*'], libraries: ['*'] } as const;

/** All rooms, leaf first. */
export const rooms: readonly Room[] = [
  { name: 'errors', paths: ['src/errors.ts'], may: [], ...pure },
  { name: 'log', paths: ['src/log'], may: [], ...pure },
  { name: 'wire', paths: ['src/wire'], may: ['errors'], ...pure },
  { name: 'core', paths: ['src/core'], may: ['wire', 'errors'], ...pure },
  { name: 'wasm', paths: ['wasm'], may: ['errors'], libraries: [], entries: ['wasm/build.mjs', 'wasm/fuzz.mjs'] },
  { name: 'viewer', paths: ['src/viewer'], may: ['core', 'wire', 'wasm', 'errors'], ...pure },
  { name: 'hls', paths: ['src/hls'], may: ['viewer', 'core', 'wire', 'wasm', 'errors'], ...pure },
  {
    name: 'carrier',
    paths: ['src/carrier'],
    may: ['hls', 'viewer', 'core', 'wire', 'errors'],
    libraries: ['comlink', 'simple-peer'],
    entries: [],
  },
  {
    name: 'carrier/browser',
    paths: ['src/carrier/browser'],
    may: ['carrier', 'viewer', 'core', 'wire', 'errors'],
    libraries: ['comlink', 'hls.js', 'idb-keyval', 'mpegts.js', 'simple-peer', 'virtual:shoal-worker'],
    entries: [],
  },
  {
    name: 'carrier/node',
    paths: ['src/carrier/node'],
    may: ['carrier', 'viewer', 'core', 'wire', 'errors'],
    libraries: ['@roamhq/wrtc', 'node-datachannel', 'node:', 'simple-peer', 'ws'],
    entries: [],
  },
  {
    name: 'publisher',
    paths: ['src/publisher'],
    may: ['carrier', 'carrier/browser', 'player', 'wasm', 'wire', 'errors'],
    libraries: ['virtual:shoal-publisher-worker'],
    entries: ['src/publisher/index.ts'],
  },
  {
    name: 'workers',
    paths: ['workers'],
    may: [
      'publisher',
      'recorder',
      'device',
      'virtual',
      'hls',
      'viewer',
      'carrier',
      'carrier/browser',
      'core',
      'wasm',
      'wire',
      'errors',
    ],
    libraries: ['virtual:shoal-wasm', 'virtual:shoal-writer-wasm'],
    entries: [
      'workers/viewer.worker.ts',
      'workers/publisher.worker.ts',
      'workers/recorder.worklet.ts',
      'workers/file.worker.ts',
      'workers/shoal-sw.ts',
    ],
  },
  { name: 'player', paths: ['src/player'], may: ['carrier', 'carrier/browser', 'log', 'wire', 'errors'], ...pure },
  { name: 'virtual', paths: ['src/virtual'], may: ['player', 'carrier', 'log', 'wire', 'errors'], ...pure },
  {
    name: 'native',
    paths: ['src/native'],
    may: ['virtual', 'player', 'carrier', 'log', 'wire', 'errors'],
    libraries: [],
    entries: ['src/native/index.ts'],
  },
  {
    name: 'element',
    paths: ['src/element'],
    may: ['player', 'carrier', 'carrier/browser', 'log', 'errors'],
    libraries: [],
    entries: ['src/element/index.ts'],
  },
  {
    name: 'p2p-player',
    paths: ['src/p2p-player'],
    may: ['player', 'carrier', 'carrier/browser', 'log', 'errors'],
    libraries: [],
    entries: ['src/p2p-player/index.ts'],
  },
  {
    name: 'swarm-test',
    paths: ['src/swarm-test'],
    may: ['player', 'wire', 'errors'],
    libraries: ['node:', 'playwright'],
    entries: ['src/swarm-test/index.ts'],
  },
  {
    name: 'recorder',
    paths: ['src/recorder'],
    may: ['errors'],
    libraries: ['virtual:shoal-recorder'],
    entries: ['src/recorder/index.ts'],
  },
  {
    name: 'plugin',
    paths: ['src/plugin'],
    may: ['device', 'recorder', 'player', 'carrier', 'carrier/browser', 'log', 'wire', 'errors'],
    libraries: [],
    entries: ['src/plugin/index.ts'],
  },
  {
    name: 'doors',
    paths: ['src/index.ts', 'src/global.ts'],
    may: [
      'device',
      'native',
      'plugin',
      'recorder',
      'p2p-player',
      'element',
      'player',
      'carrier',
      'carrier/browser',
      'log',
      'wire',
      'errors',
    ],
    libraries: [],
    entries: ['src/index.ts', 'src/global.ts'],
  },
  {
    name: 'server',
    paths: ['server'],
    may: ['core', 'wire', 'wasm', 'errors'],
    libraries: ['ioredis', 'node:', 'ws'],
    entries: ['server/src/index.ts', 'server/src/cli.ts'],
  },
  {
    name: 'device',
    paths: ['src/device'],
    may: ['carrier', 'carrier/browser', 'viewer', 'wire', 'errors'],
    libraries: ['virtual:shoal-file'],
    entries: ['src/device/index.ts'],
  },
  {
    name: 'agent',
    paths: ['server/agent'],
    may: ['server', 'carrier', 'carrier/node', 'wire', 'wasm', 'errors'],
    libraries: ['node:', 'ws'],
    entries: ['server/agent/cli.ts', 'server/agent/index.ts'],
  },
  { name: 'sim', paths: ['sim'], may: ['core', 'wire', 'errors'], libraries: ['node:'], entries: ['sim/main.ts'] },
  { name: 'demo', paths: ['demo'], may: [], libraries: ['shoal'], entries: [], service: true },
  { name: 'bench', paths: ['bench'], ...service },
  { name: 'e2e', paths: ['e2e'], ...service },
  { name: 'tools', paths: ['tools', 'vite.config.ts'], ...service },
];

/** The room that a path from the project root belongs to, or undefined for files outside every room. */
export function roomOf(path: string): Room | undefined {
  let best: Room | undefined;
  let length = -1;
  for (const room of rooms) {
    for (const prefix of room.paths) {
      if ((path === prefix || path.startsWith(`${prefix}/`)) && prefix.length > length) {
        best = room;
        length = prefix.length;
      }
    }
  }
  return best;
}

/** True for files that only tests use: tests, contract suites, fixtures, and what lies in a folder `testing`. */
export function isTestFile(path: string): boolean {
  return /\.(test|contract|fixture)\.ts$|\/testing\//.test(path);
}
