/**
 * A log that keeps its last entries, tells subscribers of new ones and holds no secrets. Nothing is written anywhere
 * else: who wants a console or a file subscribes.
 */
import { Redaction } from './redaction.ts';

/** From the most to the least important. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** How important an entry is. */
export type LogLevel = (typeof logLevels)[number];

/** One entry, already without secrets. */
export interface LogEntry {
  /** Counts up from 1 over everything of this log. */
  readonly number: number;
  /** Unix time. */
  readonly wallMs: number;
  readonly level: LogLevel;
  /** Who wrote it, such as `player` or `plugin camera-7`. */
  readonly from: string;
  readonly text: string;
}

/** How a log is made. */
export interface LogOptions {
  /** The least important level that is kept and told; default `info`. `off` keeps nothing. */
  readonly level?: LogLevel | 'off';
  /** Most entries that are kept; default 500. */
  readonly keep?: number;
  /** Wall clock, Unix ms. */
  readonly wallMs?: () => number;
}

/** Writes on a log under one name. */
export interface LogWriter {
  error(text: string): void;
  warn(text: string): void;
  info(text: string): void;
  debug(text: string): void;
}

/** A log that can be shared by players, streams and surfaces of a page. */
export interface Log {
  level: LogLevel | 'off';
  /** A writer under a name. */
  writer(from: string): LogWriter;
  /** The last entries, oldest first. */
  entries(): readonly LogEntry[];
  /** The last entries as text, one line each: what a person sends to whoever helps. */
  text(): string;
  /** Hears new entries down to a level (default: all that are kept); returns how to stop. A listener that throws harms nobody. */
  subscribe(listener: (entry: LogEntry) => void, level?: LogLevel): () => void;
  /** From now on this text appears nowhere in the log. */
  keepSecret(secret: string | undefined): void;
  /** The text without secrets, as the log would show it. */
  clean(text: string): string;
  /** Forgets all entries. */
  clear(): void;
}

const KEPT = 500;
const TEXT_CHARACTERS_MAX = 2000;

/** Makes a log. */
export const createLog = (options: LogOptions = {}): Log => new RingLog(options);

/** One entry as a line. */
export const formatEntry = ({ wallMs, level, from, text }: LogEntry): string =>
  `${new Date(wallMs).toISOString()} ${level.toUpperCase().padEnd(5)} [${from}] ${text}`;

class RingLog implements Log {
  level: LogLevel | 'off';
  readonly #keep: number;
  readonly #wallMs: () => number;
  readonly #redaction = new Redaction();
  readonly #ring: LogEntry[] = [];
  /** Where the oldest entry stands once the ring is full. */
  #oldest = 0;
  #written = 0;
  readonly #subscribers = new Set<(entry: LogEntry) => void>();

  constructor({ level = 'info', keep = KEPT, wallMs = Date.now }: LogOptions) {
    this.level = level;
    this.#keep = Math.max(1, keep);
    this.#wallMs = wallMs;
  }

  writer(from: string): LogWriter {
    return {
      error: (text) => this.#write('error', from, text),
      warn: (text) => this.#write('warn', from, text),
      info: (text) => this.#write('info', from, text),
      debug: (text) => this.#write('debug', from, text),
    };
  }

  entries(): readonly LogEntry[] {
    return [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
  }

  text(): string {
    return this.entries().map(formatEntry).join('\n');
  }

  subscribe(listener: (entry: LogEntry) => void, level: LogLevel = 'debug'): () => void {
    const hear = (entry: LogEntry): void => {
      if (isAtLeast(entry.level, level)) listener(entry);
    };
    this.#subscribers.add(hear);
    return () => void this.#subscribers.delete(hear);
  }

  keepSecret(secret: string | undefined): void {
    this.#redaction.keep(secret);
  }

  clean(text: string): string {
    const clean = this.#redaction.apply(text);
    return clean.length > TEXT_CHARACTERS_MAX ? `${clean.slice(0, TEXT_CHARACTERS_MAX)}...` : clean;
  }

  clear(): void {
    this.#ring.length = 0;
    this.#oldest = 0;
  }

  #write(level: LogLevel, from: string, text: string): void {
    if (this.level === 'off' || !isAtLeast(level, this.level)) return;
    this.#written += 1;
    const entry = { number: this.#written, wallMs: this.#wallMs(), level, from, text: this.clean(text) };
    this.#store(entry);
    for (const hear of [...this.#subscribers]) {
      try {
        hear(entry);
      } catch (error) {
        // Reported like an error nobody caught, but after everybody was told.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }

  #store(entry: LogEntry): void {
    if (this.#ring.length < this.#keep) {
      this.#ring.push(entry);
      return;
    }
    this.#ring[this.#oldest] = entry;
    this.#oldest = (this.#oldest + 1) % this.#keep;
  }
}

const isAtLeast = (level: LogLevel, least: LogLevel): boolean => logLevels.indexOf(level) <= logLevels.indexOf(least);
