// What a reader of FLV saw; see flv-count.js.

export interface FlvCount {
  bytes: number;
  buffers: number;
  headers: number;
  /** Keyframes, samples in all, and the newest timestamp. */
  keyframes: number;
  samples: number;
  newestMs: number;
  /** Timestamps that went back by more than tracks interleave. */
  backwards: number;
  /** Whether the first picture is one. */
  firstIsKeyframe: boolean | undefined;
}

declare global {
  function newFlvCount(): FlvCount;
  function countFlv(data: ArrayBuffer, count: FlvCount): void;
}
