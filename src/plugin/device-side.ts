/**
 * What a service has of its device: pulls, one talk, one download, and commands, all over one connection.
 */

import type { Device, DeviceStream } from '../device/device.ts';
import type { DownloadRequest, VoiceRequest } from './arguments.ts';
import { asRefusal, refusal, refuse } from './codes.ts';
import { type ConnectDevice, DeviceLine, type LineOptions } from './device-line.ts';
import { DevicePull, type Elsewhere } from './device-pull.ts';
import type { CommandResult, StreamInfo, VoiceDataCallbacks, VoiceWriter } from './face.ts';
import { LocalDownload } from './local-download.ts';
import { asksForClear, channelOf, type MediaTarget, targetFrom, targetOf } from './one-to-one.ts';
import { callPageWith } from './page-call.ts';
import type { PullEvents, RunningPull } from './pull.ts';
import type { ServiceEvents } from './service-events.ts';
import { VoiceData } from './voice-data.ts';
import { VoiceTalk } from './voice-talk.ts';

/** What it takes from the module. */
export interface DeviceSideParts {
  readonly info: StreamInfo;
  readonly connection: LineOptions;
  readonly connect: ConnectDevice;
  readonly disconnectAfterMs: number;
  /** Whether a page may ask for its data in the clear here. */
  readonly allowsClear: boolean;
  /** A pull of a shared stream. */
  follow(address: URL, events: PullEvents): RunningPull;
  report(error: unknown): void;
}

const HANDED_OVER = 302;
/** What `get_device_st` says of a device that shows its picture to as many as it may. */
const FULL = 405;

/** See above. */
export class DeviceSide {
  readonly #parts: DeviceSideParts;
  readonly #events: ServiceEvents;
  readonly #line: DeviceLine;
  #voice: VoiceTalk | VoiceData | undefined;
  #download: LocalDownload | undefined;

