/// <reference path="./mpegts-sources.d.ts" />
/**
 * mpegts.js's own FLV demuxer, with and without its MP4 remuxer, fed chunk by chunk as its IOController feeds it: what
 * a chunk leaves unconsumed is put in front of the next one, in a fresh buffer.
 */
import { createDefaultConfig } from 'mpegts.js/src/config.js';
import FLVDemuxer from 'mpegts.js/src/demux/flv-demuxer.js';
import MP4Remuxer from 'mpegts.js/src/remux/mp4-remuxer.js';
import LoggingControl from 'mpegts.js/src/utils/logging-control.js';

LoggingControl.enableAll = false;

const STASH_BYTES = 4 * 1024 * 1024;
const stash = new Uint8Array(STASH_BYTES);

/** What came out of a whole stream. */
export interface Demuxed {
  readonly samples: number;
  readonly segmentBytes: number;
}

/** Runs a whole stream through the demuxer and, if wanted, the remuxer. */
export const demuxAll = (chunks: readonly Uint8Array<ArrayBuffer>[], remuxed: boolean): Demuxed => {
  const config = createDefaultConfig();
  const demuxer = new FLVDemuxer(FLVDemuxer.probe(chunks[0]?.buffer ?? new ArrayBuffer(0)), config);
  const found = { samples: 0, segmentBytes: 0 };
  listen(demuxer);
  let remuxer: MP4Remuxer | undefined;
  if (remuxed) {
    remuxer = new MP4Remuxer(config).bindDataSource(demuxer);
    remuxer.onInitSegment = () => undefined;
    remuxer.onMediaSegment = (_, { data }) => {
      found.segmentBytes += data.byteLength;
    };
  } else {
    demuxer.onTrackMetadata = () => undefined;
    demuxer.onDataAvailable = (...tracks) => {
      for (const track of tracks) {
        found.samples += track.samples.length;
        track.samples = [];
        track.length = 0;
      }
    };
  }
  feed(demuxer, chunks);
  remuxer?.destroy();
  demuxer.destroy();
  return found;
};

const listen = (demuxer: FLVDemuxer): void => {
  const ignore = (): void => undefined;
  demuxer.onMediaInfo = ignore;
  demuxer.onMetaDataArrived = ignore;
  demuxer.onScriptDataArrived = ignore;
  demuxer.onSeiArrived = ignore;
  demuxer.onError = (type, info) => {
    throw new Error(`mpegts.js: ${type} ${info}`);
  };
};

const feed = (demuxer: FLVDemuxer, chunks: readonly Uint8Array<ArrayBuffer>[]): void => {
  let start = 0;
  let held = 0;
  for (const chunk of chunks) {
    let whole = chunk.buffer;
    if (held > 0) {
      stash.set(chunk, held);
      whole = stash.buffer.slice(0, held + chunk.length);
    }
    const consumed = demuxer.parseChunks(whole, start);
    held = whole.byteLength - consumed;
    if (held > 0) stash.set(new Uint8Array(whole, consumed), 0);
    start += consumed;
  }
};
