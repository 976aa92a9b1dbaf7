// How the lists of an app are read: hosts, pages and paths, each exact or with one star.

/** Whether a host is in a list of hosts; `*.a.example` stands for all below `a.example`, not for itself. */
export const hostIsIn = (host: string, rules: readonly string[]): boolean => {
  const asked = host.toLowerCase();
  const name = asked.replace(/:\d+$/, '');
  return rules.some((rule) => matchesHost(rule, /:\d+$/.test(rule) ? asked : name));
};

/** Whether the origin of a page, as a browser says it, is in a list. */
export const pageIsIn = (page: string, rules: readonly string[]): boolean => {
  const [, scheme = '', host = ''] = /^(https?:\/\/)(.+)$/.exec(page.toLowerCase()) ?? [];
  return rules.some((rule) => {
    if (rule === page) return true;
    const [, ruleScheme = '', ruleHost = ''] = /^(https?:\/\/)(.+)$/.exec(rule) ?? [];
    return scheme !== '' && scheme === ruleScheme && matchesHost(ruleHost, host);
  });
};

/** Whether a path is in a list of paths; a star at the end stands for anything. */
export const pathIsIn = (path: string, rules: readonly string[]): boolean =>
  rules.some((rule) => (rule.endsWith('*') ? path.startsWith(rule.slice(0, -1)) : path === rule));

const matchesHost = (rule: string, host: string): boolean =>
  rule.startsWith('*.') ? host.endsWith(rule.slice(1)) && host.length > rule.length - 1 : host === rule;
