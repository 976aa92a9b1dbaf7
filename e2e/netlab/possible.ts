// Whether this machine has and allows what a network lab needs.

import { findProgram } from '../../tools/machine.mjs';
import { run } from './commands.ts';
import { NetLab } from './net-lab.ts';

const PROGRAMS = ['ip', 'nft', 'conntrack', 'sysctl', 'setpriv', 'dnsmasq', 'turnserver'] as const;

/** Why this machine can have no network lab; undefined when it can. */
export function whyNoLab(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces need Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = PROGRAMS.filter((program) => findProgram([program]) === undefined);
  if (missing.length > 0) return `missing: ${missing.join(', ')}`;
  let trial: NetLab | undefined;
  try {
    trial = new NetLab();
    const { host } = trial.home('symmetric');
    run('ip', ['netns', 'exec', host, 'mount', '--bind', '/dev/null', '/etc/resolv.conf']);
    return undefined;
  } catch (error) {
    return `network namespaces are not allowed here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    trial?.close();
  }
}
