/**
 * How much later a tag reaches a reader of the origin than a reader of the origin's own source: both read in this process,
 * tag by tag, so that one clock tells.
 */
import { readFileSync } from 'node:fs';
import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { samplePath } from '../../server/src/assets.ts';
import { TagReader } from '../../server/src/flv/tag-reader.ts';
import { FlvLoop } from '../../server/src/sources/flv-loop.ts';

/** A source in real time. */
export interface PacedSource {
  readonly url: string;
  close(): void;
}

const TICK_MS = 5;

/** Plays the sample to everybody who asks, each tag when it is due, the same to all. */
export const startPacedSource = async (): Promise<PacedSource> => {
  const loop = new FlvLoop(readFileSync(samplePath()));
  const open = new Set<ServerResponse>();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'video/x-flv' });
    response.write(loop.preamble);
    open.add(response);
    response.on('close', () => open.delete(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const began = performance.now();
  const timer = setInterval(() => {
    const due = loop.take(performance.now() - began);
    if (due.length > 0) for (const response of open) response.write(due);
  }, TICK_MS);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
    },
  };
};

/** When each frame came, by its kind and time. */
type Arrivals = Map<string, number>;

const readArrivals = (url: string): { readonly arrivals: Arrivals; close(): void } => {
  const arrivals: Arrivals = new Map();
  const reader = new TagReader();
  const request = get(url, (response) => {
    response.on('data', (chunk: Buffer) => {
      const now = performance.now();
      for (const { type, dtsMs, kind } of reader.push(chunk) ?? []) {
        if (kind === 'frame') arrivals.set(`${type} ${dtsMs}`, now);
      }
    });
    // Closing it is an error of the response.
    response.on('error', () => undefined);
  });
  request.on('error', () => undefined);
  return { arrivals, close: () => void request.destroy() };
};

/** Milliseconds by which each frame came later from the origin than from the source; the first seconds are left out. */
export const addedDelays = async (sourceUrl: string, originUrl: string, seconds: number): Promise<number[]> => {
  const direct = readArrivals(sourceUrl);
  const served = readArrivals(originUrl);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // What was kept for newcomers came at once and says nothing.
  const since = performance.now();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  direct.close();
  served.close();
  return [...direct.arrivals].flatMap(([frame, at]) => {
    const later = served.arrivals.get(frame);
    return at < since || later === undefined ? [] : [later - at];
  });
};
