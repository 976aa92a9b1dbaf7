// What a page of bytes does: opens a stream when told to and reads what comes, each FLV by itself.

/** @type {import('./flv-count.d.ts').FlvCount[]} */
const files = [];

globalThis.data = {
  files,
  stream: undefined,
  play(options) {
    globalThis.data.stream = globalThis.Shoal.createStream({
      ...options,
      onData(flv, begins) {
        if (begins) files.push(globalThis.newFlvCount());
        const file = files.at(-1);
        if (file === undefined) throw new Error('bytes before the beginning');
        globalThis.countFlv(flv, file);
      },
    });
  },
};
