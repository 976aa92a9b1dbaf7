/**
 * The plugin surface: the calls, codes and events of the X-P2P mini-program plugin, on a web page.
 *
 * @example
 * await p2pModule.init({ appParams });
 * await p2pModule.startP2PService('camera', { url }, { msgCallback, dataCallback });
 */
import type { P2PModule } from './face.ts';
import { Plugin } from './module.ts';
import { browserWorld } from './world.ts';

/** What each code means and what leads to it. */
export { type CodeRow, RESULT_CODES, type Refusal, type RefusalCode, type ResultCode } from './codes.ts';
/** The names of events. */
export {
  type XP2PEvent,
  XP2PEventEnum,
  type XP2PLocalEvent,
  XP2PLocalEventEnum,
  type XP2PNotify,
  XP2PNotify_SubType,
} from './enums.ts';
/** Arguments and callbacks. */
export type {
  AppParams,
  CommandResult,
  DataCallback,
  DownloadCallbacks,
  DownloadResponse,
  InitArgument,
  InitParams,
  LocalEventHandler,
  MsgCallback,
  P2PModule,
  ServiceCallbacks,
  StreamCallbacks,
  StreamInfo,
  StreamParams,
  VoiceCallbacks,
} from './face.ts';

/** The module of this page. */
export const p2pModule: P2PModule = new Plugin(browserWorld);
/** The same, under the name that `requirePlugin` gives it. */
export const p2p = p2pModule;
