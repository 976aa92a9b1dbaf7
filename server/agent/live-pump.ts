// Moves live tags to one viewer as fast as it takes them. What waits is bounded: a viewer that is too far behind loses
// what waits and goes on at the next keyframe, which it is told by a fresh file header.

import type { Exchange } from '../../src/carrier/exchange.ts';
import type { LiveFeed, LiveViewer } from './live-feed.ts';

const WAITING_BYTES_MAX = 2 * 1024 * 1024;
/** Tags are gathered into writes of about this size: a message for every audio tag would cost more than it carries. */
const WRITE_BYTES = 16_000;

/** Carries a feed to an exchange until either ends. */
export const pumpLive = async (feed: LiveFeed, exchange: Exchange): Promise<void> => {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let state: 'live' | 'ended' | 'failed' = 'live';
  let wake: () => void = () => undefined;
  const viewer: LiveViewer = {
    tags(flv) {
      waiting.push(flv);
      waitingBytes += flv.length;
      if (waitingBytes > WAITING_BYTES_MAX) {
        waiting = [];
        waitingBytes = 0;
        feed.skip(viewer);
      }
      wake();
    },
    ended(why) {
      state = why;
      wake();
    },
  };
  const leave = feed.join(viewer);
  const gone = exchange.over.then(
    () => 'gone' as const,
    () => 'gone' as const,
  );
  try {
    for (;;) {
      if (waiting.length === 0) {
        if (state !== 'live') break;
        const happened = await Promise.race([new Promise<'woken'>((resolve) => (wake = () => resolve('woken'))), gone]);
        if (happened === 'gone') return;
        continue;
      }
      let count = 0;
      let bytes = 0;
      while (count < waiting.length && bytes < WRITE_BYTES) bytes += waiting[count++]?.length ?? 0;
      const batch = Buffer.concat(waiting.splice(0, count));
      waitingBytes -= batch.length;
      await exchange.write(batch);
    }
    if (state === 'ended') exchange.end();
    else exchange.cancel();
  } finally {
    leave();
  }
};
