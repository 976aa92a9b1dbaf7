// What a customer's server asks over HTTP, below `/bypass/<bizid>`: live pushes, recordings, screenshots, how its callbacks
// fare. Files are open to whoever knows their names, which nobody can guess; everything else wants the app's bearer secret.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { asRecord, asWhole, parseJson } from '../../../src/wire/json.ts';
import { isStreamCode, RECORD_ALL } from '../../../src/wire/room.ts';
import type { CallbackService } from '../callbacks/callback-service.ts';
import { TestReceiver } from '../callbacks/test-receiver.ts';
import type { Clock } from '../clock.ts';
import { bodyOf } from '../http/body.ts';
import { sendRanged } from '../http/ranged-file.ts';
import { refuse, refuseMethod, sendJson } from '../http/respond.ts';
import { sameText } from '../ingest/publish-keys.ts';
import type { RecordSheet } from '../recording/record-sheet.ts';
import { isTask } from '../recording/record-store.ts';
import type { Recordings, RecordRefusal } from '../recording/recordings.ts';
import { isPictureName } from '../recording/screenshots.ts';
import type { BypassService } from './bypass-service.ts';
import type { LiveApp } from './live-apps.ts';

/** What it works with. */
export interface AppApiParts {
  readonly clock: Clock;
  readonly apps: ReadonlyMap<number, LiveApp>;
  readonly bypass: BypassService;
  readonly callbacks: CallbackService;
  readonly recordings: Recordings;
}

/** A request on its way. */
interface Asked {
  readonly app: LiveApp;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** What follows the name of the resource. */
  readonly rest: readonly string[];
}

type Verb = (asked: Asked) => Promise<void> | void;

/** Path of all this. */
export const BYPASS_PATH = '/bypass/';

const BODY_BYTES_MAX = 4096;
const LIST_MAX = 1000;
/** Names inside a recording's folder: a file, or one in the folder of an HLS part. */
const FILE_NAME = /^\d{1,6}\.(flv|mp4)$/;
const HLS_FOLDER = /^\d{1,6}-hls$/;
const HLS_NAME = /^(index\.m3u8|init\.mp4|\d{6}\.m4s)$/;

/** See above. */
export class AppApi {
  readonly #parts: AppApiParts;
  readonly #receivers: ReadonlyMap<number, TestReceiver>;

