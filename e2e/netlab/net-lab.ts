// A small internet in network namespaces: one for its servers, and for every home one for the router and one for the
// host behind it. Nothing of it is visible from outside, and all of it is gone after the test, whatever happens.

import { readdirSync } from 'node:fs';
import { run, runGently } from './commands.ts';
import { type RouterKind, rulesOf } from './nat-rules.ts';

/** Addresses of the servers, from a block that is set aside for examples. */
export const INTERNET = ['203.0.113.1', '203.0.113.2'] as const;

/** A home on the internet: a router, and one host behind it. */
export class Home {
  readonly host: string;
  readonly #router: string;
  readonly #number: number;
  #moves = 0;
  #kind: RouterKind;

  constructor(prefix: string, number: number, kind: RouterKind) {
    this.host = `${prefix}host${number}`;
    this.#router = `${prefix}router${number}`;
    this.#number = number;
    this.#kind = kind;
  }

  /** The router's address on the internet; it has several in stock. */
  get address(): string {
    return `203.0.113.${this.#number * 20 + this.#moves}`;
  }

  build(internet: string): void {
    const { host } = this;
    const router = this.#router;
    const inside = `10.0.${this.#number}`;
    for (const name of [router, host]) makeNamespace(name);
    inNamespace(internet, [
      'link',
      'add',
      `home${this.#number}`,
      'type',
      'veth',
      'peer',
      'name',
      'wan',
      'netns',
      router,
    ]);
    inNamespace(internet, ['link', 'set', `home${this.#number}`, 'master', 'middle', 'up']);
    for (let move = 0; move < MOVES; move++) {
      inNamespace(router, ['address', 'add', `203.0.113.${this.#number * 20 + move}/24`, 'dev', 'wan']);
    }
    inNamespace(router, ['link', 'set', 'wan', 'up']);
    inNamespace(router, ['route', 'add', 'default', 'via', INTERNET[0]]);
    inNamespace(router, ['link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', host]);
    inNamespace(router, ['address', 'add', `${inside}.1/24`, 'dev', 'lan']);
    inNamespace(router, ['link', 'set', 'lan', 'up']);
    inNamespace(host, ['address', 'add', `${inside}.2/24`, 'dev', 'lan']);
    inNamespace(host, ['link', 'set', 'lan', 'up']);
    inNamespace(host, ['route', 'add', 'default', 'via', `${inside}.1`]);
    run('ip', ['netns', 'exec', router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    // For routers that translate nothing.
    inNamespace(internet, ['route', 'add', `${inside}.0/24`, 'via', this.address]);
    this.become(this.#kind);
  }

  /** Another router, or the same one set up otherwise; what it remembers of connections is gone. */
  become(kind: RouterKind): void {
    this.#kind = kind;
    const rules = rulesOf(kind, { outside: this.address, inside: `10.0.${this.#number}.2` });
    run('ip', ['netns', 'exec', this.#router, 'nft', '-f', '-'], rules);
    runGently('ip', ['netns', 'exec', this.#router, 'conntrack', '-F']);
  }

  /** The provider gives the home its next address, as after a forced reconnect. */
  move(): void {
    this.#moves = (this.#moves + 1) % MOVES;
    this.become(this.#kind);
  }

  /** Pulls the host's cable. */
  unplug(): void {
    inNamespace(this.host, ['link', 'set', 'lan', 'down']);
  }

  /** Puts it back. */
  plug(): void {
    inNamespace(this.host, ['link', 'set', 'lan', 'up']);
    inNamespace(this.host, ['route', 'add', 'default', 'via', `10.0.${this.#number}.1`]);
  }

  demolish(): void {
    for (const name of [this.host, this.#router]) removeNamespace(name);
  }
}

/** See above. */
export class NetLab {
  readonly internet: string;
  readonly #prefix: string;
  readonly #homes: Home[] = [];
  readonly #atExit = (): void => this.close();
  readonly #atSignal = (signal: NodeJS.Signals): void => {
    this.close();
    process.kill(process.pid, signal);
  };

  constructor() {
    sweep();
    labs += 1;
    this.#prefix = `shoal-${process.pid}-${labs}-`;
    this.internet = `${this.#prefix}internet`;
    process.on('exit', this.#atExit);
    for (const signal of DEADLY) process.on(signal, this.#atSignal);
    try {
      makeNamespace(this.internet);
      inNamespace(this.internet, ['link', 'add', 'middle', 'type', 'bridge']);
      for (const address of INTERNET) inNamespace(this.internet, ['address', 'add', `${address}/24`, 'dev', 'middle']);
      inNamespace(this.internet, ['link', 'set', 'middle', 'up']);
      run('ip', ['netns', 'exec', this.internet, 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Builds a home behind a router of this kind. */
  home(kind: RouterKind): Home {
    const home = new Home(this.#prefix, this.#homes.length + 1, kind);
    this.#homes.push(home);
    home.build(this.internet);
    return home;
  }

  /** Takes everything down, also what still runs inside; safe to call twice. */
  close(): void {
    process.off('exit', this.#atExit);
    for (const signal of DEADLY) process.off(signal, this.#atSignal);
    for (const home of this.#homes.splice(0)) home.demolish();
    removeNamespace(this.internet);
  }
}

const DEADLY = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const MOVES = 4;
const NAMESPACES = '/run/netns';
let labs = 0;

function makeNamespace(name: string): void {
  run('ip', ['netns', 'add', name]);
  inNamespace(name, ['link', 'set', 'lo', 'up']);
}

function inNamespace(name: string, args: readonly string[]): void {
  run('ip', ['-n', name, ...args]);
}

/** Takes down what a run left that was killed before it could do so itself. */
function sweep(): void {
  for (const name of namespaces()) {
    const pid = Number(/^shoal-(\d+)-/.exec(name)?.[1]);
    if (Number.isInteger(pid) && !isAlive(pid)) removeNamespace(name);
  }
}

/** Ends what runs in a namespace of ours, which would keep it, and removes it. */
function removeNamespace(name: string): void {
  if (!namespaces().includes(name)) return;
  for (const pid of run('ip', ['netns', 'pids', name]).split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
  runGently('ip', ['netns', 'del', name]);
}

/** Names of all namespaces of this machine; none where there never was one. */
export function namespaces(): readonly string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
