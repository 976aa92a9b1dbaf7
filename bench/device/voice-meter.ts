/**
 * The device's voice program in `bench device`: notes how old each frame is when it comes out, one line each.
 */
import { appendFileSync } from 'node:fs';

const FRAME_BYTES = 640;
const file = process.argv[2] ?? '';
let waiting = Buffer.alloc(0);

process.stdin.on('data', (chunk: Buffer) => {
  const now = performance.timeOrigin + performance.now();
  waiting = Buffer.concat([waiting, chunk]);
  for (; waiting.length >= FRAME_BYTES; waiting = waiting.subarray(FRAME_BYTES))
    appendFileSync(file, `${now - waiting.readDoubleBE(0)}\n`);
});
