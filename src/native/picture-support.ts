/**
 * Whether this browser can decode pictures, told from the decoder configuration of an FLV stream.
 */

const AVC = 7;
const HEVC = 12;

/** The codec's name as browsers want it; undefined where nothing can be said. */
export const codecOf = (config: Uint8Array): string | undefined => {
  const first = config[0] ?? 0;
  const isEnhanced = (first & 0x80) !== 0;
  const name = isEnhanced
    ? String.fromCharCode(...config.subarray(1, 5))
    : { [AVC]: 'avc1', [HEVC]: 'hvc1' }[first & 15];
  const box = config.subarray(5);
  switch (name) {
    case 'avc1':
      return box.length < 4 ? undefined : `avc1.${[...box.subarray(1, 4)].map(hexOf).join('')}`;
    case 'hvc1':
      return box.length < 13 ? undefined : `hvc1.${(box[1] ?? 0) & 31}.6.L${box[12] ?? 93}.B0`;
    case 'av01':
      return 'av01.0.04M.08';
    case 'vp09':
      return 'vp09.00.10.08';
    default:
      return undefined;
  }
};

/** Whether the browser's MediaSource takes it. What cannot be named is left to the player. */
export const canDecode = (config: Uint8Array | undefined): boolean => {
  const codec = config === undefined ? undefined : codecOf(config);
  if (codec === undefined || typeof MediaSource === 'undefined') return true;
  return MediaSource.isTypeSupported(`video/mp4; codecs="${codec}"`);
};

const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');
