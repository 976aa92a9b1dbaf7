/**
 * A page that publishes: `import { createPublisher, enterRoom } from 'shoal/publisher'`.
 */
export type { ErrorCode, Severity, ShoalError } from '../errors.ts';
export type { Encode, Push, PushState, PushUrl, RecordedFile, RoomMember, Starter, Track } from '../wire/room.ts';
export type { PictureOptions, PublisherOptions, PublishSource, SoundOptions } from './options.ts';
/** Publishes a camera, a screen or a stream of the page's own. */
export { createPublisher, type Publisher, type PublisherEvents, type PublisherState } from './publisher.ts';
export type { PushOption } from './push-options.ts';
/** Camera and screen in a room, and what is made of them. */
export {
  enterRoom,
  leaveRoom,
  type Room,
  type RoomEvents,
  type RoomOptions,
  type RoomState,
  type RoomTerms,
  type TrackOptions,
} from './room.ts';
export type { PublisherFigures } from './sending/control.ts';
/** Says whether this browser can publish. */
export { type PublishLack, publishLacks } from './support.ts';
