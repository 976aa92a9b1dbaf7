#!/usr/bin/env node
// The command line: reads it, starts a server, says where it is, stops it on a signal.

import { readFileSync } from 'node:fs';
import { stderr, stdout } from 'node:process';
import { ShoalError } from '../../src/errors.ts';
import { systemClock } from './clock.ts';
import { helpText, readCommandLine } from './config.ts';
import { createServer } from './index.ts';
import { FileSink, makeLog, stderrSink } from './log.ts';
import type { ServerConfig } from './options.ts';

const BAD_CONFIG = 2;
const FAILED = 1;

const versionText = (): string => {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return `shoal-server ${(JSON.parse(text) as { version: string }).version}\n`;
};

const run = async (config: ServerConfig): Promise<void> => {
  const clock = systemClock();
  const sink = config.logDir === undefined ? stderrSink() : new FileSink(config.logDir);
  const server = await createServer(config, { clock, log: makeLog(sink, config.verbose, () => clock.wall()) });
  if (config.staticDir !== undefined) stdout.write(`page    ${server.url}/\n`);
  const names = Object.keys(config.sources).map((name) => `${server.url}${name}.flv`);
  const isOpen = config.upstream !== undefined || config.relays.length > 0;
  const usual = isOpen ? [`${server.url}/<path>/<name>.flv`] : [`${server.url}/live/demo.flv`];
  for (const name of names.length > 0 ? names : usual) stdout.write(`stream  ${name}\n`);
  const stop = (): void => {
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
};

try {
  const wish = readCommandLine(process.argv.slice(2));
  if (wish.kind === 'help') stdout.write(helpText());
  else if (wish.kind === 'version') stdout.write(versionText());
  else await run(wish.config);
} catch (cause) {
  const known = cause instanceof ShoalError;
  stderr.write(`${known ? cause.message : String(cause)}\n`);
  process.exitCode = known && cause.code === 'server/bad-config' ? BAD_CONFIG : FAILED;
}
