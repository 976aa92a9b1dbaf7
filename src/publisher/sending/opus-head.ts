/** The identification header of RFC 7845, for browsers that give none: one or two channels, no gain. */
export const opusHead = (channels: number, sampleRate: number): Uint8Array => {
  const head = new Uint8Array(19);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  head[8] = 1;
  head[9] = channels;
  view.setUint16(10, PRE_SKIP, true);
  view.setUint32(12, sampleRate, true);
  return head;
};

const MAGIC = Uint8Array.from('OpusHead', (letter) => letter.charCodeAt(0));
/** Samples of 48 kHz an encoder needs to settle: what libopus does. */
const PRE_SKIP = 312;
