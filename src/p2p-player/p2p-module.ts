/**
 * The part of the plugin that is needed to keep a player fed: any module with these calls will do.
 */

/** Hears what becomes of a pull. */
export type MessageCallback = (event: string, subtype: string, detail?: unknown) => void;

/** The calls. Promises are rejected with `{ errcode, errmsg }`. */
export interface PluginCalls<StreamInfo = object, InitArgument = object> {
  init(argument: InitArgument): Promise<number>;
  resetP2P(): Promise<number>;
  startP2PService(id: string, streamInfo: StreamInfo, callbacks: { msgCallback: MessageCallback }): Promise<number>;
  stopP2PService(id: string): void;
  startP2PStream(id: string, params: { dataCallback(data: ArrayBuffer): void }): Promise<number>;
  stopP2PStream(id: string): void;
  stopVoiceService(id: string): void;
}

/** How a call of the plugin was refused. */
export interface Refused {
  readonly errcode: number;
  readonly errmsg: string;
}

/** What was thrown, in the plugin's words. */
export const asRefused = (thrown: unknown): Refused => {
  const { errcode, errmsg } = (thrown ?? {}) as Partial<Refused>;
  return typeof errcode === 'number' ? { errcode, errmsg: String(errmsg) } : { errcode: -2402, errmsg: String(thrown) };
};
