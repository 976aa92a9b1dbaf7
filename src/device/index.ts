/**
 * One page and one device: `import { connectDevice } from 'shoal/device'`.
 */
export type { ErrorCode, Severity, ShoalError } from '../errors.ts';
export type { IceServer } from '../wire/service.ts';
/** Connects to a device. */
export {
  type CommandResult,
  connectDevice,
  type Device,
  type DeviceStream,
  type DeviceTalk,
  type LiveStream,
  type OnChannel,
  type SaveOptions,
} from './device.ts';
export type { ConnectionOptions, ConnectionState } from './device-connection.ts';
/** Where downloads go. */
export { type DownloadProgress, type DownloadSink, type MemorySink, memorySink } from './download-sink.ts';
export { fileSink, opfsFile } from './file-sink.ts';
export type { LastingOptions, LastingState, StateListener } from './lasting-connection.ts';
export type { Quality, Span, UserParams } from './request-text.ts';
