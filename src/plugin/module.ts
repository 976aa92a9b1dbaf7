/**
 * The module of the plugin surface: what each call may do in which state, and nothing else.
 */
import { createLog } from '../log/log.ts';
import type { RecorderManager } from '../recorder/recorder-face.ts';
import {
  readCallbacks,
  readCommand,
  readDownload,
  readId,
  readInit,
  readPull,
  readStreamInfo,
  readVoice,
  readVoiceData,
} from './arguments.ts';
import { asRefusal, type RefusalCode, type ResultCode, refuse } from './codes.ts';
import type { DeviceSide } from './device-side.ts';
import { XP2PEventEnum, XP2PLocalEventEnum, XP2PNotify_SubType } from './enums.ts';
import type {
  CommandResult,
  DownloadCallbacks,
  DownloadOptions,
  InitArgument,
  P2PModule,
  ServiceCallbacks,
  StreamCallbacks,
  StreamInfo,
  StreamParams,
  VoiceCallbacks,
  VoiceDataCallbacks,
  VoiceOptions,
  VoiceWriter,
} from './face.ts';
import { judgeDevice } from './one-to-one.ts';
import type { Service } from './service.ts';
import { Session } from './session.ts';
import type { PluginWorld } from './world.ts';

type State =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'starting';
      readonly session: Session | undefined;
      readonly answer: Promise<0>;
      readonly attempt: object;
    }
  | { readonly kind: 'ready'; readonly session: Session };

/** The module behind `p2pModule`. */
export class Plugin implements P2PModule {
  readonly XP2PEventEnum = XP2PEventEnum;
  readonly XP2PNotify_SubType = XP2PNotify_SubType;
  readonly XP2PLocalEventEnum = XP2PLocalEventEnum;
  readonly log = createLog();
  readonly #writer = this.log.writer('plugin');
  readonly #world: () => PluginWorld;
  #state: State = { kind: 'idle' };
  #uuid = '';

  // The documents name these twice; functions of the instance, so that a page may take them out of the module.
  readonly init = (argument: InitArgument): Promise<0> => this.#init(argument);
  readonly resetP2P = (): Promise<0> => this.#call('resetP2P', -2202, (session) => session.reset());
  readonly getUUID = (): string => this.#uuid;
  readonly getModule = (): P2PModule => this;
  readonly stopP2PService = (id: string): void => this.#withSession((session) => session.close(id));
  readonly stopServiceById = this.stopP2PService;
  readonly stopP2PStream = (id: string): void => this.#withSession((session) => session.serviceOf(id)?.stopPull());
  readonly stopStream = this.stopP2PStream;
  readonly stopVoiceService = (id: string): void =>
    this.#withSession((session) => session.serviceOf(id)?.device?.stopVoice());
  readonly stopVoice = this.stopVoiceService;
  readonly stopLocalDownload = (id: string): void =>
    this.#withSession((session) => session.serviceOf(id)?.device?.stopDownload());

  constructor(world: () => PluginWorld) {
    this.#world = world;
  }

  readonly destroy = (): void => {
    const before = this.#state;
    this.#state = { kind: 'idle' };
    if (before.kind === 'idle') return;
    before.session?.stop();
    this.#world().release(this);
    this.#writer.info('destroyed');
  };

