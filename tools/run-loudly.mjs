// Runs a program with its output passed on as it comes and kept as well. A program that does not end in time is
// killed with everything it started, and so is one that is running when we are told to stop.

import { spawn } from 'node:child_process';

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, minutes: number }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runLoudly(program, args, options) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    /** @param {string} reason */
    const stop = (reason) => {
      console.error(`${program}: ${reason}`);
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    };
    const interrupt = () => {
      stop('interrupted');
      process.exit(130);
    };
    const timer = setTimeout(() => stop(`not finished after ${options.minutes} minutes`), options.minutes * 60_000);
    process.once('SIGINT', interrupt);
    process.once('SIGTERM', interrupt);
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk) => process.stderr.write(chunk));
    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 1));
  });
}