  /** Throws what a connection throws that cannot even be tried. */
  constructor(parts: DeviceSideParts, events: ServiceEvents) {
    this.#parts = parts;
    this.#events = events;
    this.#line = new DeviceLine(parts.connect, parts.connection, {
      connected: () => {
        events.log(`connected to device version ${this.#line.device.version}`);
        events.connected();
      },
      lost: (why, connection) => {
        events.log(`the connection has ended: ${why.message}`);
        events.lost(asRefusal(why, -2402), connection);
      },
    });
  }

  get device(): DeviceSide {
    return this;
  }

  /** Number of the latest connection. */
  get connection(): number {
    return this.#line.connection;
  }

  pull(address: string, events: PullEvents): RunningPull {
    const { disconnectAfterMs, follow } = this.#parts;
    const given = new URL(address).searchParams;
    const target = targetOf(address);
    const isLive = target.values.get('action') === 'live';
    return new DevicePull(
      {
        ask: async () => {
          this.#mayBeClear(given);
          return isLive ? this.#askLive(target) : this.#device.ask(target.text);
        },
        follow,
        silentAfterMs: isLive ? disconnectAfterMs : undefined,
      },
      events,
    );
  }

  async startVoice({ recorder, options, callbacks, urlParams }: VoiceRequest): Promise<0> {
    if (this.#voice !== undefined) return refuse(-2401, 'voice');
    const target = this.#voiceTarget(urlParams);
    const { report } = this.#parts;
    const voice = new VoiceTalk({
      open: () => this.#device.converse(target.text),
      recorder,
      options,
      callbacks,
      call: callPageWith(report),
      log: (line) => this.#events.log(line),
      over: () => this.#voiceOver(voice),
    });
    this.#voice = voice;
    return voice.start();
  }

  async startVoiceData(urlParams: string, callbacks: VoiceDataCallbacks): Promise<VoiceWriter> {
    if (this.#voice !== undefined) return refuse(-2401, 'voice');
    const target = this.#voiceTarget(urlParams);
    const { report } = this.#parts;
    const voice = new VoiceData({
      open: () => this.#device.converse(target.text),
      callbacks,
      call: callPageWith(report),
      over: () => this.#voiceOver(voice),
    });
    this.#voice = voice;
    return voice.start();
  }

  stopVoice(): void {
    this.#voice?.stop();
  }

  /** Asks; never rejected. */
  async sendCommand(command: string): Promise<CommandResult> {
    const { type, status, data, error } = await this.#device.commandText(command);
    if (error === undefined) return { type, status, data };
    return { type, status, data, ...asRefusal(error, -2402) };
  }

  /** `done` is called when the page has heard the last of it. */
  async startDownload(request: DownloadRequest, done: () => void): Promise<0> {
    if (this.#download !== undefined) return refuse(-2401, 'download');
    const given = new URLSearchParams(request.urlParams);
    this.#mayBeClear(given, request.offCrypto);
    const target = targetFrom('ipc.flv', given);
    target.values.set('action', 'download');
    const download = new LocalDownload({
      ask: (values) => this.#device.ask(`ipc.flv?${values}`),
      values: target.values,
      sink: request.sink,
      callbacks: request.callbacks,
      call: callPageWith(this.#parts.report),
      over: () => {
        if (this.#download === download) this.#download = undefined;
      },
      done,
    });
    this.#download = download;
    return download.start();
  }

  stopDownload(): void {
    this.#download?.stop();
  }

  close(): void {
    this.stopVoice();
    this.stopDownload();
    this.#line.close();
  }

  get #device(): Device {
    return this.#line.device;
  }

  #voiceTarget(urlParams: string): MediaTarget {
    const given = new URLSearchParams(urlParams);
    this.#mayBeClear(given);
    const target = targetFrom('voice', given);
    if (target.values.has('channel')) return target;
    const channel = channelOf(new URL(this.#parts.info.url).searchParams);
    return targetFrom('voice', new URLSearchParams([['channel', String(channel)], ...target.values]));
  }

  #voiceOver(voice: VoiceTalk | VoiceData): void {
    if (this.#voice === voice) this.#voice = undefined;
  }

  /** The browser encrypts whatever goes to a device; a page that wants less gets it nowhere but at home. */
  #mayBeClear(values: URLSearchParams, offCrypto: unknown = false): void {
    if (!asksForClear(values, offCrypto) || this.#parts.allowsClear) return;
    throw refusal(-2501, 'encryption can be switched off on a page of development only');
  }

  async #askLive(target: MediaTarget): Promise<DeviceStream | Elsewhere> {
    const { liveStreamDomain } = this.#parts.info;
    const shared = liveStreamDomain === undefined ? undefined : await this.#askVacancy(target);
    // It shares for whoever has asked until their call ends.
    if (shared !== undefined) return { address: this.#movedTo(shared), leave: () => undefined };
    const stream = await this.#device.ask(target.text);
    const { location = '' } = stream.headers;
    if (stream.status !== HANDED_OVER || !URL.canParse(location)) return stream;
    // The device shares for as long as this request lasts.
    return { address: this.#movedTo(new URL(location)), leave: () => stream.stop() };
  }

  /** Where the picture is to be had if the device itself has no room; rejected with -2801 when it does not say. */
  async #askVacancy({ values }: MediaTarget): Promise<URL | undefined> {
    const quality = values.get('quality') ?? 'high';
    const answer = await this.#device.inner('get_device_st', { type: 'live', quality }, { channel: channelOf(values) });
    if (answer.type !== 'success') throw refusal(-2801, answer.error?.message ?? `${answer.type} ${answer.status}`);
    const state = readState(answer.data);
    if (state === undefined) throw refusal(-2801, 'its answer cannot be read');
    return state.status === FULL ? state.stream : undefined;
  }

  /** The same stream on the host that the page was told to use. */
  #movedTo(stream: URL): URL {
    const { liveStreamDomain } = this.#parts.info;
    this.#events.log('the device is full; its shared stream is pulled instead');
    return liveStreamDomain === undefined ? stream : new URL(`${stream.pathname}${stream.search}`, liveStreamDomain);
  }
}

interface DeviceState {
  readonly status: number;
  readonly stream: URL | undefined;
}

/** `[{ status, stream }]`; devices write numbers as texts now and then. */
const readState = (text: string): DeviceState | undefined => {
  try {
    const [first] = JSON.parse(text) as readonly { readonly status?: unknown; readonly stream?: unknown }[];
    const status = Number(first?.status ?? Number.NaN);
    const stream = String(first?.stream ?? '');
    if (!Number.isSafeInteger(status)) return undefined;
    return { status, stream: URL.canParse(stream) ? new URL(stream) : undefined };
  } catch {
    return undefined;
  }
};
