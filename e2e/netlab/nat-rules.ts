// Routers in the words of nftables. All but the open one translate on the way out of `wan`; they differ in how a port is
// chosen and in what they let in.

/**
 * What a home's router does. `full` is a cone that lets everybody in, `cone` only those who were written to; `open`
 * translates nothing.
 */
export type RouterKind = 'open' | 'full' | 'cone' | 'symmetric' | 'blocked';

/** Where the router stands. */
export interface RouterPlace {
  /** Its address on the internet, and that of the one host behind it. */
  readonly outside: string;
  readonly inside: string;
}

/** The whole ruleset of a router. */
export function rulesOf(kind: RouterKind, place: RouterPlace): string {
  return [
    'flush ruleset',
    ...(kind === 'open' ? [] : [`table ip home {\n${chainsOf(kind, place).join('\n')}\n}`]),
  ].join('\n');
}

function chainsOf(kind: RouterKind, { outside, inside }: RouterPlace): readonly string[] {
  const port = kind === 'symmetric' ? ' fully-random' : '';
  const leaving = chain(
    'leaving',
    'type nat hook postrouting priority srcnat',
    `oifname "wan" snat to ${outside}${port}`,
  );
  const arriving = chain(
    'arriving',
    'type nat hook prerouting priority dstnat',
    `iifname "wan" meta l4proto udp dnat to ${inside}`,
  );
  // Before NAT looks at it: a stranger's packet would otherwise leave an entry that takes the port from the host.
  const strangers = chain('strangers', 'type filter hook prerouting priority -150', 'iifname "wan" ct state new drop');
  const passing = chain('passing', 'type filter hook forward priority filter', 'meta l4proto udp drop');
  return [leaving, kind === 'full' ? arriving : strangers, ...(kind === 'blocked' ? [passing] : [])];
}

const chain = (name: string, hook: string, rule: string): string => `chain ${name} {\n${hook};\n${rule}\n}`;