  constructor(parts: AppApiParts) {
    this.#parts = parts;
    this.#receivers = new Map(
      [...parts.apps.values()].map(({ bizid, callback }) => [
        bizid,
        new TestReceiver(callback?.key ?? '', parts.clock),
      ]),
    );
  }

  /** Answers a request below `BYPASS_PATH`. */
  async answer(path: string, asked: Pick<Asked, 'request' | 'response' | 'query'>): Promise<void> {
    const { request, response } = asked;
    const [bizid = '', what = '', ...rest] = path.slice(BYPASS_PATH.length).split('/');
    const app = /^\d{1,9}$/.test(bizid) ? this.#parts.apps.get(Number(bizid)) : undefined;
    if (app === undefined) return refuse(response, 'room/no-such-app');
    if (request.method === 'OPTIONS') {
      response.writeHead(204);
      response.end();
      return;
    }
    const isOpen = what === 'files' || what === 'pictures' || (what === 'received' && request.method === 'POST');
    if (!isOpen && !isEntitled(app, request)) return refuse(response, 'key/denied');
    const verbs = this.#verbsOf(what, rest);
    if (verbs === undefined) return refuse(response, 'origin/not-found');
    const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
    const verb = verbs[method];
    if (verb === undefined) return refuseMethod(response, Object.keys(verbs).join(', '));
    await verb({ app, rest, ...asked });
  }

  #verbsOf(what: string, rest: readonly string[]): Readonly<Record<string, Verb>> | undefined {
    const { bypass, callbacks } = this.#parts;
    switch (`${what}/${rest.length}`) {
      case 'channels/0':
        return { GET: ({ app, response }) => sendJson(response, 200, { channels: bypass.channelsOf(app.bizid) }) };
      case 'callbacks/0':
        return { GET: ({ app, response }) => sendJson(response, 200, { callbacks: callbacks.deliveries(app.bizid) }) };
      case 'received/0':
        return {
          GET: ({ app, response }) => sendJson(response, 200, { received: this.#receivers.get(app.bizid)?.received }),
          POST: ({ app, request, response }) => this.#receivers.get(app.bizid)?.handle(request, response),
        };
      case 'recordings/0':
        return { GET: (asked) => this.#listRecordings(asked), POST: (asked) => this.#startRecording(asked) };
      case 'recordings/1':
        return { GET: (asked) => this.#tellRecording(asked), DELETE: (asked) => this.#removeRecording(asked) };
      case 'recordings/2':
        return rest[1] === 'stop' ? { POST: (asked) => this.#stopRecording(asked) } : undefined;
      case 'screenshots/0':
        return { GET: (asked) => this.#listScreenshots(asked), POST: (asked) => this.#takeScreenshot(asked) };
      case 'files/2':
      case 'files/3':
        return { GET: (asked) => this.#sendFile(asked) };
      case 'pictures/1':
        return { GET: (asked) => this.#sendPicture(asked) };
      default:
        return undefined;
    }
  }

  #listRecordings({ app, query, response }: Asked): void {
    const code = query.get('stream');
    const limit = asWhole(Number(query.get('limit') ?? LIST_MAX), 1, LIST_MAX) ?? LIST_MAX;
    const sheets = this.#parts.recordings.list(app.bizid).filter(({ facts }) => code === null || facts.code === code);
    sendJson(response, 200, { recordings: sheets.slice(0, limit).map((sheet) => this.#shownOf(sheet)) });
  }

  #tellRecording({ app, rest: [task = ''], response }: Asked): void {
    const sheet = this.#sheetOf(app, task);
    if (sheet === undefined) return refuse(response, 'record/no-such-task');
    sendJson(response, 200, this.#shownOf(sheet));
  }

  async #startRecording({ app, request, response }: Asked): Promise<void> {
    const fields = asRecord(parseJson((await bodyOf(request, BODY_BYTES_MAX)) ?? ''));
    const formats = asWhole(fields?.formats ?? app.manualFormats, 1, RECORD_ALL);
    const facts = this.#factsOf(app, fields?.stream);
    if (formats === undefined || fields === undefined) return refuse(response, 'room/bad-message');
    if (facts === undefined) return refuse(response, 'room/no-track');
    if ((formats & ~app.manualFormats) !== 0) return refuse(response, 'record/not-offered');
    const ask = { app, facts, formats, how: 'manual', isReported: app.isManualReported } as const;
    const started = this.#parts.recordings.start(ask);
    if ('code' in started) refuseWith(response, started);
    else sendJson(response, 201, started);
  }

  async #stopRecording({ app, rest: [task = ''], response }: Asked): Promise<void> {
    if (this.#sheetOf(app, task) === undefined) return refuse(response, 'record/no-such-task');
    const stopped = await this.#parts.recordings.stop(task);
    if ('code' in stopped) refuseWith(response, stopped);
    else sendJson(response, 200, stopped);
  }

  async #removeRecording({ app, rest: [task = ''], response }: Asked): Promise<void> {
    const isGone = this.#sheetOf(app, task) !== undefined && (await this.#parts.recordings.remove(task));
    if (!isGone) return refuse(response, 'record/no-such-task');
    response.writeHead(204);
    response.end();
  }

  async #listScreenshots({ app, query, response }: Asked): Promise<void> {
    const { recordings } = this.#parts;
    const code = query.get('stream');
    const pictures = (await recordings.shots.list(app.bizid)).filter(
      (picture) => code === null || picture.code === code,
    );
    const screenshots = pictures.slice(-LIST_MAX).map((picture) => ({
      ...picture,
      url: recordings.pictureUrl(app.bizid, picture.name),
    }));
    sendJson(response, 200, { screenshots });
  }

  async #takeScreenshot({ app, request, response }: Asked): Promise<void> {
    const fields = asRecord(parseJson((await bodyOf(request, BODY_BYTES_MAX)) ?? ''));
    const facts = this.#factsOf(app, fields?.stream);
    if (facts === undefined) return refuse(response, 'room/no-track');
    const taken = await this.#parts.recordings.takeScreenshot(app, facts);
    if ('code' in taken) refuseWith(response, taken);
    else sendJson(response, 201, taken);
  }

  async #sendFile({ app, rest, request, response }: Asked): Promise<void> {
    const [task = '', first = '', second] = rest;
    const isName = second === undefined ? FILE_NAME.test(first) : HLS_FOLDER.test(first) && HLS_NAME.test(second);
    if (!isTask(task) || !isName) return refuse(response, 'origin/not-found');
    const dir = this.#parts.recordings.dirOf('recordings');
    await sendRanged(join(dir, String(app.bizid), ...rest), request, response);
  }

  async #sendPicture({ app, rest: [name = ''], request, response }: Asked): Promise<void> {
    if (!isPictureName(name)) return refuse(response, 'origin/not-found');
    const dir = this.#parts.recordings.dirOf('screenshots');
    await sendRanged(join(dir, String(app.bizid), name), request, response);
  }

  #factsOf(app: LiveApp, stream: unknown) {
    const isOwn = typeof stream === 'string' && isStreamCode(stream) && stream.startsWith(`${app.bizid}_`);
    return isOwn ? this.#parts.bypass.factsOf(stream) : undefined;
  }

  #sheetOf(app: LiveApp, task: string): RecordSheet | undefined {
    const sheet = isTask(task) ? this.#parts.recordings.get(task) : undefined;
    return sheet?.bizid === app.bizid ? sheet : undefined;
  }

  #shownOf(sheet: RecordSheet) {
    const { task, facts, formats, how, beganMs, endedMs, state, trouble } = sheet;
    const files = this.#parts.recordings.filesOf(sheet);
    return { task, stream: facts.code, formats, how, beganMs, endedMs, state, trouble, files };
  }
}

const isEntitled = ({ apiSecret }: LiveApp, request: IncomingMessage): boolean =>
  apiSecret === undefined || sameText(/^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '', apiSecret);

const refuseWith = (response: ServerResponse, { code }: RecordRefusal): void => refuse(response, code);
