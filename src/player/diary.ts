/**
 * What a player writes on its log, and the secrets it knows and the log must not show.
 */
import type { ShoalError } from '../errors.ts';
import { createLog, type Log, type LogLevel } from '../log/log.ts';
import { reportError } from './events.ts';
import type { ParsedOptions } from './options.ts';

/** The diary of one player. */
export interface Diary {
  readonly log: Log;
  say(line: string): void;
  failed(error: ShoalError): void;
  /** The values of this query are secrets from now on. */
  keepQuery(query: string): void;
  /** Nothing is told to the page's `debug` any more; the log stays readable. */
  close(): void;
}

/** A shorter value may be an ordinary word; in an address the log hides it all the same. */
const SECRET_VALUE_MIN = 8;

type DiaryOptions = Pick<ParsedOptions, 'log' | 'debug' | 'credentials' | 'codes' | 'place'>;

/** Opens the diary of a player on its own log or on the one it was given. */
export const openDiary = ({ log: given, debug, credentials, codes, place }: DiaryOptions): Diary => {
  const log = given ?? createLog();
  // A log that is shared tells of others too.
  const from = given === undefined ? 'player' : `player ${place.path}`;
  const writer = log.writer(from);
  let hears = debug;
  const tell = (level: LogLevel, line: string): void => {
    writer[level](line);
    // A page's own function that throws is the page's affair.
    if (hears !== undefined) callBack(hears, log.clean(line));
  };
  const keepQuery = (query: string): void => {
    for (const value of new URLSearchParams(query).values()) {
      if (value.length >= SECRET_VALUE_MIN) log.keepSecret(value);
    }
  };
  keepQuery(credentials);
  if (codes?.kind === 'given') {
    log.keepSecret(codes.code);
    log.keepSecret(codes.key);
  }
  return {
    log,
    say: (line) => tell('info', line),
    failed: (error) => tell(error.severity === 'fatal' ? 'error' : 'warn', `${error.code}: ${error.message}`),
    keepQuery,
    close() {
      hears = undefined;
    },
  };
};

const callBack = (hears: (line: string) => void, line: string): void => {
  try {
    hears(line);
  } catch (error) {
    reportError(error);
  }
};
