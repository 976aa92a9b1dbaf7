// The parts of mpegts.js that its bundle does not export, taken from the sources it ships.

declare module 'mpegts.js/src/config.js' {
  export function createDefaultConfig(): object;
}

declare module 'mpegts.js/src/utils/logging-control.js' {
  const LoggingControl: { enableAll: boolean };
  export default LoggingControl;
}

declare module 'mpegts.js/src/demux/flv-demuxer.js' {
  interface Track {
    samples: unknown[];
    length: number;
  }
  export default class FLVDemuxer {
    static probe(buffer: ArrayBuffer): object;
    constructor(probed: object, config: object);
    onError: (type: string, info: string) => void;
    onMediaInfo: (info: unknown) => void;
    onMetaDataArrived: (metadata: unknown) => void;
    onScriptDataArrived: (data: unknown) => void;
    onSeiArrived: (sei: unknown) => void;
    onTrackMetadata: (type: string, metadata: unknown) => void;
    onDataAvailable: (audio: Track, video: Track) => void;
    parseChunks(chunk: ArrayBuffer, byteStart: number): number;
    destroy(): void;
  }
}

declare module 'mpegts.js/src/remux/mp4-remuxer.js' {
  import type FLVDemuxer from 'mpegts.js/src/demux/flv-demuxer.js';
  export default class MP4Remuxer {
    constructor(config: object);
    onInitSegment: (type: string, segment: unknown) => void;
    onMediaSegment: (type: string, segment: { readonly data: ArrayBuffer }) => void;
    bindDataSource(demuxer: FLVDemuxer): this;
    destroy(): void;
  }
}
