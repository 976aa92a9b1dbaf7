// Reads FLV as it comes and counts what is in it.

const newFlvCount = () => ({
  bytes: 0,
  buffers: 0,
  headers: 0,
  keyframes: 0,
  samples: 0,
  newestMs: 0,
  backwards: 0,
  firstIsKeyframe: /** @type {boolean | undefined} */ (undefined),
});

/**
 * Adds a buffer of whole tags; throws at anything else.
 * @param {ArrayBuffer} data
 * @param {import('./flv-count.d.ts').FlvCount} count
 */
function countFlv(data, count) {
  const view = new DataView(data);
  count.buffers += 1;
  count.bytes += data.byteLength;
  let at = 0;
  if (data.byteLength >= 13 && view.getUint32(0) >>> 8 === 0x464c56) {
    count.headers += 1;
    at = 13;
  }
  while (at < data.byteLength) {
    const type = view.getUint8(at);
    const size = view.getUint32(at) & 0xff_ffff;
    const time = ((view.getUint8(at + 7) << 24) | (view.getUint32(at + 4) >>> 8)) >>> 0;
    if (type !== 8 && type !== 9 && type !== 18) throw new Error(`a tag of type ${type}`);
    const isConfig = view.getUint8(at + 12) === 0;
    if (type !== 18 && !isConfig) {
      count.samples += 1;
      const isKeyframe = type === 9 && view.getUint8(at + 11) >> 4 === 1;
      if (isKeyframe) count.keyframes += 1;
      if (type === 9) count.firstIsKeyframe ??= isKeyframe;
      if (time < count.newestMs - 200) count.backwards += 1;
      count.newestMs = Math.max(count.newestMs, time);
    }
    at += 11 + size + 4;
  }
  if (at !== data.byteLength) throw new Error('a tag without its end');
}

Object.assign(globalThis, { newFlvCount, countFlv });
