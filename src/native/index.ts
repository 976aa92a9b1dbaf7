/**
 * The surfaces of the native SDKs: `CVbyteP2P` hands out a virtual URL for every stream, `XNet` splices one into the
 * stream's own address. Both need `shoal-sw.js` on the page's own origin.
 *
 * @example
 * await CVbyteP2P.LoadAndInit('player');
 * const id = await CVbyteP2P.CreateInstance((code, message) => { if (code === CVbyteP2P.STARTED) play(message); }, console.warn);
 * CVbyteP2P.PlayURL(id, 'https://live.example/live/demo.flv');
 */
import { NativeSurface } from './surface.ts';
import { XNetSurface } from './xnet.ts';

export type { TokenProvider } from '../carrier/application-tokens.ts';
export { retryingLoader } from '../virtual/retrying-loader.ts';
export { ERROR_CAUSES, ErrorCode, type ErrorName, EventCode } from './codes.ts';
export type { NativeOptions } from './config.ts';
export type { NativeCallback } from './instance.ts';
export type { NativeSurface } from './surface.ts';
export type { XNetApplication, XNetSurface } from './xnet.ts';

/** The calls of the Windows SDK. */
export const CVbyteP2P = new NativeSurface();

/** The calls of the app SDKs. */
export const XNet = new XNetSurface();
