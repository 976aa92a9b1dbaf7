// What the plugin page offers to the test that drives it.

import type { InitArgument, P2PModule, StreamInfo } from '../../src/plugin/index.ts';
import type { FlvCount } from './flv-count.d.ts';

/** What a page heard of one service, in order. */
export interface PluginSaid {
  readonly kind: 'notify' | 'log' | 'data';
  readonly subtype: string;
  readonly detail: unknown;
}

/** What came of a call: its value, or its refusal. */
export type PluginAnswer =
  | { readonly resolved: unknown }
  | { readonly errcode: number; readonly errmsg: string }
  | { readonly threw: string };

declare global {
  var plugin: {
    module: P2PModule;
    readonly said: Record<string, PluginSaid[]>;
    readonly local: { readonly event: string; readonly detail: unknown }[];
    readonly bytes: Record<string, FlvCount>;
    /** What talks and downloads have said, and what the recorder has handed out. */
    readonly heard: { events: string[]; frames: ArrayBuffer[]; progress: number[]; goOn(): void };
    /** Talks to a device by the page's own recorder, whose frames are kept. */
    talk(
      id: string,
      options?: object & { readonly worklet?: string },
      method?: 'startVoiceService' | 'startVoice',
    ): Promise<PluginAnswer>;
    talkData(id: string): Promise<PluginAnswer>;
    /** Downloads, into a file of the page's own file system if one is named; holds it after so many bytes. */
    download(
      id: string,
      urlParams: string,
      how?: { readonly file?: string; readonly holdAfter?: number },
    ): Promise<PluginAnswer>;
    /** Calls a method by name and says what came of it. */
    call(method: string, ...given: readonly unknown[]): Promise<PluginAnswer>;
    init(change?: Partial<InitArgument>): Promise<PluginAnswer>;
    /** Starts a service that notes what it hears; with `pulls` it has a dataCallback. */
    start(id: string, info: StreamInfo, pulls?: boolean): Promise<PluginAnswer>;
    /** Starts a pull that notes what it gets, by either of the call's names. */
    pull(id: string, params?: object, method?: 'startP2PStream' | 'startStream'): Promise<PluginAnswer>;
  };
  function reach(surface: string, kind: 'method' | 'code' | 'event', name: string | number): void;
  function watchCalls<T extends object>(surface: string, object: T, isRefusal?: (answer: unknown) => boolean): T;
}
