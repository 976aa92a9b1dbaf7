// The tags of a recorded FLV file one after the other, from a moment on, without holding the file in memory.

import { createReadStream } from 'node:fs';
import type { ByteCore, ScannedTag } from '../../wasm/abi.ts';

/** One tag with its bytes. */
export interface RecordedTag {
  readonly tag: ScannedTag;
  readonly bytes: Uint8Array;
}

const READ_BYTES = 256 * 1024;

/** Tags in file order: headers and metadata always, frames from the last keyframe at or before `fromMs` on. */
export async function* recordedTags(core: ByteCore, path: string, fromMs: number): AsyncGenerator<RecordedTag> {
  const scanner = core.createScanner();
  let group: RecordedTag[] = [];
  let state: 'looking' | 'playing' = fromMs <= 0 ? 'playing' : 'looking';
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      scanner.push(chunk as Buffer);
      const run = scanner.run();
      let offset = 0;
      for (let tag = scanner.next(); tag !== undefined; tag = scanner.next()) {
        const bytes = run?.slice(offset, offset + tag.length) ?? new Uint8Array(0);
        offset += tag.length;
        const one = { tag, bytes };
        if (state === 'playing' || tag.codecHeader || tag.type === 'script') {
          yield one;
          continue;
        }
        if (tag.dtsMs > fromMs) {
          state = 'playing';
          yield* group;
          group = [];
          yield one;
        } else {
          if (tag.type === 'video' && tag.keyframe) group = [];
          group.push(one);
        }
      }
    }
    // A moment after the last frame shows the last group.
    yield* group;
  } finally {
    scanner.free();
  }
}
