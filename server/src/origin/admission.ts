// Whether a viewer is let in: by the operator's hook, by the upstream itself (HEAD with the viewer's query), or always.
// Answers are remembered for a moment, so that a reload does not ask twice; no answer means no.

import { type get as httpGet, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../clock.ts';
import type { ServerConfig } from '../options.ts';
import { type SourceTable, upstreamUrl } from '../sources/source-table.ts';

/** Who asks for what. */
export interface AdmissionQuestion {
  /** The stream's path. */
  readonly path: string;
  /** The query of the viewer's stream URL, without our own names. */
  readonly credentials: string;
  /** Address of the viewer. */
  readonly ip: string;
  /** The origin of the page that asks, as browsers say it. */
  readonly page?: string | undefined;
  readonly action: 'play' | 'join' | 'publish';
}

/** Lets a viewer in or not. */
export type Admit = (question: AdmissionQuestion) => Promise<boolean>;

const REMEMBER_MS = 10_000;
const REMEMBERED_MAX = 10_000;
const ANSWER_MS = 3000;

/** The admission of a configuration. */
export const makeAdmission = (config: ServerConfig, sources: SourceTable, clock: Clock): Admit => {
  const { hook } = config;
  if (hook !== undefined) {
    const url = new URL(hook);
    return remembering((question) => statusOf(url, 'POST', JSON.stringify(question)), clock);
  }
  if (!config.admitBySource) return async () => true;
  return remembering(({ path, credentials }) => askSource(sources, path, credentials), clock);
};

const askSource = async (sources: SourceTable, path: string, credentials: string): Promise<number> => {
  const url = upstreamUrl(sources, path);
  if (url === undefined || url.protocol === 'rtmp:') return 200;
  url.search = credentials;
  return statusOf(url, 'HEAD', undefined);
};

/** The status of an answer; 0 when there is none. */
const statusOf = (url: URL, method: 'POST' | 'HEAD', body: string | undefined): Promise<number> =>
  new Promise((resolve) => {
    const ask: typeof httpGet = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers =
      body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = ask(url, { method, agent: false, timeout: ANSWER_MS, headers }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(0));
    asked.end(body);
  });

const remembering = (ask: (question: AdmissionQuestion) => Promise<number>, clock: Clock): Admit => {
  const known = new Map<string, { readonly until: number; readonly answer: Promise<boolean> }>();
  return (question) => {
    const { path, credentials, ip, page, action } = question;
    const key = JSON.stringify([path, credentials, ip, page, action]);
    const now = clock.now();
    const kept = known.get(key);
    if (kept !== undefined && kept.until > now) return kept.answer;
    const answer = ask(question).then((status) => status >= 200 && status < 300);
    known.delete(key);
    known.set(key, { until: now + REMEMBER_MS, answer });
    const oldest = known.keys().next().value;
    if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
    return answer;
  };
};
