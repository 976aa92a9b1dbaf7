/**
 * The Service Worker behind the virtual URL: hands every virtual request to the page named in it and the page's answer
 * to whoever asked. It keeps no state, so being stopped while idle costs it nothing. Registered on its own it takes
 * control at once; a site with a Service Worker of its own pulls it in with `importScripts`.
 */
import {
  ANSWER_WITHIN_MS,
  type PageAnswer,
  type PageRequest,
  PIPE_VERSION,
  type ReaderSaid,
  readVirtual,
  type WorkerQuestion,
  type WorkerSelf,
} from '../src/virtual/pipe-messages.ts';

declare const self: ServiceWorkerGlobalScope;

const INSTANCE = crypto.randomUUID();
/** Bytes the browser may hold before it stops pulling. */
const AHEAD_BYTES = 256 * 1024;
const NO_STORE = { 'cache-control': 'no-store' };

/** Pulled into another Service Worker, taking over is that one's business. */
const isAlone = self.location.pathname.endsWith('/shoal-sw.js');

self.addEventListener('install', () => {
  if (isAlone) void self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  if (isAlone) event.waitUntil(self.clients.claim());
});

self.addEventListener('message', (event) => {
  const { shoal } = (event.data ?? {}) as Partial<WorkerQuestion>;
  const [port] = event.ports;
  if (port === undefined || (shoal !== 'hello' && shoal !== 'alive')) return;
  const client = event.source instanceof Client ? event.source.id : '';
  const answer = (): void =>
    port.postMessage({ client, instance: INSTANCE, version: PIPE_VERSION } satisfies WorkerSelf);
  // A page loaded past its Service Worker (first visit, forced reload) comes under control only when asked for.
  event.waitUntil(shoal === 'hello' ? self.clients.claim().then(answer, answer) : Promise.resolve(answer()));
});

self.addEventListener('fetch', (event) => {
  const asked = readVirtual(event.request.url, self.registration.scope);
  // A stream is nothing to go to, and a redirect from here would take a person along.
  if (asked === undefined || event.request.mode === 'navigate') return;
  const { client, ...named } = asked;
  event.respondWith(relay(client, { shoal: 'request', instance: INSTANCE, method: event.request.method, ...named }));
});

const refuse = (status: number, reason: string): Response =>
  new Response(JSON.stringify({ error: reason }), {
    status,
    headers: { 'content-type': 'application/json', ...NO_STORE },
  });

const relay = async (id: string, request: PageRequest): Promise<Response> => {
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'GET and HEAD only');
  const client = await self.clients.get(id);
  if (client === undefined) return refuse(410, 'the page behind this address is gone');
  const { port1, port2 } = new MessageChannel();
  const response = responseOver(port1, request.method === 'HEAD');
  client.postMessage(request, [port2]);
  return response;
};

/** Resolves with the page's answer, or with what it means that none came. */
const responseOver = (port: MessagePort, headOnly: boolean): Promise<Response> =>
  new Promise((resolve) => {
    const tell = (said: ReaderSaid): void => port.postMessage(said);
    const timer = setTimeout(() => {
      tell({ kind: 'cancel' });
      port.close();
      resolve(refuse(504, 'the page behind this address does not answer'));
    }, ANSWER_WITHIN_MS);
    port.onmessage = ({ data }: MessageEvent<PageAnswer>) => {
      clearTimeout(timer);
      if (data.kind === 'stream' && !headOnly) resolve(streamOver(port, data.type));
      else {
        tell({ kind: 'cancel' });
        port.close();
        resolve(shortAnswer(data, headOnly));
      }
    };
  });

const shortAnswer = (answer: PageAnswer, headOnly: boolean): Response => {
  switch (answer.kind) {
    case 'redirect':
      return Response.redirect(answer.to, 302);
    case 'whole':
      return new Response(headOnly ? null : answer.body, {
        status: answer.status,
        headers: { 'content-type': answer.type, ...NO_STORE },
      });
    case 'stream':
      return new Response(null, { headers: { 'content-type': answer.type, ...NO_STORE } });
    case 'bytes':
    case 'end':
      return refuse(502, 'the page behind this address answered out of turn');
  }
};

const streamOver = (port: MessagePort, type: string): Response => {
  const tell = (said: ReaderSaid): void => port.postMessage(said);
  let arrived: (() => void) | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        port.onmessage = ({ data }: MessageEvent<PageAnswer>) => {
          if (data.kind === 'bytes') controller.enqueue(new Uint8Array(data.bytes));
          else {
            port.close();
            controller.close();
          }
          arrived?.();
        };
      },
      // One pull, one delivery: what the reader does not take stays with the page, which knows what may be dropped.
      pull() {
        tell({ kind: 'pull' });
        return new Promise<void>((resolve) => {
          arrived = resolve;
        });
      },
      cancel() {
        tell({ kind: 'cancel' });
        port.close();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: AHEAD_BYTES }),
  );
  return new Response(body, { headers: { 'content-type': type, ...NO_STORE } });
};