  readonly startP2PService = (id: string, streamInfo: StreamInfo, callbacks: ServiceCallbacks): Promise<0> =>
    this.#call('startP2PService', -2402, async (session) => {
      const key = readId(id);
      const info = readStreamInfo(streamInfo);
      const given = readCallbacks(callbacks, 'msgCallback');
      if (session.serviceOf(key) !== undefined) return refuse(-2401, key);
      const wrong = info.kind === 'device' ? judgeDevice(info) : undefined;
      if (wrong !== undefined) return Promise.reject(wrong);
      const lacking = this.#lacking(info.kind);
      if (lacking !== undefined) return refuse(-2404, lacking);
      const service = session.open(key, info, given);
      const { dataCallback } = given;
      if (dataCallback === undefined) return 0;
      try {
        return await service.pull({ dataCallback, urlFrom: (url) => url });
      } catch (refused) {
        // All or nothing: after a pull that did not start the id is free again.
        session.close(key, service);
        return Promise.reject(refused);
      }
    });

  readonly updateServiceCallbacks = (id: string, callbacks: Partial<ServiceCallbacks>): ResultCode => {
    try {
      const given = readCallbacks(callbacks, 'either');
      const service = this.#state.kind === 'ready' ? this.#state.session.serviceOf(id) : undefined;
      service?.update(given);
      return service === undefined ? -2000 : 0;
    } catch (thrown) {
      return asRefusal(thrown, -2000).errcode;
    }
  };

  readonly startP2PStream = (
    id: string,
    second: StreamParams | StreamCallbacks | Partial<StreamInfo>,
    third?: StreamCallbacks,
  ): Promise<0> => this.#withService('startP2PStream', id, -2402, (service) => service.pull(readPull(second, third)));
  readonly startStream = this.startP2PStream;

  readonly startVoiceService = (
    id: string,
    recorderManager: RecorderManager,
    options?: VoiceOptions,
    callbacks?: VoiceCallbacks,
  ): Promise<0> =>
    this.#withDevice('startVoiceService', id, -2601, (device) =>
      device.startVoice(readVoice(recorderManager, options, callbacks)),
    );
  readonly startVoice = this.startVoiceService;
  readonly startVoiceData = (
    id: string,
    options?: { readonly urlParams?: string },
    callbacks?: VoiceDataCallbacks,
  ): Promise<VoiceWriter> =>
    this.#withDevice('startVoiceData', id, -2601, (device) => {
      const given = readVoiceData(options, callbacks);
      return device.startVoiceData(given.urlParams, given.callbacks);
    });

  readonly sendCommand = (id: string, command: string): Promise<CommandResult> =>
    this.#withDevice('sendCommand', id, -2000, (device) => device.sendCommand(readCommand(command)));

  readonly startLocalDownload = (id: string, options: DownloadOptions, callbacks: DownloadCallbacks): Promise<0> =>
    this.#withDevice('startLocalDownload', id, -2701, (device, session) => {
      const request = readDownload(options, callbacks);
      const service = session.serviceOf(id);
      return device.startDownload(request, () => request.closesService && session.close(id, service));
    });

  #init(argument: InitArgument): Promise<0> {
    const before = this.#state;
    if (before.kind === 'starting') return before.answer;
    if (before.kind === 'ready') return refuse(-2003);
    const attempt = {};
    const answer = this.#start(argument, attempt).catch((thrown: unknown) => {
      const refused = asRefusal(thrown, -2202);
      this.#writer.error(`init ${refused.errcode}: ${refused.errmsg}`);
      if (this.#isAt(attempt)) this.destroy();
      return Promise.reject(refused);
    });
    this.#state = { kind: 'starting', session: undefined, answer, attempt };
    return answer;
  }

  async #start(argument: InitArgument, attempt: object): Promise<0> {
    const world = this.#world();
    this.#uuid = await world.loadUuid();
    const begun = this.#state;
    if (begun.kind !== 'starting' || begun.attempt !== attempt) return refuse(-2002, 'destroyed meanwhile');
    if (!world.claim(this)) return refuse(-2201);
    const session = new Session({ configuration: readInit(argument), world, log: this.log });
    this.#state = { ...begun, session };
    await session.start();
    if (!this.#isAt(attempt)) return refuse(-2002, 'destroyed meanwhile');
    this.#state = { kind: 'ready', session };
    this.#writer.info(`initialised, uuid ${this.#uuid}`);
    return 0;
  }

  #isAt(attempt: object): boolean {
    return this.#state.kind === 'starting' && this.#state.attempt === attempt;
  }

  /** What this browser cannot do that is needed; a device may be asked for other things than pictures. */
  #lacking(kind: 'stream' | 'device'): string | undefined {
    const { webrtc, mediaSource } = this.#world().support();
    if (!webrtc) return 'no WebRTC data channels';
    return mediaSource || kind === 'device' ? undefined : 'no MediaSource';
  }

  /** A call that needs an initialised module. Whatever goes wrong in it ends in a refusal. */
  async #call<T>(name: string, fallback: RefusalCode, act: (session: Session) => T | Promise<T>): Promise<T> {
    try {
      if (this.#state.kind !== 'ready') return await refuse(-2002, name);
      return await act(this.#state.session);
    } catch (thrown) {
      const refused = asRefusal(thrown, fallback);
      this.#writer.warn(`${name} ${refused.errcode}: ${refused.errmsg}`);
      return Promise.reject(refused);
    }
  }

  #withService<T>(
    name: string,
    id: string,
    fallback: RefusalCode,
    act: (service: Service, session: Session) => T | Promise<T>,
  ): Promise<T> {
    return this.#call(name, fallback, (session) => {
      const service = session.serviceOf(readId(id));
      return service === undefined ? refuse(-2403, id) : act(service, session);
    });
  }

  #withDevice<T>(
    name: string,
    id: string,
    fallback: RefusalCode,
    act: (device: DeviceSide, session: Session) => T | Promise<T>,
  ): Promise<T> {
    return this.#withService(name, id, fallback, ({ device }, session) =>
      device === undefined ? refuse(-2004, `${name}: ${id} is a shared stream`) : act(device, session),
    );
  }

  #withSession(act: (session: Session) => void): void {
    if (this.#state.kind === 'ready') act(this.#state.session);
  }
}
