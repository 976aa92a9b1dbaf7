// The file beside which publish.js is served: the built door.

export * from '../../src/publisher/index.ts';
