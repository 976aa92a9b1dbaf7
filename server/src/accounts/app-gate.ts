// Who may pass because of an app: tokens, streams, the hosts they come from, and pages.

import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { AdmissionQuestion, Admit } from '../origin/admission.ts';
import { isGood, isSignedWith, readToken, tokenIn, withoutToken } from './app-tokens.ts';
import type { App } from './apps.ts';
import { hostIsIn, pageIsIn, pathIsIn } from './rules.ts';
import { isSigned, SIGNED_WITHIN_S, type SignedText } from './signed-requests.ts';

/** Under whom a viewer is counted. */
export interface Payer {
  /** The app, or `-` where the server has none. */
  readonly app: string;
  /** The viewer of its token; undefined where there are no tokens. */
  readonly viewer: string | undefined;
}

/** Why a signed request is refused: it says nonsense, or it says something that is not so. */
export type Objection = 'malformed' | 'refused';

/** Counted for nobody. */
export const NOBODY: Payer = { app: '-', viewer: undefined };

const sameText = (given: string, wanted: string): boolean => {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
};

/** See above. */
export class AppGate {
  readonly #apps: ReadonlyMap<string, App>;
  readonly #clock: Clock;
  readonly #hostOf: (path: string) => string | undefined;

  /** @param hostOf the host a path's stream is pulled from; undefined for streams that are not pulled. */
  constructor(apps: readonly App[], clock: Clock, hostOf: (path: string) => string | undefined) {
    this.#apps = new Map(apps.map((app) => [app.id, app]));
    this.#clock = clock;
    this.#hostOf = hostOf;
  }

  app(id: string): App | undefined {
    return this.#apps.get(id);
  }

  /** Admission by token first, and by what stood here before with the rest of the query. */
  before(admit: Admit): Admit {
    return async (question) =>
      this.#lets(question) && admit({ ...question, credentials: withoutToken(question.credentials) });
  }

  /** Under whom a viewer is counted: by a token that need not be good any more, but must not be made up. */
  payerOf(credentials: string): Payer {
    const text = tokenIn(credentials) ?? '';
    const token = readToken(text);
    const app = this.#apps.get(token?.appId ?? '');
    if (token === undefined || app === undefined || !isSignedWith(text, app.secret)) return NOBODY;
    return { app: app.id, viewer: token.viewerId };
  }

  /** Whose request it is, if it is signed by an app, with its key, just now. */
  signer(text: SignedText, signature: string): App | Objection {
    const app = this.#apps.get(text.appId);
    if (Math.abs(this.#clock.wall() / 1000 - text.t) > SIGNED_WITHIN_S) return 'malformed';
    if (app === undefined || !sameText(text.appKey, app.key)) return 'refused';
    return isSigned(app.secret, text, signature) ? app : 'refused';
  }

  /** Browsers say from which page a request comes; whoever is none can say anything, and says nothing mostly. */
  allowsPage(app: App, page: string | undefined): boolean {
    return page === undefined || app.pages === undefined || pageIsIn(page, app.pages);
  }

  #lets({ path, credentials, page }: AdmissionQuestion): boolean {
    const text = tokenIn(credentials);
    const token = text === undefined ? undefined : readToken(text);
    const app = this.#apps.get(token?.appId ?? '');
    if (text === undefined || token === undefined || app === undefined) return false;
    if (!isGood(text, app.secret, this.#clock.wall())) return false;
    if (token.stream !== undefined && !pathIsIn(path, [token.stream])) return false;
    return this.allowsPage(app, page) && this.#mayWatch(app, path);
  }

  #mayWatch(app: App, path: string): boolean {
    if (app.streams !== undefined && !pathIsIn(path, app.streams)) return false;
    if (app.domains === undefined) return true;
    const host = this.#hostOf(path);
    // What is not pulled from anywhere has no host to judge: the app must name its path.
    return host === undefined ? app.streams !== undefined : hostIsIn(host, app.domains);
  }
}
