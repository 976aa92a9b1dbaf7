// Modules that have no TypeScript file: four made by the build, and a prebuilt file of a library.

declare module 'virtual:shoal-wasm' {
  /** The byte core, ready to be compiled. */
  export function wasmBytes(): Uint8Array<ArrayBuffer>;
}

declare module 'virtual:shoal-worker' {
  /** The text of the self-contained worker, ready to be started as a blob. */
  export const workerSource: string;
}

declare module 'virtual:shoal-writer-wasm' {
  /** The FLV writer of publishers, ready to be compiled. */
  export function wasmBytes(): Uint8Array<ArrayBuffer>;
}

declare module 'virtual:shoal-publisher-worker' {
  /** The text of the self-contained worker of publishers. */
  export const workerSource: string;
}

declare module 'virtual:shoal-recorder' {
  /** The text of the recorder's part in the audio thread. */
  export const workletSource: string;
}

declare module 'virtual:shoal-file' {
  /** The text of the worker that writes files. */
  export const fileWorkerSource: string;
}

declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer';
  export default SimplePeer;
}
