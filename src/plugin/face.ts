/**
 * The face of the plugin surface: its calls with the arguments of every documented version, told apart by shape.
 */
import type { DownloadProgress, DownloadSink } from '../device/download-sink.ts';
import type { Log } from '../log/log.ts';
import type { Credentials, Sharing } from '../player/options.ts';
import type { RecorderManager, RecorderOptions } from '../recorder/recorder-face.ts';
import type { IceServer } from '../wire/service.ts';
import type { ResultCode } from './codes.ts';
import type { XP2PEvent, XP2PEventEnum, XP2PLocalEvent, XP2PLocalEventEnum, XP2PNotify_SubType } from './enums.ts';

/** Who the application is. A page that has a `tokenProvider` gives no secret away and needs none of them. */
export interface AppParams {
  readonly appid?: string | number;
  readonly appOauthId?: string;
  readonly appKey?: string;
  readonly appSecretKey?: string;
  readonly appPackage?: string;
}

/** What this SDK wants to know besides; all optional. */
export interface InitParams {
  readonly eventHandler?: LocalEventHandler;
  /** STUN servers to ask for the kind of NAT, such as `stun:stun.example:3478`. Without any nothing is probed. */
  readonly stunServers?: readonly string[];
  /** Tell `natChanged` addresses in full; `masked` by default. */
  readonly natAddresses?: 'masked' | 'full';
  readonly iceServers?: readonly IceServer[];
  /** Address of the page's own `shoal-sw.js`; then init registers it. */
  readonly localServer?: string;
  /** Address of the Shoal description, when it is not on the streams' own hosts. */
  readonly service?: string;
  readonly sharing?: Sharing;
  /** Gives short-lived credentials for the stream of a service; instead of a secret in the page. */
  readonly tokenProvider?: (url: string, reason: 'start' | 'renew') => Promise<Credentials>;
  /** Trades who the application is for a short-lived token; its secret signs and is not sent. */
  readonly tokenUrl?: string;
  /** A pull without data for this long has lost its source: `disconnect`. Default 10,000. */
  readonly disconnectAfterMs?: number;
  /** This is no page for strangers yet: it may ask devices for data in the clear, as a page of localhost may. */
  readonly development?: boolean;
}

/** Hears `natChanged` and `natError`. */
export type LocalEventHandler = (event: XP2PLocalEvent, detail: unknown) => void;

/** Argument of `init`. */
export interface InitArgument {
  readonly appParams: AppParams;
  readonly eventHandler?: LocalEventHandler;
  readonly initParams?: InitParams;
}

/** What a service is for. */
export interface StreamInfo {
  /** A shared stream: its http(s) address. A device: `http://XP2P_INFO.xnet/ipc.p2p.com/ipc.flv?...`. */
  readonly url: string;
  /** Where a code and its key come from, when the stream's host wants one. */
  readonly codeUrl?: string;
  readonly productId?: string;
  readonly deviceName?: string;
  readonly xp2pInfo?: string;
  /** Where the shared stream of a device is to be had that has no room for another viewer. */
  readonly liveStreamDomain?: string;
}

/** Hears what becomes of a pull. For `log`, `detail` is the line. */
export type MsgCallback = (event: XP2PEvent, subtype: string, detail?: unknown) => void;
/** Takes clear FLV in order. */
export type DataCallback = (data: ArrayBuffer) => void;

/** Callbacks of a service. */
export interface ServiceCallbacks {
  readonly msgCallback: MsgCallback;
  /** If there is one, the pull starts with the service. */
  readonly dataCallback?: DataCallback;
}

/** Callbacks of a pull. */
export interface StreamCallbacks {
  readonly dataCallback: DataCallback;
}

/** A pull of 1.2. */
export interface StreamParams extends StreamCallbacks {
  /** Another file than that of the service's address. */
  readonly flv?: { readonly filename: string; readonly params: string };
}

/** Callbacks of a talk. */
export interface VoiceCallbacks {
  readonly onStart?: () => void;
  readonly onPause?: (detail: { readonly inInterruption: boolean }) => void;
  readonly onResume?: () => void;
  readonly onStop?: (detail: { readonly willRestart: boolean }) => void;
}

/** How to talk: the recorder's options, and what the device is told besides, such as `channel=0`. */
export interface VoiceOptions extends RecorderOptions {
  readonly urlParams?: string;
}

