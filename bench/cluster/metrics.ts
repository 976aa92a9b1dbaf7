/**
 * What a server process says of itself, read from its `/metrics`.
 */

import { setTimeout as sleep } from 'node:timers/promises';

/** Counters of one process. */
export interface ProcessCounts {
  /** Bytes to viewers in any form; what other processes relay is not among them. */
  readonly originBytes: number;
  readonly trackerViewers: number;
}

const TO_VIEWERS = ['pieces-ws', 'pieces-http', 'piece', 'head'];

const sumOf = (text: string, name: string, wanted: (labels: string) => boolean): number => {
  let sum = 0;
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${name}(\\{[^}]*\\})? (\\S+)$`, 'gm'))) {
    if (wanted(labels)) sum += Number(value);
  }
  return sum;
};

/** Asks a process. */
export const countsOf = async (url: string): Promise<ProcessCounts> => {
  const answer = await fetch(`${url}/metrics`);
  const text = await answer.text();
  return {
    originBytes: sumOf(text, 'shoal_egress_bytes_total', (labels) =>
      TO_VIEWERS.some((form) => labels.includes(`form="${form}"`)),
    ),
    trackerViewers: sumOf(text, 'shoal_tracker_viewers', () => true),
  };
};

/** Asks several, and adds up. */
export const sumOfAll = async (urls: readonly string[]): Promise<ProcessCounts> => {
  const all = await Promise.all(urls.map(countsOf));
  return {
    originBytes: all.reduce((sum, { originBytes }) => sum + originBytes, 0),
    trackerViewers: all.reduce((sum, { trackerViewers }) => sum + trackerViewers, 0),
  };
};

/** Waits until a process has its store again. */
export const storeReady = async (url: string): Promise<void> => {
  for (;;) {
    const text = await (await fetch(`${url}/metrics`)).text();
    if (/^shoal_cluster_store_ready 1$/m.test(text)) return;
    await sleep(100);
  }
};
