/**
 * Stands between viewers and the tracker and rewrites the signals they exchange, so that neither the SDK nor the server
 * knows of the impairment.
 */
import type { AddressInfo } from 'node:net';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { SignalPaths } from './signal-paths.ts';

/** A viewer as it joins: in which order, and with what query. */
export interface Joining {
  readonly index: number;
  readonly credentials: string;
}

/** What the proxy needs to know. */
export interface TrackerProxyOptions {
  /** The real tracker. */
  readonly tracker: string;
  readonly paths: SignalPaths;
  /** Bytes a second a viewer can send to others; 0 for no limit. */
  uplinkOf(joining: Joining): number;
}

/** A running proxy. */
export interface TrackerProxy {
  readonly port: number;
  close(): void;
}

interface Message {
  readonly kind?: string;
  readonly viewer?: string;
  readonly credentials?: string;
  readonly to?: string;
  readonly dial?: number;
  readonly data?: string;
}

/** Starts a proxy on loopback. */
export const startTrackerProxy = async (options: TrackerProxyOptions): Promise<TrackerProxy> => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let joined = 0;
  server.on('connection', (viewer, request) => {
    const upstream = new WebSocket(`${options.tracker}${(request.url ?? '').replace(/^[^?]*/, '')}`, {
      headers: request.headers.origin === undefined ? {} : { origin: request.headers.origin },
    });
    relay(viewer, upstream, { ...options, nextIndex: () => joined++ });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('listening', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
};

interface RelayOptions extends TrackerProxyOptions {
  nextIndex(): number;
}

const relay = (viewer: WebSocket, upstream: WebSocket, { paths, uplinkOf, nextIndex }: RelayOptions): void => {
  let name: string | undefined;
  let credentials = '';
  const early: string[] = [];
  const say = (text: string): void => {
    if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
    else early.push(text);
  };
  upstream.on('open', () => {
    for (const text of early.splice(0)) upstream.send(text);
  });
  viewer.on('message', (data) => {
    const text = textOf(data);
    const message = JSON.parse(text) as Message;
    if (message.kind === 'join') credentials = message.credentials ?? '';
    say(message.kind === 'signal' && name !== undefined ? rewritten(message, name, paths) : text);
  });
  const hear = async (text: string): Promise<void> => {
    const message = JSON.parse(text) as Message;
    if (message.kind === 'joined' && message.viewer !== undefined) {
      name = message.viewer;
      await paths.join(name, uplinkOf({ index: nextIndex(), credentials }));
    }
    if (viewer.readyState === WebSocket.OPEN) viewer.send(text);
  };
  // One after the other: what follows `joined` must not overtake it.
  let heard = Promise.resolve();
  upstream.on('message', (data) => {
    heard = heard.then(() => hear(textOf(data)));
  });
  viewer.on('close', (code) => {
    if (name !== undefined) paths.leave(name);
    end(upstream, code);
  });
  upstream.on('close', (code, reason) => end(viewer, code, reason));
  upstream.on('error', () => viewer.terminate());
  viewer.on('error', () => upstream.terminate());
};

const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data : Buffer.concat(data as Buffer[])).toString();

const rewritten = (message: Message, from: string, paths: SignalPaths): string => {
  const { to = '', dial = 0, data = '' } = message;
  return JSON.stringify({ ...message, data: paths.rewrite({ from, to, dial }, data) });
};

/** Codes between 1001 and 2999 may not be sent, except 1000. */
const end = (socket: WebSocket, code: number, reason?: Buffer): void => {
  if (code === 1000 || code >= 3000) socket.close(code, reason);
  else socket.terminate();
};
