/**
 * A log on the browser's console.
 */
import { formatEntry, type Log, type LogLevel } from './log.ts';

/** Writes every new entry down to a level on the console; returns how to stop. */
export const logToConsole = (log: Log, level: LogLevel = 'debug'): (() => void) =>
  log.subscribe((entry) => {
    // Not console.error: a page's own alarms listen there, and an entry is no error of the page.
    // biome-ignore lint/suspicious/noConsole: the one place that is about the console
    const write = entry.level === 'error' || entry.level === 'warn' ? console.warn : console.info;
    write.call(console, formatEntry(entry));
  }, level);
