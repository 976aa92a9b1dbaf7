// Options of rooms, live pushes, recordings and callbacks.

import { option, text, webUrl, whole } from './option-shapes.ts';
import { readText } from './option-values.ts';

/** A part of the table of options. */
export const BYPASS_OPTIONS = {
  bypass: option<string | undefined>({
    flags: ['--bypass'],
    value: '<file>',
    help: 'the customers whose publishers meet in rooms, as JSON, or embedded for an open one to try; no rooms unless given',
    fallback: undefined,
    wants: 'a file or embedded',
    read: readText,
  }),
  dataDir: text(
    ['--data-dir'],
    '<dir>',
    'directory for recordings, screenshots and callbacks that wait; without it nothing is recorded',
  ),
  publicUrl: webUrl(
    ['--public-url'],
    '<url>',
    'where viewers and customers reach this server, for the addresses it composes; the address it listens on unless given',
  ),
  recordMinutes: whole(['--record-minutes'], 'minutes after which a recording goes on in another file', {
    value: '<min>',
    fallback: 120,
    least: 1,
    most: 10_080,
  }),
  recordFreeMegabytes: whole(['--record-free-mb'], 'nothing is recorded while less than this is free on the disk', {
    value: '<MB>',
    fallback: 500,
    least: 0,
    most: 100_000_000,
  }),
} as const;
