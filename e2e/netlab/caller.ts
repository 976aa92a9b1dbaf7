// Somebody without a browser in a home of the lab, who calls devices.

import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from '../fixtures/eventually.ts';
import type { Home } from './net-lab.ts';
import { inNamespace, stopped } from './residents.ts';

/** What it is told to do. */
export interface CallerOrder {
  readonly id: number;
  /** Call and ask for the state; or watch the live picture from then on. */
  readonly kind: 'call' | 'watch';
  readonly info: string;
}

/** What it says. */
export type CallerWord =
  | { readonly id: number; readonly kind: 'ready' }
  | { readonly id: number; readonly kind: 'state'; readonly state: string }
  | { readonly id: number; readonly kind: 'bytes'; readonly bytes: number }
  | {
      readonly id: number;
      readonly kind: 'done';
      readonly code: string;
      readonly detail: string;
      readonly ms: number;
    };

/** How a call went. */
export type CallOutcome = Extract<CallerWord, { kind: 'done' }>;

/** Longer than a call may take on any machine. */
const DONE_WITHIN_MS = 60_000;

/** See above. */
export class CallerAtHome {
  readonly home: Home;
  readonly words: CallerWord[] = [];
  readonly #child: ChildProcess;
  #orders = 0;
  #said = '';

  constructor(home: Home) {
    this.home = home;
    this.#child = inNamespace(home.host, process.execPath, ['--import', 'tsx', 'e2e/netlab/caller-host.ts']);
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
    void this.#listen();
  }

  /** Calls and says how it went. */
  async call(info: string): Promise<CallOutcome> {
    const id = this.#order('call', info);
    return eventually(
      `${this.home.host} has called (${this.#said})`,
      () => this.words.find((word): word is CallOutcome => word.id === id && word.kind === 'done'),
      DONE_WITHIN_MS,
    );
  }

  /** Begins to watch. */
  watch(info: string): number {
    return this.#order('watch', info);
  }

  /** The states of what is watched, so far. */
  states(id: number): readonly string[] {
    return this.words.flatMap((word) => (word.id === id && word.kind === 'state' ? [word.state] : []));
  }

  /** Bytes seen so far. */
  bytes(id: number): number {
    const last = this.words.findLast((word) => word.id === id && word.kind === 'bytes');
    return last?.kind === 'bytes' ? last.bytes : 0;
  }

  depart(): Promise<void> {
    return stopped(this.#child);
  }

  #order(kind: CallerOrder['kind'], info: string): number {
    const id = ++this.#orders;
    this.#child.stdin?.write(`${JSON.stringify({ id, kind, info })}\n`);
    return id;
  }

  async #listen(): Promise<void> {
    if (this.#child.stdout === null) return;
    for await (const line of createInterface(this.#child.stdout)) this.words.push(JSON.parse(line) as CallerWord);
  }
}