/** Callbacks of a talk whose bytes the page makes. */
export interface VoiceDataCallbacks {
  /** The device listens. */
  readonly onSuccess?: (response?: DownloadResponse) => void;
  /** The device does not want to. */
  readonly onFailure?: (response?: DownloadResponse) => void;
  /** The way to the device is gone. */
  readonly onError?: (response?: DownloadResponse) => void;
  /** It was stopped, and the device has everything. */
  readonly onStop?: () => void;
  /** Comes once, last. */
  readonly onComplete?: () => void;
}

/** Takes the bytes of such a talk. */
export interface VoiceWriter {
  addChunk(data: ArrayBuffer): void;
}

/** What is to be downloaded, such as `channel=0&file_name=a.mp4&offset=0`. */
export interface DownloadOptions {
  readonly urlParams: string;
  readonly offCrypto?: boolean;
  /** Takes the bytes, and says by what it has where to go on. */
  readonly sink?: DownloadSink;
  /** The service ends with the download, as the connection of the mini-program did. */
  readonly closesService?: boolean;
}

/** What a download answers. */
export interface DownloadResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errcode?: number;
  readonly errmsg?: string;
}

/**
 * Callbacks of a download, under the names of 1.2.0 or of the week after. The bytes wait for the promise that the one who
 * takes them returns. Without a sink there must be one who takes them.
 */
export interface DownloadCallbacks {
  readonly onReceiveChunk?: (data: ArrayBuffer) => unknown;
  readonly onChunkReceived?: (data: ArrayBuffer) => unknown;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Comes once, last. */
  readonly onComplete: (response?: DownloadResponse) => void;
  readonly onPased?: (response?: DownloadResponse) => void;
  readonly onHeadersReceived?: (response?: DownloadResponse) => void;
  readonly onSuccess?: (response?: DownloadResponse) => void;
  readonly onFailure?: (response?: DownloadResponse) => void;
  readonly onError?: (response?: DownloadResponse) => void;
}

/** What became of a command. */
export interface CommandResult {
  readonly type: 'success' | 'failure' | 'error' | 'timeout';
  readonly status: number;
  readonly data: string;
  readonly errcode?: number;
  readonly errmsg?: string;
}

/** The module. Its promises resolve with 0 and are rejected with `{ errcode, errmsg }`; nothing throws. */
export interface P2PModule {
  readonly XP2PEventEnum: typeof XP2PEventEnum;
  readonly XP2PNotify_SubType: typeof XP2PNotify_SubType;
  readonly XP2PLocalEventEnum: typeof XP2PLocalEventEnum;
  /** What happened, without secrets. */
  readonly log: Log;

  init(argument: InitArgument): Promise<0>;
  /** Stops every service, probes the network anew. Several at once share one answer. */
  resetP2P(): Promise<0>;
  /** Ends everything at once; `init` may be called again. */
  destroy(): void;
  /** This browser's id on this site, for finding logs; '' before `init` was answered. */
  getUUID(): string;
  getModule(): P2PModule;

  startP2PService(id: string, streamInfo: StreamInfo, callbacks: ServiceCallbacks): Promise<0>;
  updateServiceCallbacks(id: string, callbacks: Partial<ServiceCallbacks>): ResultCode;
  stopP2PService(id: string): void;
  /** The same as `stopP2PService`. */
  stopServiceById(id: string): void;

  startP2PStream(id: string, params: StreamParams): Promise<0>;
  startP2PStream(id: string, streamInfo: Partial<StreamInfo>, callbacks: StreamCallbacks): Promise<0>;
  stopP2PStream(id: string): void;
  startStream: P2PModule['startP2PStream'];
  stopStream(id: string): void;

  startVoiceService(
    id: string,
    recorderManager: RecorderManager,
    options?: VoiceOptions,
    callbacks?: VoiceCallbacks,
  ): Promise<0>;
  stopVoiceService(id: string): void;
  startVoice: P2PModule['startVoiceService'];
  stopVoice(id: string): void;
  /** Voice as bytes of the page's own making, such as an FLV; resolves with what takes them. */
  startVoiceData(
    id: string,
    options?: { readonly urlParams?: string },
    callbacks?: VoiceDataCallbacks,
  ): Promise<VoiceWriter>;

  /** Resolves whatever comes of it: `type` says what. */
  sendCommand(id: string, command: string): Promise<CommandResult>;
  startLocalDownload(id: string, options: DownloadOptions, callbacks: DownloadCallbacks): Promise<0>;
  stopLocalDownload(id: string): void;
}
