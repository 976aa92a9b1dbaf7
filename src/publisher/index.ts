/**
 * A page that publishes: `import { createPublisher, enterRoom } from 'shoal/publisher'`.
 */
export type { ErrorCode, Severity, ShoalError } from '../errors.ts';
export type { PictureOptions, PublisherOptions, PublishSource, SoundOptions } from './options.ts';
/** Publishes a camera, a screen or a stream of the page's own. */
export { createPublisher, type Publisher, type PublisherEvents, type PublisherState } from './publisher.ts';
export type { PublisherFigures } from './sending/control.ts';
/** Says whether this browser can publish. */
export { type PublishLack, publishLacks } from './support.ts';
