// Modules that have no TypeScript file: two made by the build, and a prebuilt file of a library.

declare module 'virtual:shoal-wasm' {
  /** The byte core, ready to be compiled. */
  export function wasmBytes(): Uint8Array<ArrayBuffer>;
}

declare module 'virtual:shoal-worker' {
  /** The text of the self-contained worker, ready to be started as a blob. */
  export const workerSource: string;
}

declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer';
  export default SimplePeer;
}
