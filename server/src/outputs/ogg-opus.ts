// Opus packets as an Ogg stream, one packet a page, which is the form in which ffmpeg reads Opus from a pipe.

const CAPTURE = Buffer.from('OggS');
const FIRST = 2;
const RATE = 48_000;
const SERIAL = 0x53484f41;
/** Samples of a frame at 48 kHz, by the configuration in the first five bits of a packet. */
const SILK = [480, 960, 1920, 2880];
const HYBRID = [480, 960];
const CELT = [120, 240, 480, 960];
const PACKET_BYTES_MAX = 255 * 255 - 1;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80000000) !== 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

const checksum = (page: Buffer): number => {
  let crc = 0;
  for (const byte of page) crc = ((crc << 8) ^ (CRC[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
};

/** Samples (48 kHz) that a packet holds; 0 for one that is none. */
export const opusSamples = (packet: Uint8Array): number => {
  const first = packet[0];
  if (first === undefined) return 0;
  const config = first >> 3;
  const table = config < 12 ? SILK : config < 16 ? HYBRID : CELT;
  const samples = table[config & (table.length - 1)] ?? 0;
  const code = first & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  return samples * frames;
};

/** An identification header for two channels at 48 kHz, for publishers that send none. */
const usualHeader = (): Buffer => {
  const header = Buffer.alloc(19);
  header.write('OpusHead', 'latin1');
  header.writeUInt8(1, 8);
  header.writeUInt8(2, 9);
  header.writeUInt32LE(RATE, 12);
  return header;
};

/** Makes the pages. */
export class OggOpus {
  #sequence = 0;
  #granule = 0;
  #firstMs: number | undefined;

  /** The pages before all packets. */
  begin(head: Uint8Array | undefined): Buffer {
    const isHead = head !== undefined && Buffer.from(head.subarray(0, 8)).toString('latin1') === 'OpusHead';
    const comment = Buffer.concat([
      Buffer.from('OpusTags'),
      Buffer.from([5, 0, 0, 0]),
      Buffer.from('shoal'),
      Buffer.alloc(4),
    ]);
    return Buffer.concat([this.#page(isHead ? head : usualHeader(), FIRST, 0), this.#page(comment, 0, 0)]);
  }

  /** One packet with its time; where time was left out, its page says so. */
  packet(packet: Uint8Array, atMs: number): Buffer {
    const samples = opusSamples(packet);
    if (samples === 0 || packet.length > PACKET_BYTES_MAX) return Buffer.alloc(0);
    this.#firstMs ??= atMs;
    const due = Math.round(((atMs - this.#firstMs) * RATE) / 1000);
    // FLV counts whole milliseconds: only more than a packet missing is a gap.
    if (due - this.#granule > Math.max(samples, RATE / 20)) this.#granule = due;
    this.#granule += samples;
    return this.#page(packet, 0, this.#granule);
  }

  #page(body: Uint8Array, flags: number, granule: number): Buffer {
    const segments = Math.floor(body.length / 255) + 1;
    const page = Buffer.alloc(27 + segments + body.length);
    CAPTURE.copy(page);
    page.writeUInt8(flags, 5);
    page.writeBigUInt64LE(BigInt(granule), 6);
    page.writeUInt32LE(SERIAL, 14);
    page.writeUInt32LE(this.#sequence++, 18);
    page.writeUInt8(segments, 26);
    page.fill(255, 27, 27 + segments - 1);
    page.writeUInt8(body.length % 255, 27 + segments - 1);
    page.set(body, 27 + segments);
    page.writeUInt32LE(checksum(page), 22);
    return page;
  }
}
