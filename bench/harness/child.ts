/**
 * Processes of a bench: forked, asked one thing at a time, gone with their parent.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../tools/files.ts';

/** A process that answers each message with one. */
export class Child {
  readonly #process: ChildProcess;

  /** `name`: bench and process, as in `origin/server`. */
  constructor(name: string) {
    this.#process = fork(`${projectRoot}/bench/${name}.process.ts`, {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Says something and waits for the answer. */
  async ask<T>(message: object): Promise<T> {
    const over = new AbortController();
    const gone = once(this.#process, 'exit', { signal: over.signal }).then(() => {
      throw new Error('a process of the bench has ended');
    });
    const answer = once(this.#process, 'message', { signal: over.signal });
    this.#process.send(message);
    try {
      const [value] = await Promise.race([answer, gone]);
      return value as T;
    } finally {
      gone.catch(() => undefined);
      answer.catch(() => undefined);
      over.abort();
    }
  }

  close(): void {
    this.#process.kill();
  }
}
