/**
 * The page of `bench device`: a page as a customer has it, and a raw data channel to compare downloads with.
 */
import { createBrowserPeer } from '../../src/carrier/browser/simple-peer.ts';
import { type CallPeer, DeviceCall } from '../../src/carrier/device-call.ts';
import { connectDevice, type Device } from '../../src/device/device.ts';
import { fileSink, opfsFile } from '../../src/device/file-sink.ts';
import { createP2PPlayer } from '../../src/p2p-player/index.ts';

/** What came of a download. */
export interface Loaded {
  readonly bytes: number;
  readonly ms: number;
  /** 'whole', or why it ended before. */
  readonly end: string;
  /** How often the connection broke meanwhile. */
  readonly breaks: number;
}

/** What the benchmark asks the page to do. */
export interface DevicePage {
  connect(info: string): Promise<void>;
  /** Time from the wish to see to the first painted picture, ms: from the device, or over plain HTTP-FLV. */
  firstPicture(from: 'device' | string): Promise<number>;
  /** Round trips of a small command, ms. */
  commands(count: number): Promise<readonly number[]>;
  /** Downloads a file and forgets it. */
  download(file: string): Promise<Loaded>;
  /** Downloads a file into the page's own file system. */
  save(file: string): Promise<Loaded>;
  /** A download over a data channel that carries nothing but bytes. */
  rawDownload(bytes: number): Promise<{ readonly bytes: number; readonly ms: number }>;
  /** Talks for so long in real time; every frame carries the time at which it was handed out. */
  talk(seconds: number): Promise<number>;
  /** A signal of the raw sender. */
  signal(data: string): void;
}

declare global {
  interface Window {
    devicePage: DevicePage;
    /** To the raw sender. */
    carrySignal(data: string): Promise<void>;
  }
}

const FRAME_BYTES = 640;
const FRAME_MS = 20;

let device: Device | undefined;
let raw: DeviceCall | undefined;

const connected = (): Device => {
  if (device === undefined) throw new Error('no device');
  return device;
};

const bodyOf = async (from: string): Promise<ReadableStream<Uint8Array>> => {
  if (from === 'device') return (await connected().live()).body;
  const { body } = await fetch(from, { cache: 'no-store' });
  if (body === null) throw new Error('no body');
  return body;
};

const firstPicture = async (from: string): Promise<number> => {
  const video = document.createElement('video');
  video.width = 320;
  document.body.append(video);
  const player = createP2PPlayer({ video, autoplay: false, muted: true });
  await new Promise<void>((resolve) => void player.on('playerReady', () => resolve()));
  const painted = new Promise<number>((resolve) => {
    video.requestVideoFrameCallback(() => resolve(performance.now()));
  });
  const until: { stop: () => void } = { stop: () => undefined };
  player.on('playerStartPull', async () => {
    const reader = (await bodyOf(from)).getReader();
    until.stop = () => void reader.cancel().catch(() => undefined);
    for (let read = await reader.read(); !read.done; read = await reader.read()) player.addChunk(read.value);
  });
  const began = performance.now();
  player.play();
  const ms = (await painted) - began;
  until.stop();
  player.destroy();
  video.remove();
  return ms;
};

/** Times a download, which tells its bytes as they come. */
const loaded = async (load: (came: (bytes: number) => void) => Promise<unknown>): Promise<Loaded> => {
  let bytes = 0;
  let breaks = 0;
  const unlisten = connected().onState((state) => {
    if (state === 'away') breaks += 1;
  });
  const began = performance.now();
  const end = await load((more) => {
    bytes += more;
  }).then(
    () => 'whole',
    (thrown: { readonly code?: string }) => thrown.code ?? String(thrown),
  );
  unlisten();
  return { bytes, ms: performance.now() - began, end, breaks };
};

const rawDownload = (bytes: number): Promise<{ readonly bytes: number; readonly ms: number }> =>
  new Promise((resolve, reject) => {
    raw = new DeviceCall(
      (options) => createBrowserPeer(options) as unknown as CallPeer,
      { initiator: true, iceServers: [] },
      {
        signal: (data) => void window.carrySignal(data),
        opened() {
          const channel = raw?.openRequest();
          if (channel === undefined) return reject(new Error('no channel'));
          let came = 0;
          let began = 0;
          channel.binaryType = 'arraybuffer';
          channel.addEventListener('open', () => {
            began = performance.now();
            channel.send(new TextEncoder().encode(String(bytes)));
          });
          channel.addEventListener('message', ({ data }) => {
            came += (data as ArrayBuffer).byteLength;
            if (came < bytes) return;
            resolve({ bytes: came, ms: performance.now() - began });
            raw?.close();
          });
        },
        proved: () => undefined,
        request: () => undefined,
        wavering: () => undefined,
        closed: () => reject(new Error('the raw channel closed')),
      },
    );
  });

const talk = async (seconds: number): Promise<number> => {
  const voice = await connected().talk();
  const frames = Math.round((seconds * 1000) / FRAME_MS);
  const began = performance.now();
  for (let frame = 0; frame < frames; frame++) {
    const waitMs = began + frame * FRAME_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const pcm = new Uint8Array(FRAME_BYTES);
    new DataView(pcm.buffer).setFloat64(0, performance.timeOrigin + performance.now());
    await voice.write(pcm);
  }
  await voice.end();
  return frames;
};

window.devicePage = {
  async connect(info) {
    device = connectDevice({ info });
    await device.opened;
  },
  firstPicture,
  async commands(count) {
    const times: number[] = [];
    for (let at = 0; at < count; at++) {
      const began = performance.now();
      const { type } = await connected().inner('get_device_st', { type: 'voice' });
      if (type !== 'success') throw new Error(`a command ended in ${type}`);
      times.push(performance.now() - began);
    }
    return times;
  },
  download: (file) =>
    loaded(async (came) => {
      const reader = (await connected().download(file)).body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) came(read.value.length);
    }),
  save: (file) =>
    loaded(async (came) => {
      const handle = await opfsFile(file);
      await connected()
        .save(file, await fileSink(handle))
        .finally(async () => came((await handle.getFile()).size));
    }),
  rawDownload,
  talk,
  signal: (data) => raw?.signal(data),
};
