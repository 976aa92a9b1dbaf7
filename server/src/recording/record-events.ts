// What the customer's server is told of recorded files and screenshots.

import { createHash } from 'node:crypto';
import { eventHead, type StreamFacts } from '../bypass/push-events.ts';
import { EVENT_RECORDED, EVENT_SCREENSHOT, type RecordedEvent, type ScreenshotEvent } from '../callbacks/events.ts';
import type { FinishedFile } from './format-writer.ts';
import type { RecordedPart, RecordSheet } from './record-sheet.ts';

/** The same for the same thing, so that telling it again after a crash is no second event. */
const sequenceOf = (what: string): string =>
  (createHash('sha256').update(what).digest().readBigUInt64BE() >> 1n).toString();

const MICROS = 1_000_000;

/** A file of a recording, at its address. */
export const recordedEvent = (
  { task, facts }: RecordSheet,
  part: RecordedPart,
  { file, url }: { readonly file: FinishedFile; readonly url: string },
): RecordedEvent => {
  const id = `${task}-${part.name}-${file.format}`;
  const startMicros = Math.round(part.startMs * 1000);
  const endMicros = startMicros + Math.round(file.durationMs * 1000);
  return {
    ...eventHead(facts, sequenceOf(id)),
    event_type: EVENT_RECORDED,
    video_id: id,
    video_url: url,
    file_size: file.bytes,
    start_time: Math.floor(startMicros / MICROS),
    end_time: Math.floor(endMicros / MICROS),
    start_time_usec: startMicros % MICROS,
    end_time_usec: endMicros % MICROS,
    file_id: id,
    record_file_id: id,
    file_format: file.format,
    duration: Math.round(file.durationMs / 1000),
    task_id: task,
    media_start_time: part.mediaStartMs,
  };
};

/** A picture as it was taken. */
export interface Picture {
  readonly name: string;
  readonly createdMs: number;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

/** A screenshot, at its address. */
export const screenshotEvent = (facts: StreamFacts, picture: Picture, url: string): ScreenshotEvent => ({
  ...eventHead(facts, sequenceOf(picture.name)),
  event_type: EVENT_SCREENSHOT,
  create_time: Math.floor(picture.createdMs / 1000),
  pic_url: URL.canParse(url) ? new URL(url).pathname : url,
  pic_full_url: url,
  file_size: picture.bytes,
  width: picture.width,
  height: picture.height,
});
